import type { Core } from './core.ts';
import type { Kernels } from './kernels.ts';
import type { LstmSpec } from './spec.ts';

/** Hidden and cell state, each [batch, hidden]. */
export interface State {
  readonly h: Float32Array;
  readonly c: Float32Array;
}

/** Windows that go through a network together. */
export interface Inputs {
  /** [batch, steps, inputs] */
  readonly x: Float32Array;
  readonly batch: number;
  readonly steps: number;
  /** [batch, steps]: where it is 0 the step is skipped, the state is carried over it (Keras' masking). */
  readonly mask?: Uint8Array;
  /** The state before the first step, overwritten with that after the last; without it both are zero. */
  readonly state?: State;
}

/** Pointers to a batch in the kernels' memory; 0 for what it has not. */
export interface Placed {
  readonly x: number;
  readonly mask: number;
  readonly h: number;
  readonly c: number;
}

export const zeroState = (batch: number, hidden: number): State => ({
  h: new Float32Array(batch * hidden),
  c: new Float32Array(batch * hidden),
});

/**
 * Copies a batch to the scratch memory, beside further pieces of `more` bytes. Throws a RangeError with the argument
 * and the place where a length is not of the shape or a number is not finite.
 */
export function place<const More extends readonly number[]>(
  { heap, kernels, scratch }: Core,
  spec: LstmSpec,
  padded: number,
  given: Inputs,
  more: More,
): [Placed, ...{ -readonly [K in keyof More]: number }] {
  checkShape(spec, given);
  const { x, batch, steps, mask, state } = given;
  const rows = state ? batch * padded * 4 : 0;
  const pieces = scratch.cut([x.length * 4, mask?.length ?? 0, rows, rows, ...more]);
  const [xAt, maskAt, h, c, ...rest] = pieces as [number, number, number, number, ...number[]];
  heap.floats(xAt, x.length).set(x);
  checkFinite(kernels, 'x', xAt, x.length, [batch, steps, spec.inputs]);
  if (mask) heap.bytes(maskAt, mask.length).set(mask);
  if (state) {
    widen(state.h, spec.hidden, heap.floats(h, batch * padded), padded);
    widen(state.c, spec.hidden, heap.floats(c, batch * padded), padded);
    checkFinite(kernels, 'state.h', h, batch * padded, [batch, padded]);
    checkFinite(kernels, 'state.c', c, batch * padded, [batch, padded]);
  }
  return [{ x: xAt, mask: maskAt, h, c }, ...(rest as { -readonly [K in keyof More]: number })];
}

/** Brings the state after the last step back, where the batch has one. */
export function takeState({ heap }: Core, padded: number, { state, batch }: Inputs, { h, c }: Placed): void {
  if (!state) return;
  narrow(heap.floats(h, batch * padded), padded, state.h, state.h.length / batch);
  narrow(heap.floats(c, batch * padded), padded, state.c, state.c.length / batch);
}

/** Throws with the place of the first number that is NaN or infinite. */
export function checkFinite(
  kernels: Kernels,
  name: string,
  at: number,
  count: number,
  shape: readonly number[],
): void {
  const bad = kernels.firstNonFinite(at, count);
  if (bad < 0) return;
  const place = shape.map(
    (size, n) => Math.floor(bad / shape.slice(n + 1).reduce((a, b) => a * b, 1)) % size,
  );
  throw new RangeError(
    `${name}[${place.join('][')}] is not finite: fill or mask gaps before the network sees them`,
  );
}

function checkShape({ inputs, hidden }: LstmSpec, { x, batch, steps, mask, state }: Inputs): void {
  for (const [name, value] of [
    ['batch', batch],
    ['steps', steps],
  ] as const) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`${name} must be a whole number from 1, not ${value}`);
    }
  }
  expect('x (batch x steps x inputs)', x.length, [batch, steps, inputs]);
  if (mask) expect('mask (batch x steps)', mask.length, [batch, steps]);
  if (state) expect('state.h (batch x hidden)', state.h.length, [batch, hidden]);
  if (state) expect('state.c (batch x hidden)', state.c.length, [batch, hidden]);
}

/** Throws where `length` is not the product of the shape. */
export function expect(what: string, length: number, shape: readonly number[]): void {
  const wanted = shape.reduce((a, b) => a * b, 1);
  if (length !== wanted)
    throw new RangeError(`${what} must have ${shape.join(' x ')} numbers, not ${length}`);
}

/** Rows of `width` into wider ones, with zeros behind. */
function widen(rows: Float32Array, width: number, into: Float32Array, wide: number): void {
  into.fill(0);
  for (let r = 0; r * width < rows.length; r++) into.set(rows.subarray(r * width, (r + 1) * width), r * wide);
}

function narrow(from: Float32Array, wide: number, rows: Float32Array, width: number): void {
  for (let r = 0; r * width < rows.length; r++)
    rows.set(from.subarray(r * wide, r * wide + width), r * width);
}
