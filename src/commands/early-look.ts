import type { Config } from '../config/schema.ts';
import { fileArtifactStore } from '../model/file-artifact-store.ts';
import { membersOf } from '../model/line-up/line-up.ts';
import { publicKeyOf } from '../model/signature.ts';
import type { Run, RunDecision } from '../model/training/due.ts';
import { decideEarly, evidenceFrom, tallyOf, tooSoon } from '../model/training/early.ts';
import type { Decision } from './contest.ts';
import { historyOf } from './shore.ts';

/** Asks the store how the model in service has done since the last run, and whether that calls for one now. */
export async function lookEarly(
  config: Config,
  runs: readonly Run[],
  attempts: number,
  now: number,
): Promise<RunDecision> {
  const [last] = runs;
  const policy = { ...config.retrain.early, attempts };
  const wait = tooSoon(last, policy, now);
  if (wait !== undefined) return { wait };
  const current = await modelsInService(config);
  if (!current) return { wait: 'no model is in service' };
  const { store, close } = historyOf(config);
  try {
    const tallies = await tallyOf(store, current.models, { from: evidenceFrom(last, now), to: now });
    return decideEarly({ tallies, promised: promisedSkill(runs, current.id), last }, policy, now);
  } finally {
    await close();
  }
}

/** The current version, and the names under which its forecasts are verified: a line-up's are its members'. */
async function modelsInService({ model }: Config) {
  const artifacts = fileArtifactStore(model.folder, { trusted: model.trusted.map(publicKeyOf) });
  const id = await artifacts.current();
  if (id === undefined) return undefined;
  return { id, models: new Set([id, ...membersOf(await artifacts.read(id))]) };
}

/** Of the run that promoted it. */
function promisedSkill(runs: readonly Run[], id: string): number | undefined {
  const decisions = runs.map(({ decision }) => decision as Decision | undefined);
  const own = decisions.find((decision) => decision?.promoted?.id === id);
  const judged = own?.challengers.find(({ network }) => network === own.promoted?.network);
  return (judged?.recent as Recent | undefined)?.overBaselines['persistence']?.value;
}

type Recent = { readonly overBaselines: Readonly<Record<string, { readonly value: number }>> };
