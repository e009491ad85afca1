import { levels } from '../baselines/baseline.ts';
import { cell, type View } from '../baselines/view.ts';
import type { LoadedNetwork } from '../lstm-backend.ts';
import { median, type RedtideVariable } from './body.ts';
import { inputsOf, writeInputs } from './inputs.ts';
import { Regressors, type Shape, type StandardOf } from './regressors.ts';
import { liveliness, restlessness } from './restless.ts';

/** One variable's network, loaded. */
export interface Loaded {
  readonly shape: Shape;
  readonly about: Pick<RedtideVariable, 'usual' | 'unit' | 'share' | 'spread' | 'floor'>;
  readonly regression: Float64Array;
  readonly networks: readonly LoadedNetwork[];
  readonly standardOf: StandardOf;
}

/** Nearer to the median than this, in units, is no quantile. */
export const nearest = 1e-3;

/** Quantiles that crossed, put in order. */
export const risen = (quantiles: ArrayLike<number>): Float64Array => Float64Array.from(quantiles).sort();

/**
 * [views][horizons][levels], in the variable's unit. The regression says the change from the newest value; the LSTM
 * adds its share, and the distances of the quantiles, which are stretched as validation had it. The views must be
 * measured at their newest step.
 */
export function quantilesOf(views: readonly View[], loaded: Loaded): number[][][] {
  const answers = answersOf(views, loaded);
  const regressors = new Regressors(loaded.shape);
  const row = new Float64Array(regressors.size);
  return views.map((view, i) => {
    regressors.write(view, loaded.standardOf, row, 0);
    return loaded.about.unit.map((_, h) => quantilesAt(view, row, answers[i]!, h, loaded));
  });
}

function quantilesAt(
  view: View,
  row: Float64Array,
  answer: Float64Array,
  h: number,
  loaded: Loaded,
): number[] {
  const { shape, about, regression, standardOf } = loaded;
  const { spread } = standardOf(view.station, shape.variable);
  const last = view.values[cell(view, view.lookback - 1, view.variables.indexOf(shape.variable))]!;
  const own = risen(answer.subarray(h * levels.length, (h + 1) * levels.length));
  const said = answer[h * levels.length + median]!;
  const unit = about.unit[h]! * livelinessOf(view, loaded);
  const centre = change(row, regression, h) + unit * about.share[h]! * said;
  const distances = levels.map((_, k) => {
    const far = Math.max(nearest, Math.abs(own[k]! - own[median]!));
    return unit * about.spread[h]![k]! * Math.sign(k - median) * far;
  });
  const { floor = Number.NEGATIVE_INFINITY } = about;
  return [...risen(distances)].map((far) => Math.max(floor, last + spread * (centre + far)));
}

function livelinessOf(view: View, { shape, about, standardOf }: Loaded): number {
  const column = view.variables.indexOf(shape.variable);
  const { spread } = standardOf(view.station, shape.variable);
  return liveliness(restlessness(view, column, spread), about.usual);
}

function change(row: Float64Array, regression: Float64Array, h: number): number {
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += row[i]! * regression[h * row.length + i]!;
  return sum;
}

/** [views][horizons * levels]: the mean of the LSTMs' answers. */
function answersOf(views: readonly View[], loaded: Loaded): readonly Float64Array[] {
  const { shape, about, networks, standardOf } = loaded;
  const each = shape.lookback * inputsOf(shape);
  const x = new Float32Array(views.length * each);
  views.forEach((view, i) => {
    writeInputs(view, shape, standardOf, about.usual * livelinessOf(view, loaded), x, i * each);
  });
  const outputs = about.unit.length * levels.length;
  const sums = views.map(() => new Float64Array(outputs));
  for (const network of views.length > 0 ? networks : []) {
    const answer = network.forward(x, views.length);
    sums.forEach((sum, i) => {
      for (let o = 0; o < outputs; o++) sum[o]! += answer[i * outputs + o]! / networks.length;
    });
  }
  return sums;
}
