import { levels } from '../baselines/baseline.ts';
import type { LstmSpec, Weights } from '../engine/spec.ts';
import { weightNames, weightSizes } from '../engine/spec.ts';
import type { Standard } from './filled.ts';
import { inputsOf } from './inputs.ts';
import { Regressors, type Shape, type StandardOf } from './regressors.ts';

export const median = levels.indexOf(0.5);

/** What the manifest of a `redtide` artifact says of its network; the numbers are in weights.bin. */
export interface RedtideBody {
  /** LSTM units. */
  readonly hidden: number;
  /** LSTMs of a variable, whose answers are averaged. */
  readonly members: number;
  /** Of each variable that is forecast or looked at: how it is scaled, by station and for all others. */
  readonly scaling: Readonly<Record<string, VariableScaling>>;
  /** In the order of the manifest's variables. */
  readonly variables: readonly RedtideVariable[];
}

export interface VariableScaling {
  readonly pool: Standard;
  readonly stations: Readonly<Record<string, Standard>>;
}

export interface RedtideVariable {
  readonly others: readonly string[];
  /** Median restlessness (restless.ts) of the windows it learned from. */
  readonly usual: number;
  /** [horizons]: one unit of the LSTM's answer, in the variable's spread, for a window of usual restlessness. */
  readonly unit: readonly number[];
  /** [horizons]: share of the LSTM's median that is added to the regression, 0 to 1, as validation had it. */
  readonly share: readonly number[];
  /** [horizons][levels]: what the LSTM's distance from its median is multiplied by; the median's is 0. */
  readonly spread: readonly (readonly number[])[];
  /** No forecast is below it: 0 of a quantity that cannot be negative. */
  readonly floor?: number | undefined;
  /** What people should know of how its values were taken. */
  readonly notes?: readonly string[] | undefined;
  readonly training: RedtideTraining;
}

export interface RedtideTraining {
  readonly samples: number;
  readonly folds: number;
  /** Weights of the regressions in the mixture, [horizons][regressions]; `redtide/mixture.ts` names them. */
  readonly mixture: readonly (readonly number[])[];
  /** Of each LSTM: the epoch that was kept, and the validation loss there. */
  readonly networks: readonly { readonly epoch: number; readonly loss: number }[];
  /** Root mean squared errors on folds that were not fitted on, [horizons], in the variable's spread. */
  readonly rmse: Readonly<Record<'persistence' | 'lags' | 'regression' | 'network', readonly number[]>>;
}

/** The LSTM of one variable. */
export const specOf = (hidden: number, others: readonly string[], horizons: number): LstmSpec => ({
  inputs: inputsOf({ others }),
  hidden,
  outputs: horizons * levels.length,
  head: 'linear',
  quantiles: levels,
});

/** Scaling of a variable at a station; a station that was not trained on takes that of the pool. */
export const standardsOf =
  (scaling: RedtideBody['scaling']): StandardOf =>
  (station, variable) => {
    const own = scaling[variable];
    if (!own) return { centre: 0, spread: 1 };
    return Object.hasOwn(own.stations, station) ? own.stations[station]! : own.pool;
  };

/** The numbers of one variable. */
export interface Numbers {
  /** [horizons, regressors]: of the change from the newest value, in spreads. */
  readonly regression: Float64Array;
  readonly networks: readonly Weights[];
}

interface Sizes {
  readonly shape: Shape;
  readonly horizons: number;
  readonly hidden: number;
  readonly members: number;
}

const tensorsSize = (spec: LstmSpec) =>
  Object.values(weightSizes(spec)).reduce((sum, length) => sum + length, 0);

/** Bytes of one variable in weights.bin: float64 for the regression, then float32 for the LSTMs, little-endian. */
export function bytesOf({ shape, horizons, hidden, members }: Sizes): number {
  const regression = horizons * new Regressors(shape).size;
  return 8 * regression + 4 * members * tensorsSize(specOf(hidden, shape.others, horizons));
}

export function packNumbers({ regression, networks }: Numbers): Uint8Array {
  const floats = networks.flatMap((one) => weightNames.flatMap((name) => Array.from(one[name])));
  const view = new DataView(new ArrayBuffer(8 * regression.length + 4 * floats.length));
  regression.forEach((value, i) => {
    view.setFloat64(8 * i, value, true);
  });
  floats.forEach((value, i) => {
    view.setFloat32(8 * regression.length + 4 * i, value, true);
  });
  return new Uint8Array(view.buffer);
}

/** What `packNumbers` wrote at `offset` of weights.bin. */
export function readNumbers(file: Uint8Array, offset: number, sizes: Sizes): Numbers {
  const { shape, horizons, hidden, members } = sizes;
  const view = new DataView(file.buffer, file.byteOffset + offset);
  const regression = Float64Array.from({ length: horizons * new Regressors(shape).size }, (_, i) =>
    view.getFloat64(8 * i, true),
  );
  const tensors = weightSizes(specOf(hidden, shape.others, horizons));
  let at = 8 * regression.length;
  const read = (length: number) =>
    Float32Array.from({ length }, () => {
      at += 4;
      return view.getFloat32(at - 4, true);
    });
  const networks = Array.from(
    { length: members },
    () => Object.fromEntries(weightNames.map((name) => [name, read(tensors[name])])) as unknown as Weights,
  );
  return { regression, networks };
}
