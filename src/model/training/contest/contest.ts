import type { Artifact } from '../../artifact.ts';
import { baselineNames } from '../../baselines/baseline.ts';
import type { LstmBody } from '../../lstm-artifact.ts';
import { reportOf } from '../backtest/report.ts';
import { type Backtest, type BacktestOptions, runBacktest } from '../backtest/run.ts';
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
  /** The challenger that goes into service: of those that pass, the one with the greatest skill on the recent hold-out. */
  readonly winner?: Judged | undefined;
}

/**
 * Fits the challengers on what precedes the recent hold-out, without the older one, and judges each beside the champion
 * and the plain baselines on both. What is judged is what is promoted: nothing is fitted again on what it was judged on.
 */
export async function contest(all: readonly Series[], options: ContestOptions): Promise<Outcome> {
  const holdOuts = holdOutsOf(all, options.recentShare);
  const learnable = withoutOlder(all, holdOuts);
  const fitted = new Map<string, Artifact>();
  const recipes = [...options.challengers, ...baselinesBeside(options.challengers)].map((recipe) =>
    remembered(recipe, fitted, options.keep),
  );
  const recent = await run(learnable, holdOuts.recent, recipes, options);
  const known = [...fitted].map(([name, artifact]) => asIs(name, artifact));
  const older: Backtest[] = [];
  for (const span of holdOuts.older) older.push(await run(all, inside(span, options), known, options));
  const judged = options.challengers.map(({ name }): Judged => {
    const challenge = challengeOf(name, all, recent, older, holdOuts, recipes, fitted.get(name)!, options);
    return { challenge, verdict: judge(challenge), artifact: fitted.get(name)! };
  });
  return { holdOuts, judged, winner: bestOf(judged) };
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

/** Fits once, or takes what an earlier run has fitted. */
const remembered = (
  recipe: Recipe,
  fitted: Map<string, Artifact>,
  keep: ArtifactKeep | undefined,
): Recipe => ({
  name: recipe.name,
  fit: async (series, options) => {
    const known = await keep?.get(recipe.name);
    const artifact = known ?? (await recipe.fit(series, options));
    if (!known) await keep?.put(recipe.name, artifact);
    fitted.set(recipe.name, artifact);
    return artifact;
  },
});

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
  name: string,
  all: readonly Series[],
  recent: Backtest,
  older: readonly Backtest[],
  { recent: span }: HoldOuts,
  recipes: readonly Recipe[],
  artifact: Artifact,
  options: ContestOptions,
): Challenge {
  const { spikes } = reportOf(all, recent, { ...options, ...span, origins: 1, recipes });
  const baselines = [...baselineNames];
  return {
    network: name,
    recent: standingOf(recent.samples, spikes, name, baselines, options.seed),
    older: standingOf(
      older.flatMap(({ samples }) => samples),
      [],
      name,
      baselines,
      options.seed,
    ),
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
