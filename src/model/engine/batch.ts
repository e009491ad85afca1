import type { Heap } from './heap.ts';
import type { Kernels } from './kernels.ts';
import type { LstmSpec } from './spec.ts';

/** Hidden and cell state, each [batch, hidden]. */
export interface State {
  readonly h: Float32Array;
  readonly c: Float32Array;
}

export const zeroState = (batch: number, hidden: number): State => ({
  h: new Float32Array(batch * hidden),
  c: new Float32Array(batch * hidden),
});

function expect(what: string, length: number, shape: readonly number[]): void {
  const wanted = shape.reduce((a, b) => a * b, 1);
  if (length !== wanted)
    throw new RangeError(`${what} must have ${shape.join(' x ')} numbers, not ${length}`);
}

/** Throws where a batch is not of its shape. */
export function batchOf(
  { inputs, hidden }: LstmSpec,
  x: Float32Array,
  batch: number,
  steps: number,
  mask: Uint8Array | undefined,
  state: State | undefined,
): void {
  for (const [name, value] of [
    ['batch', batch],
    ['steps', steps],
  ] as const) {
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`${name} must be a whole number, not ${value}`);
  }
  expect('x (batch x steps x inputs)', x.length, [batch, steps, inputs]);
  if (mask) expect('mask (batch x steps)', mask.length, [batch, steps]);
  if (state) expect('state.h (batch x hidden)', state.h.length, [batch, hidden]);
  if (state) expect('state.c (batch x hidden)', state.c.length, [batch, hidden]);
}

/** Throws with the place of the first number that is NaN or infinite. */
export function checkFinite(
  kernels: Kernels,
  name: string,
  at: number,
  count: number,
  shape: readonly number[],
) {
  const bad = kernels.firstNonFinite(at, count);
  if (bad < 0) return;
  const place = shape.map(
    (size, n) => Math.floor(bad / shape.slice(n + 1).reduce((a, b) => a * b, 1)) % size,
  );
  throw new RangeError(
    `${name}[${place.join('][')}] is not finite: fill or mask gaps before the network sees them`,
  );
}

export function writeState(
  heap: Heap,
  state: State,
  hidden: number,
  padded: number,
  h: number,
  c: number,
): void {
  checkState('h', state.h, hidden);
  checkState('c', state.c, hidden);
  copyIn(heap, state.h, hidden, padded, h);
  copyIn(heap, state.c, hidden, padded, c);
}

export function readState(
  heap: Heap,
  state: State,
  hidden: number,
  padded: number,
  h: number,
  c: number,
): void {
  copyOut(heap, state.h, hidden, padded, h);
  copyOut(heap, state.c, hidden, padded, c);
}

function checkState(name: string, values: Float32Array, hidden: number): void {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  throw new RangeError(`state.${name}[${Math.floor(bad / hidden)}][${bad % hidden}] is not finite`);
}

function copyIn(heap: Heap, rows: Float32Array, hidden: number, padded: number, at: number): void {
  const target = heap.floats(at, (rows.length / hidden) * padded);
  target.fill(0);
  for (let r = 0; r * hidden < rows.length; r++) {
    target.set(rows.subarray(r * hidden, (r + 1) * hidden), r * padded);
  }
}

function copyOut(heap: Heap, rows: Float32Array, hidden: number, padded: number, at: number): void {
  const source = heap.floats(at, (rows.length / hidden) * padded);
  for (let r = 0; r * hidden < rows.length; r++) {
    rows.set(source.subarray(r * padded, r * padded + hidden), r * hidden);
  }
}
