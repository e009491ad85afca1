import type { Promotion } from '../../artifact.ts';
import type { Judged, Outcome } from './contest.ts';

/** Why a version serves that passed no gate. */
export const unproven = 'nothing is proven yet, and a baseline is better than none';

/** What an artifact says of the contest that it goes into service by. `champion` served until then. */
export function promotionOf(winner: Judged, { judged }: Outcome, champion: string | undefined): Promotion {
  const { challenge, verdict } = winner;
  const { overChampion, overBaselines } = challenge.recent;
  const skills = { ...(overChampion && { champion: overChampion }), ...overBaselines };
  return {
    champion,
    reasons: verdict.promote ? verdict.reasons : [unproven],
    skill: Object.fromEntries(Object.entries(skills).map(([name, { value }]) => [name, value])),
    others: judged
      .filter((one) => one !== winner)
      .map(({ challenge: { network }, verdict: { promote, reasons } }) => ({ network, promote, reasons })),
  };
}
