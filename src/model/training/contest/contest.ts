import type { Artifact } from '../../artifact.ts';
import { baselineNames } from '../../baselines/baseline.ts';
import type { LstmBody } from '../../lstm-artifact.ts';
import { foldsOf } from '../backtest/folds.ts';
import { reportOf, type SpikeReport } from '../backtest/report.ts';
import { type Backtest, type BacktestOptions, runBacktest, trainingPart } from '../backtest/run.ts';
import { baselineRecipe } from '../baseline-recipe.ts';
import type { Series } from '../dataset.ts';
import type { Recipe } from '../recipe.ts';
import { type Challenge, judge, type Verdict } from './gate.ts';
import { type HoldOuts, holdOutsOf, type Span, withoutOlder } from './hold-outs.ts';
import { champion, standingOf } from './standing.ts';

export interface ContestOptions extends Omit<BacktestOptions, 'recipes' | 'from' | 'until' | 'origins'> {
  /** The candidates, in the order in which they are preferred where several pass. */
  readonly challengers: readonly Recipe[];
  /** The model in service, as it is. */
  readonly champion?: Artifact | undefined;
  /** Share of the history that is the recent hold-out. */
  readonly recentShare: number;
  /** Keeps what was fitted, so that a run that was killed goes on with it. */
  readonly keep?: ArtifactKeep | undefined;
}

/** Fitted candidates by name. */
export interface ArtifactKeep {
  get(name: string): Promise<Artifact | undefined>;
  put(name: string, artifact: Artifact): Promise<void>;
}

export interface Judged {
  readonly challenge: Challenge;
  readonly verdict: Verdict;
  readonly artifact: Artifact;
}

export interface Outcome {
  readonly holdOuts: HoldOuts;
  readonly judged: readonly Judged[];
  /** Candidates that could not be fitted on this history, and why. */
  readonly failed: ReadonlyMap<string, string>;
  /** The challenger that goes into service: of those that pass, the one with the greatest skill on the recent hold-out. */
  readonly winner?: Judged | undefined;
}

/**
 * Fits the challengers on what precedes the recent hold-out, without the older one, and judges each beside the champion
 * and the plain baselines on both. What is judged is what is promoted: nothing is fitted again on what it was judged on.
 */
export async function contest(all: readonly Series[], options: ContestOptions): Promise<Outcome> {
  const holdOuts = holdOutsOf(all, options.recentShare);
  const [fold] = foldsOf({ ...options, ...holdOuts.recent, origins: 1 });
  const training = trainingPart(withoutOlder(all, holdOuts), fold!.trainUntil);
  const { fitted, failed } = await fitAll(training, options);
  const known = [...fitted].map(([name, artifact]) => asIs(name, artifact));
  const recent = await run(all, holdOuts.recent, known, options);
  const older: Backtest[] = [];
  for (const span of holdOuts.older) older.push(await run(all, inside(span, options), known, options));
  const { spikes } = reportOf(all, recent, { ...options, ...holdOuts.recent, origins: 1, recipes: known });
  const judged = options.challengers.flatMap(({ name }): Judged[] => {
    const artifact = fitted.get(name);
    if (!artifact) return [];
    const challenge = challengeOf(artifact, name, recent, older, spikes, options.seed);
    return [{ challenge, verdict: judge(challenge), artifact }];
  });
  return { holdOuts, judged, failed, winner: bestOf(judged) };
}

/** What can't be fitted on this history is no candidate, and keeps no other from being one. */
async function fitAll(training: readonly Series[], options: ContestOptions) {
  const fitted = new Map<string, Artifact>();
  const failed = new Map<string, string>();
  for (const recipe of [...options.challengers, ...baselinesBeside(options.challengers)]) {
    options.signal?.throwIfAborted();
    try {
      const known = await options.keep?.get(recipe.name);
      const settings = options.settings?.(recipe.name);
      const artifact =
        known ?? (await recipe.fit(training, { ...options, onProgress: undefined, ...settings }));
      if (!known) await options.keep?.put(recipe.name, artifact);
      fitted.set(recipe.name, artifact);
    } catch (error) {
      if (options.signal?.aborted) throw error;
      failed.set(recipe.name, (error as Error).message);
    }
  }
  return { fitted, failed };
}

const bestOf = (judged: readonly Judged[]): Judged | undefined =>
  judged
    .filter(({ verdict }) => verdict.promote)
    .toSorted((a, b) => skillOn(b) - skillOn(a))
    .at(0);

/** Over persistence, which all have in common. */
const skillOn = ({ challenge }: Judged) => challenge.recent.overBaselines['persistence']?.value ?? 0;

const baselinesBeside = (challengers: readonly Recipe[]): Recipe[] =>
  baselineNames.filter((name) => !challengers.some((own) => own.name === name)).map(baselineRecipe);

/** An artifact that is judged as it is. */
const asIs = (name: string, artifact: Artifact): Recipe => ({ name, fit: async () => artifact });

function run(
  all: readonly Series[],
  span: Span,
  recipes: readonly Recipe[],
  options: ContestOptions,
): Promise<Backtest> {
  const own = options.champion ? [asIs(champion, options.champion)] : [];
  return runBacktest(all, { ...options, ...span, origins: 1, recipes: [...own, ...recipes] });
}

/** Forecasts whose window lies within the span too: the values before it were learned from. */
const inside = ({ from, until }: Span, { lookback, step }: ContestOptions): Span => ({
  from: from + lookback * step,
  until,
});

function challengeOf(
  artifact: Artifact,
  name: string,
  recent: Backtest,
  older: readonly Backtest[],
  spikes: readonly SpikeReport[],
  seed: number,
): Challenge {
  const olderSamples = older.flatMap(({ samples }) => samples);
  return {
    network: name,
    recent: standingOf(recent.samples, spikes, name, baselineNames, seed),
    older: standingOf(olderSamples, [], name, baselineNames, seed),
    deadHeads: deadHeadsOf(artifact),
  };
}

function deadHeadsOf({ manifest }: Artifact): Record<string, readonly number[]> {
  const body = manifest.body as Partial<LstmBody> | null;
  const heads = manifest.variables.map(
    ({ name }, i) => [name, body?.variables?.[i]?.training?.deadHeads ?? []] as const,
  );
  return Object.fromEntries(heads);
}
