import type { View } from '../baselines/view.ts';
import { fill } from './filled.ts';
import type { Shape, StandardOf } from './regressors.ts';

const day = 86_400_000;
/** Beyond so many spreads more tells the network nothing. */
const most = 6;

/** Features of a step: 4 of the variable, 3 of each other, 2 of the time. */
export const inputsOf = ({ others }: Pick<Shape, 'others'>) => 4 + 3 * others.length + 2;

/**
 * What the LSTM reads, [lookback, inputs]: the change of the variable from its newest value, in `lively`s; of it and
 * of each other variable the level, whether it was measured and the age of the value; sine and cosine of the day. The
 * season is the regression's: from a record of a year or two an LSTM learns it by heart.
 */
export function writeInputs(
  view: View,
  shape: Shape,
  standardOf: StandardOf,
  lively: number,
  out: Float32Array,
  at: number,
): void {
  const { variable, others, lookback } = shape;
  const filled = (name: string) => fill(view, name, standardOf(view.station, name));
  const own = filled(variable);
  const covariates = others.map(filled);
  const newest = own.x[lookback - 1]!;
  let next = at;
  const put = (value: number) => {
    out[next++] = Math.max(-most, Math.min(most, value));
  };
  for (let i = 0; i < lookback; i++) {
    put((own.x[i]! - newest) / (4 * lively));
    for (const { x, measured, age } of [own, ...covariates]) {
      put(x[i]!);
      put(measured[i]!);
      put(age[i]! / lookback);
    }
    const time = view.end - (lookback - i) * view.step;
    put(Math.sin((2 * Math.PI * (time % day)) / day));
    put(Math.cos((2 * Math.PI * (time % day)) / day));
  }
}
