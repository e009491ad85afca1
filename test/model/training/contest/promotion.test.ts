import test from 'ava';
import type { Judged, Outcome } from '../../../../src/model/training/contest/contest.ts';
import type { Challenge, Standing } from '../../../../src/model/training/contest/gate.ts';
import { promotionOf, unproven } from '../../../../src/model/training/contest/promotion.ts';
import { artifactOf } from '../../samples.ts';

const standing: Standing = {
  samples: 900,
  weeks: 5,
  overChampion: { value: 0.1, low: 0.04, high: 0.16 },
  overBaselines: { persistence: { value: 0.3 } },
  alarms: { challenger: { all: 0, false: 0, missed: 0 } },
};
const judged = (network: string, promote: boolean, recent = standing): Judged => ({
  challenge: { network, recent, older: standing, deadHeads: {} } satisfies Challenge,
  verdict: { promote, reasons: [`${network} for these reasons`] },
  artifact: artifactOf(),
});
const outcome = (...all: Judged[]): Outcome => ({
  holdOuts: { recent: { from: 0, until: 1 }, older: [] },
  judged: all,
  failed: new Map(),
});

test('a promotion says over whom, why, by how much, and what became of the others', (t) => {
  const [winner, loser] = [judged('ridge', true), judged('climatology', false)];
  t.deepEqual(promotionOf(winner, outcome(loser, winner), 'abc'), {
    champion: 'abc',
    reasons: ['ridge for these reasons'],
    skill: { champion: 0.1, persistence: 0.3 },
    others: [{ network: 'climatology', promote: false, reasons: ['climatology for these reasons'] }],
  });
});

test('what serves for want of anything better says so', (t) => {
  const only = judged('persistence', false, { ...standing, overChampion: undefined, overBaselines: {} });
  const promotion = promotionOf(only, outcome(only), undefined);
  t.deepEqual(promotion, { champion: undefined, reasons: [unproven], skill: {}, others: [] });
});
