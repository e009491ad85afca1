import { checkSpec, type LstmSpec, type Weights, weightNames, weightSizes } from './spec.ts';

/** Uniform numbers in [0, 1) from a seed: mulberry32 (Tommy Ettinger, public domain), 2^32 states. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** PyTorch's initialisation: every tensor, biases too, uniform within 1 / sqrt(hidden). The numbers are our own. */
export function initialWeights(spec: LstmSpec, seed: number): Weights {
  checkSpec(spec);
  const next = uniform(seed);
  const bound = 1 / Math.sqrt(spec.hidden);
  const sizes = weightSizes(spec);
  const tensor = (name: keyof Weights) =>
    Float32Array.from({ length: sizes[name] }, () => (2 * next() - 1) * bound);
  const weights = Object.fromEntries(weightNames.map((name) => [name, tensor(name)])) as unknown as Weights;
  if (spec.biases === 1) weights.bias_hh.fill(0);
  return weights;
}
