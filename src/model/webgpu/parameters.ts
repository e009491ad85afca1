import { type LstmSpec, type Weights, weightNames, weightSizes } from '../engine/spec.ts';

/** [model][weights, first moments, second moments]; the moments are 0 at first. */
export function packed(starts: readonly Weights[], count: number): Float32Array {
  const all = new Float32Array(3 * count * starts.length);
  starts.forEach((start, model) => {
    let at = 3 * count * model;
    for (const name of weightNames) {
      all.set(start[name], at);
      at += start[name].length;
    }
  });
  return all;
}

/** The weights of a model, from where they begin. */
export function unpacked(spec: LstmSpec, from: Float32Array): Weights {
  const sizes = weightSizes(spec);
  let at = 0;
  const tensors = weightNames.map((name) => [name, from.slice(at, (at += sizes[name]))]);
  return Object.fromEntries(tensors) as unknown as Weights;
}
