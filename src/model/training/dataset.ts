import { createHash } from 'node:crypto';
import type { Step } from '../../stream/step.ts';
import { fitScaling, type Scaling, type Stretch, scale, unfit, writeInput } from '../features.ts';

/** Step means of one variable of one station on the grid, without holes; 0 where `mask` is 0. */
export interface Series {
  readonly station: string;
  readonly variable: string;
  /** Start of the first step, ms since the epoch. */
  readonly start: number;
  /** ms */
  readonly step: number;
  readonly values: Float64Array;
  readonly mask: Uint8Array;
}

/** Samples for one variable, in order of time and then of station; never shuffled, as in the study. */
export interface Dataset {
  readonly variable: string;
  readonly scaling: Scaling;
  readonly lookback: number;
  readonly horizons: readonly number[];
  readonly samples: number;
  /** [samples, lookback] and [samples, horizons], scaled. */
  readonly x: Float32Array;
  readonly y: Float32Array;
}

export interface DatasetOptions {
  readonly lookback: number;
  readonly horizons: readonly number[];
  /** Share of the steps of a window that must be measured. */
  readonly coverage: number;
  /** Scaling of the training part, for data that the model is tried on; without it this part is scaled by itself. */
  readonly scaling?: Scaling | undefined;
}

/** Which sensor stands for a variable of a station, as in the windows of the stream. */
export type PrimarySensor = (station: string, variable: string) => string | undefined;

/**
 * Gathers steps into series, one for each station and variable, as the stream gathers them into windows: where no
 * sensor is named the first by name in each cell stands for the variable, and a cell without a reading that passed is
 * masked.
 */
export async function gather(
  steps: AsyncIterable<Step> | Iterable<Step>,
  step: number,
  primary: PrimarySensor = () => undefined,
): Promise<Series[]> {
  const gathered = new Map<string, Step[]>();
  for await (const one of steps) {
    const named = primary(one.station, one.variable);
    if (one.length !== step || (named !== undefined && one.sensor !== named)) continue;
    const key = JSON.stringify([one.station, one.variable]);
    const own = gathered.get(key);
    if (own) own.push(one);
    else gathered.set(key, [one]);
  }
  return [...gathered.values()].map((own) => seriesOf(own, step));
}

function seriesOf(steps: readonly Step[], step: number): Series {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const { start } of steps) {
    first = Math.min(first, start);
    last = Math.max(last, start);
  }
  const length = (last - first) / step + 1;
  const values = new Float64Array(length);
  const mask = new Uint8Array(length);
  const sensors = new Array<string | undefined>(length);
  for (const { start, sensor, mean, count } of steps) {
    const cell = (start - first) / step;
    if ((sensors[cell] ?? sensor) < sensor) continue;
    sensors[cell] = sensor;
    values[cell] = count > 0 ? mean : 0;
    mask[cell] = count > 0 ? 1 : 0;
  }
  return { station: steps[0]!.station, variable: steps[0]!.variable, start: first, step, values, mask };
}

/** The part of a series with steps that lie in [from, to). */
export function between(series: Series, from: number, to: number): Series {
  const { start, step, values } = series;
  const first = Math.min(Math.max(0, Math.ceil((from - start) / step)), values.length);
  const end = Math.min(Math.max(first, Math.floor((to - start) / step)), values.length);
  return {
    ...series,
    start: start + first * step,
    values: values.subarray(first, end),
    mask: series.mask.subarray(first, end),
  };
}

/** A sample: the window whose newest step is `newest`, of one series. */
interface Place {
  readonly series: Series;
  readonly newest: number;
}

/** Whether `makeDataset` would find a sample. */
export const hasSamples = (all: readonly Series[], variable: string, options: DatasetOptions): boolean =>
  all.some((series) => series.variable === variable && placesOf(series, options).length > 0);

/**
 * All windows that could be served (features.ts says which) and whose targets were all measured. Throws where the
 * training part has none, or nothing to scale by.
 */
export function makeDataset(all: readonly Series[], variable: string, options: DatasetOptions): Dataset {
  const own = all.filter((series) => series.variable === variable);
  const scaling = options.scaling ?? fitScaling(...joined(own));
  if (!scaling)
    throw new Error(
      `${variable}: the training part holds no two different values; give it more data, or leave the variable out`,
    );
  const places = own.flatMap((series) => placesOf(series, options)).sort(byTime);
  if (places.length === 0)
    throw new Error(
      `${variable}: no window of ${options.lookback} steps is complete enough; give it more data, or leave the variable out`,
    );
  const { lookback, horizons } = options;
  const x = new Float32Array(places.length * lookback);
  const y = new Float32Array(places.length * horizons.length);
  places.forEach(({ series, newest }, i) => {
    writeInput(stretch(series, newest, lookback), scaling, x, i * lookback);
    horizons.forEach((horizon, h) => {
      y[i * horizons.length + h] = scale(series.values[newest + horizon]!, scaling);
    });
  });
  return { variable, scaling, lookback, horizons, samples: places.length, x, y };
}

function placesOf(series: Series, { lookback, horizons, coverage }: DatasetOptions): Place[] {
  const places: Place[] = [];
  const last = series.values.length - 1 - Math.max(...horizons);
  for (let newest = lookback - 1; newest <= last; newest++) {
    const measured = horizons.every((horizon) => series.mask[newest + horizon]);
    if (measured && !unfit(stretch(series, newest, lookback), coverage)) places.push({ series, newest });
  }
  return places;
}

function stretch({ values, mask }: Series, newest: number, lookback: number): Stretch {
  return { values, mask, offset: newest - lookback + 1, stride: 1, length: lookback };
}

const timeOf = ({ series, newest }: Place) => series.start + newest * series.step;

const byTime = (a: Place, b: Place) =>
  timeOf(a) - timeOf(b) || (a.series.station < b.series.station ? -1 : 1);

function joined(all: readonly Series[]): [Float64Array, Uint8Array] {
  const length = all.reduce((sum, { values }) => sum + values.length, 0);
  const values = new Float64Array(length);
  const mask = new Uint8Array(length);
  let at = 0;
  for (const series of all) {
    values.set(series.values, at);
    mask.set(series.mask, at);
    at += series.values.length;
  }
  return [values, mask];
}

/** A hash of the data that a model was made from. */
export function hashOf(all: readonly Series[]): string {
  const hash = createHash('sha256');
  const ordered = [...all].sort((a, b) => (a.station + a.variable < b.station + b.variable ? -1 : 1));
  for (const { station, variable, start, values, mask } of ordered)
    hash
      .update(JSON.stringify([station, variable, start]))
      .update(bytesOf(values))
      .update(mask);
  return hash.digest('hex').slice(0, 16);
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** First start and last end of all, ISO 8601. */
export function spanOf(all: readonly Series[]): { from: string; to: string } {
  const from = all.reduce((least, { start }) => Math.min(least, start), Number.POSITIVE_INFINITY);
  const to = all.reduce(
    (most, s) => Math.max(most, s.start + s.values.length * s.step),
    Number.NEGATIVE_INFINITY,
  );
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}
