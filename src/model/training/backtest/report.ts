import { baselineNames } from '../../baselines/baseline.ts';
import type { LstmBody } from '../../lstm-artifact.ts';
import { between, type Series } from '../dataset.ts';
import { gridsOf } from '../station-grid.ts';
import { type Skill, skillOf, weeksOf } from './bootstrap.ts';
import { criteriaOf } from './criteria.ts';
import { type LagTest, lagTest } from './lag-test.ts';
import { bias, mae, rmse, scaleOf, squaredErrors } from './point-scores.ts';
import { type PooledReport, pooledOf } from './pooled.ts';
import { type QuantileScores, quantileScores } from './quantile-scores.ts';
import { type Backtest, type BacktestOptions, type Round, trainingPart } from './run.ts';
import { quantileColumn, type Samples, scoredAt } from './samples.ts';
import { asServed } from './served.ts';
import type { Sighting } from './sightings.ts';
import { countSpikes, recordOf, type SpikeRecord, type SpikeScores, spikeScores } from './spikes.ts';

/** Resamples of the weeks. */
const draws = 1000;

/** One forecaster at one horizon. Everything is in the variable's unit. */
export interface Scores extends QuantileScores {
  readonly rmse: number;
  readonly mae: number;
  /** Mean absolute error over that of persistence in the training part; null where that is not known. */
  readonly mase: number | null;
  readonly bias: number;
  /** By reference: each baseline but itself. */
  readonly skill: Readonly<Record<string, Skill>>;
  readonly lag: LagTest | null;
  /** Of networks: the quantiles as an edge would have issued them, calibrated on the errors known by then. */
  readonly served?: QuantileScores | undefined;
}

export interface HorizonReport {
  readonly horizon: number;
  readonly samples: number;
  readonly forecasters: Readonly<Record<string, Scores>>;
}

export interface VariableReport {
  readonly station: string;
  readonly variable: string;
  readonly unit: string;
  readonly horizons: readonly HorizonReport[];
}

/** The stations together: spikes are few. */
export interface SpikeReport {
  readonly variable: string;
  readonly criterion: string;
  /** By station, in the variable's unit. */
  readonly thresholds: Readonly<Record<string, number>>;
  readonly horizons: readonly {
    readonly horizon: number;
    readonly forecasters: Readonly<Record<string, SpikeScores>>;
  }[];
}

/** How a network was trained at one origin, for those that say so. */
export interface TrainingReport {
  readonly network: string;
  readonly variable: string;
  readonly losses: readonly number[];
  /** Outputs, from 0, that are 0 for every training window. */
  readonly deadHeads: readonly number[];
}

export interface Report {
  readonly format: 'redtide.backtest/1';
  readonly settings: {
    readonly variables: readonly string[];
    readonly step: number;
    readonly lookback: number;
    readonly horizons: readonly number[];
    readonly coverage: number;
    readonly seed: number;
    readonly from: string;
    readonly until: string;
  };
  readonly networks: readonly string[];
  readonly baselines: readonly string[];
  readonly levels: readonly number[];
  readonly origins: readonly {
    readonly trainUntil: string;
    readonly from: string;
    readonly until: string;
    readonly models: Readonly<Record<string, string>>;
    readonly training: readonly TrainingReport[];
  }[];
  readonly scores: readonly VariableReport[];
  /** Of variables with several stations. */
  readonly pooled: readonly PooledReport[];
  readonly spikes: readonly SpikeReport[];
}

/** Everything that is scored, as plain data: the same back-test gives the same report. */
export function reportOf(
  all: readonly Series[],
  { rounds, samples }: Backtest,
  options: BacktestOptions,
): Report {
  const known = all.map((series) => between(series, Number.NEGATIVE_INFINITY, options.until));
  const training = trainingPart(known, rounds[0]!.trainUntil);
  const names = options.recipes.map(({ name }) => name);
  return {
    format: 'redtide.backtest/1',
    settings: {
      variables: options.variables.map(({ name }) => name),
      step: options.step,
      lookback: options.lookback,
      horizons: options.horizons,
      coverage: options.coverage,
      seed: options.seed,
      from: iso(options.from),
      until: iso(options.until),
    },
    networks: names.filter((name) => !isBaseline(name)),
    baselines: names.filter(isBaseline),
    levels: samples[0]?.levels ?? [],
    origins: rounds.map(originOf),
    scores: samples.map((own) => variableReport(own, training, options)),
    pooled: options.variables.flatMap(
      ({ name, unit }) =>
        pooledOf(
          samples.filter(({ variable }) => variable === name),
          unit,
          options.seed,
        ) ?? [],
    ),
    spikes: options.variables.flatMap(({ name }) =>
      spikeReports(
        samples.filter(({ variable }) => variable === name),
        known,
        training,
        options.sightings,
      ),
    ),
  };
}

const iso = (time: number) => new Date(time).toISOString();

const originOf = ({ trainUntil, from, until, artifacts }: Round) => ({
  trainUntil: iso(trainUntil),
  from: iso(from),
  until: iso(until),
  models: Object.fromEntries([...artifacts].map(([name, { manifest }]) => [name, manifest.id])),
  training: [...artifacts].flatMap(([network, { manifest }]) => {
    const body = manifest.body as Partial<LstmBody> | null;
    return manifest.variables.flatMap(({ name }, i): TrainingReport[] => {
      const own = body?.variables?.[i]?.training;
      return own?.losses && own.deadHeads
        ? [{ network, variable: name, losses: own.losses, deadHeads: own.deadHeads }]
        : [];
    });
  }),
});

/** The station's own training part, or all stations' where it has none. */
function trainingOf(training: readonly Series[], { station, variable }: Samples): Series[] {
  const same = training.filter((series) => series.variable === variable);
  const own = same.filter((series) => series.station === station);
  return own.length > 0 ? own : same;
}

function variableReport(
  samples: Samples,
  training: readonly Series[],
  options: BacktestOptions,
): VariableReport {
  const { station, variable, horizons } = samples;
  const own = trainingOf(training, samples);
  const served = servedSamples(samples, options.settling ?? 0);
  return {
    station,
    variable,
    unit: options.variables.find(({ name }) => name === variable)!.unit,
    horizons: horizons.map((horizon, h) => {
      const unit = scaleOf(own, horizon);
      return { horizon, ...scoresAt(samples, served, h, unit, options.seed) };
    }),
  };
}

const isBaseline = (name: string) => baselineNames.some((own) => own === name);

function servedSamples(samples: Samples, settling: number): Samples {
  const networks = [...samples.said.keys()].filter((name) => !isBaseline(name));
  return { ...samples, said: new Map(networks.map((name) => [name, asServed(samples, name, settling)])) };
}

function scoresAt(
  samples: Samples,
  served: Samples,
  h: number,
  unit: number,
  seed: number,
): Omit<HorizonReport, 'horizon'> {
  const scored = scoredAt(samples, h);
  const issued = scoredAt(served, h);
  const { truth, times } = scored;
  if (truth.length === 0) return { samples: 0, forecasters: {} };
  const weeks = weeksOf(times);
  const points = new Map([...scored.said].map(([name, own]) => [name, quantileColumn(scored, own, 0.5)]));
  const errors = new Map([...points].map(([name, own]) => [name, squaredErrors(truth, own)]));
  const references = baselineNames.filter((name) => points.has(name));
  const measured = valuesByTime(samples);
  const forecasters = [...points].map(([name, point]): [string, Scores] => [
    name,
    {
      rmse: rmse(truth, point),
      mae: mae(truth, point),
      mase: Number.isFinite(unit) && unit > 0 ? mae(truth, point) / unit : null,
      bias: bias(truth, point),
      skill: Object.fromEntries(
        references
          .filter((reference) => reference !== name)
          .flatMap((reference): [string, Skill][] => {
            const skill = skillOf(errors.get(name)!, errors.get(reference)!, weeks, { seed, draws });
            return skill ? [[reference, skill]] : [];
          }),
      ),
      lag: lagTest(times, point, measured, { horizon: samples.horizons[h]!, step: samples.step }) ?? null,
      ...quantileScores(scored, name),
      ...(issued.said.has(name) && { served: quantileScores(issued, name) }),
    },
  ]);
  return { samples: truth.length, forecasters: Object.fromEntries(forecasters) };
}

/** What was measured at the newest steps of the windows, by the start of the step. */
function valuesByTime({ issuedAt, now, step }: Samples): (time: number) => number {
  const values = new Map(Array.from(issuedAt, (end, i) => [end - step, now[i]!]));
  return (time) => values.get(time) ?? Number.NaN;
}

/** Of one variable. */
function spikeReports(
  samples: readonly Samples[],
  all: readonly Series[],
  training: readonly Series[],
  sightings: readonly Sighting[] = [],
): SpikeReport[] {
  const records = samples.flatMap((own) => {
    const [grid] = gridsOf(
      all.filter(({ station }) => station === own.station),
      [own.variable],
    );
    return criteriaOf(own.variable, trainingOf(training, own)).map((one) =>
      recordOf(own, grid!, one, sightings),
    );
  });
  const criteria = [...new Set(records.map(({ criterion }) => criterion.name))];
  return criteria.map((name) => spikeReport(records.filter(({ criterion }) => criterion.name === name)));
}

function spikeReport(records: readonly SpikeRecord[]): SpikeReport {
  const { criterion, samples } = records[0]!;
  const names = [...new Set(records.flatMap((own) => [...own.samples.said.keys()]))];
  return {
    variable: samples.variable,
    criterion: criterion.name,
    thresholds: Object.fromEntries(records.map((own) => [own.samples.station, own.criterion.threshold])),
    horizons: samples.horizons.map((horizon, h) => ({
      horizon,
      forecasters: Object.fromEntries(
        names.map((name) => {
          const own = records.filter((record) => record.samples.said.has(name));
          return [
            name,
            spikeScores(
              own.map((record) => countSpikes(record, name, h)),
              samples.step,
            ),
          ];
        }),
      ),
    })),
  };
}
