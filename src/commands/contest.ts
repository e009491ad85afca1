import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { epochsOf } from '../calibration.ts';
import type { Config } from '../config/schema.ts';
import { type Artifact, type Manifest, reseal } from '../model/artifact.ts';
import { baselineNames } from '../model/baselines/baseline.ts';
import { fileArtifactStore } from '../model/file-artifact-store.ts';
import type { TrainedBy } from '../model/lstm-backend.ts';
import { pruneCandidates } from '../model/prune-folder.ts';
import { publicKeyOf } from '../model/signature.ts';
import type { Sighting } from '../model/training/backtest/sightings.ts';
import { type ArtifactKeep, contest, type Judged, type Outcome } from '../model/training/contest/contest.ts';
import { promotionOf } from '../model/training/contest/promotion.ts';
import { gather, hashOf, type Series } from '../model/training/dataset.ts';
import { deploymentsOf } from '../model/training/deployments.ts';
import type { Recipe } from '../model/training/recipe.ts';
import { recipeNames, recipeOf } from '../model/training/recipe-table.ts';
import { sensorsOf } from '../model/training/train.ts';
import { planOf, settingsOf } from '../plan.ts';
import { type Champion, championIn } from './champion.ts';
import { exit, flag, type Io, UsageError, type Values } from './command.ts';
import { stepsOf } from './history.ts';
import { placesOf } from './places.ts';
import { sightingsOf, withoutCounts } from './sightings.ts';
import { keyOf, settingsFor, trainerOf, variablesOf } from './train.ts';

/** A decision as the ledger of the trainer keeps it. */
export interface Decision {
  /** What trained LSTMs, and why it was taken; a manifest says for its own whether a GPU did. */
  readonly trainer?: TrainedBy & { readonly reason: string };
  /** The version that served, and why it could not be judged, where that is so. */
  readonly champion: string | undefined;
  readonly championRefused?: string | undefined;
  readonly promoted: { readonly id: string; readonly network: string } | undefined;
  readonly holdOuts: Outcome['holdOuts'];
  /** What people found out about the time of the recent hold-out: how often a spike, and how often none. */
  readonly sightings: { readonly found: number; readonly refuted: number };
  /** Candidates that could not be fitted, and why. */
  readonly failed: Readonly<Record<string, string>>;
  readonly challengers: readonly {
    readonly id: string;
    readonly network: string;
    readonly promote: boolean;
    readonly reasons: readonly string[];
    readonly recent: unknown;
    readonly older: unknown;
  }[];
}

/**
 * One run of the retrainer: fits the candidates on the store's history, judges them beside the model in service and the
 * plain baselines, and publishes the winner, if there is one. Says the decision as one line of JSON. Exit code 3 where
 * the champion stays.
 */
export async function holdContest(config: Config, values: Values, io: Io): Promise<number> {
  const { retrain, stream, model } = config;
  const choose = () => trainerOf(config, values, retrain.networks);
  // Before years of history are read; where none is required, a driver says nothing before there is something to train.
  const required = flag(values, 'require-gpu') ? await choose() : undefined;
  const { primarySensor, deployment } = settingsOf(planOf(config, []));
  const steps = await stepsOf(config, values, io);
  const learned = withoutCounts(steps, config);
  const gathered = await gather(learned, stream.step, primarySensor);
  const series = deploymentsOf(gathered, epochsOf(config.stations).breaksOf);
  if (series.length === 0) throw new Error('the store holds no step means yet; train when there is history');
  const trusted = model.trusted.map(publicKeyOf);
  const artifacts = fileArtifactStore(model.folder, { trusted, signing: keyOf({}, config) });
  const { backend, reason } = required ?? (await choose());
  const champion = await championIn(artifacts, { coverage: model.coverage, backend });
  const challengers = candidatesOf(config);
  const candidates = keepOf(join(retrain.data, 'candidates'), series, config, backend.hardware);
  const sightings = await sightingsOf(config, steps);
  const outcome = await contest(series, {
    sightings,
    challengers,
    champion: champion.artifact,
    members: champion.members,
    recentShare: retrain.recent,
    keep: candidates,
    settings: (name) => settingsFor(name, asValues(retrain)),
    variables: variablesOf(learned, config, values),
    step: stream.step,
    lookback: stream.lookback,
    horizons: model.horizons,
    coverage: model.coverage,
    seed: retrain.seed,
    places: await placesOf(config, values),
    threads: availableParallelism(),
    backend,
    signal: io.signal,
  });
  const best = outcome.winner ?? (champion.artifact ? undefined : fallbackOf(outcome));
  const winner =
    best && asServed(best, outcome, champion.id, deployment && sensorsOf(best.artifact, series, deployment));
  const now = await artifacts.current();
  const stays = now === champion.id;
  // What came while this thread was at work is heard first: a signal, or that the trainer is gone.
  await setImmediate();
  io.signal.throwIfAborted();
  if (winner && stays) await artifacts.publish(winner);
  await candidates.prune();
  const trainer = { name: backend.name, hardware: backend.hardware, reason };
  const decision = decisionOf(outcome, champion, stays ? winner : undefined, sightings);
  io.out.write(`${JSON.stringify({ trainer, ...decision })}\n`);
  if (winner && !stays)
    throw new Error(
      `${now} was put into service while this run judged beside ${champion.id ?? 'none'}; the next run will judge beside it`,
    );
  return winner ? exit.ok : exit.refused;
}

/** Where nothing serves yet there is nothing to make worse: persistence, whatever is proven of it. */
const fallbackOf = ({ judged }: Outcome): Judged | undefined =>
  judged.find(({ challenge }) => challenge.network === 'persistence');

/** The configured networks, then the plain baselines: a baseline is a model too. */
function candidatesOf({ retrain }: Config): Recipe[] {
  return [...new Set([...retrain.networks, ...baselineNames])].map((name) => {
    const recipe = recipeOf(name);
    if (!recipe) throw new UsageError(`retrain/networks: ${name} is none of ${recipeNames.join(', ')}`);
    return recipe;
  });
}

const asValues = ({ epochs, learningRate }: Config['retrain']): Values => ({
  ...(epochs !== undefined && { epochs: `${epochs}` }),
  ...(learningRate !== undefined && { 'learning-rate': `${learningRate}` }),
});

/** With the sensors that it was trained on, and why it serves. */
function asServed(
  best: Judged,
  outcome: Outcome,
  champion: string | undefined,
  sensors: Manifest['sensors'],
): Artifact {
  const { manifest, weights } = best.artifact;
  const promotion = promotionOf(best, outcome, champion);
  return reseal(manifest, { ...(sensors && { sensors }), promotion }, weights);
}

/** What was fitted on the same data by the same settings need not be fitted again: a run that was killed goes on. */
function keepOf(
  folder: string,
  series: readonly Series[],
  { retrain, stream, model }: Config,
  hardware: TrainedBy['hardware'],
): ArtifactKeep & { prune(): Promise<void> } {
  const about = JSON.stringify([
    hashOf(series),
    retrain.seed,
    retrain.epochs,
    retrain.learningRate,
    stream,
    model.horizons,
    ...(hardware ? [hardware] : []),
  ]);
  const used = new Set<string>();
  const place = (name: string) => {
    const own = createHash('sha256').update(about).update(name).digest('hex').slice(0, 16);
    used.add(own);
    return join(folder, own);
  };
  mkdirSync(folder, { recursive: true });
  return {
    get: async (name) => {
      const store = fileArtifactStore(place(name));
      const id = await store.current();
      return id === undefined ? undefined : store.read(id).catch(() => undefined);
    },
    put: (name, artifact) => fileArtifactStore(place(name)).publish(artifact),
    prune: () => pruneCandidates(folder, { used, newest: model.keep, now: Date.now() }),
  };
}

function within(sightings: readonly Sighting[], { from, until }: Outcome['holdOuts']['recent']) {
  const judged = sightings.filter((one) => one.from < until && one.to > from);
  const found = judged.filter((one) => one.found).length;
  return { found, refuted: judged.length - found };
}

const decisionOf = (
  { judged, failed, holdOuts }: Outcome,
  champion: Champion,
  winner: Artifact | undefined,
  sightings: readonly Sighting[],
): Decision => ({
  champion: champion.id,
  championRefused: champion.refused,
  promoted: winner && { id: winner.manifest.id, network: winner.manifest.network },
  holdOuts,
  sightings: within(sightings, holdOuts.recent),
  failed: Object.fromEntries(failed),
  challengers: judged.map(({ challenge, verdict, artifact }) => ({
    id: artifact.manifest.id,
    network: challenge.network,
    ...verdict,
    recent: challenge.recent,
    older: challenge.older,
  })),
});
