import { initialWeights, uniform } from '../../../src/model/engine/initial.ts';
import { type LstmSpec, targetsOf, type Weights, weightNames } from '../../../src/model/engine/spec.ts';
import type { Batch } from '../../../src/model/engine/targets.ts';
import type { Parameters } from './reference.ts';

export interface Shape {
  readonly spec: LstmSpec;
  readonly batch: number;
  readonly steps: number;
  readonly seed: number;
  readonly masked?: boolean;
  readonly weighted?: boolean;
  readonly stateful?: boolean;
}

/**
 * Weights, inputs and targets of a shape, the same for the same seed. Targets lie off the outputs, to both sides: the
 * difference of two numbers that are nearly the same would have no digits to compare.
 */
export function sample({ spec, batch, steps, seed, masked, weighted, stateful }: Shape) {
  const next = uniform(seed);
  const floats = (length: number, scale = 1) => Float32Array.from({ length }, () => (2 * next() - 1) * scale);
  const bits = (length: number) => Uint8Array.from({ length }, () => (next() < 0.7 ? 1 : 0));
  const size = batch * spec.hidden;
  const given: Batch = {
    batch,
    steps,
    x: floats(batch * steps * spec.inputs, 2 / Math.sqrt(spec.inputs)),
    y: floats(batch * targetsOf(spec)).map((value) => value + 2 * Math.sign(value)),
    ...(masked && { mask: bits(batch * steps) }),
    ...(weighted && {
      weight: Float32Array.from(bits(batch * targetsOf(spec)), (v, n) => (n ? v * next() : 1)),
    }),
    ...(stateful && { state: { h: floats(size), c: floats(size, 2) } }),
  };
  return { weights: initialWeights(spec, seed + 1), given };
}

/** Largest difference, in units of the largest number expected (at least `floor`). */
export function distance(got: ArrayLike<number>, want: ArrayLike<number>, floor: number): number {
  let [most, scale] = [0, floor];
  for (let n = 0; n < want.length; n++) {
    const off = Math.abs(got[n]! - want[n]!);
    most = Math.max(most, off);
    scale = Math.max(scale, Math.abs(want[n]!));
  }
  return got.length === want.length ? most / scale : Number.NaN;
}

/**
 * The worst tensor of gradients, in units of its largest number, but at least a twentieth of the largest of all: a
 * tensor far below the others is a difference of large numbers, and has their rounding.
 */
export function worst(got: Readonly<Record<keyof Weights, ArrayLike<number>>>, want: Parameters): number {
  const largest = Math.max(
    ...weightNames.map((name) => want[name].reduce((a, b) => Math.max(a, Math.abs(b)), 0)),
  );
  const floor = Math.max(largest / 20, 1e-6);
  return Math.max(...weightNames.map((name) => distance(got[name], want[name], floor)));
}
