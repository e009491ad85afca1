import { type LstmSpec, targetsOf } from './spec.ts';
import type { Batch } from './targets.ts';

/** Windows with their targets, in order of time. */
export interface Windows {
  readonly windows: number;
  readonly steps: number;
  /** [windows, steps, inputs]. Arrays over a SharedArrayBuffer are shared with the workers, others copied. */
  readonly x: Float32Array;
  /** [windows, outputs], or with quantiles [windows, horizons]. */
  readonly y: Float32Array;
  /** [windows, steps]: 0 skips a step. */
  readonly mask?: Uint8Array;
  /** Shape of y: 0 for a missing target. */
  readonly weight?: Float32Array;
}

/** A batch of `order`, from its place `at`: views where the windows stand side by side (no order), else copies. */
export function gather(
  spec: LstmSpec,
  from: Windows,
  order: Int32Array | undefined,
  at: number,
  batch: number,
): Batch {
  const { steps, x, y, mask, weight } = from;
  const rows = order?.subarray(at, at + batch);
  const targets = targetsOf(spec);
  return {
    batch,
    steps,
    x: take(x, steps * spec.inputs, rows, at, batch),
    y: take(y, targets, rows, at, batch),
    ...(mask && { mask: take(mask, steps, rows, at, batch) }),
    ...(weight && { weight: take(weight, targets, rows, at, batch) }),
  };
}

function take<A extends Float32Array | Uint8Array>(
  from: A,
  width: number,
  rows: Int32Array | undefined,
  at: number,
  batch: number,
): A {
  if (!rows) return from.subarray(at * width, (at + batch) * width) as A;
  const into = new (from.constructor as new (length: number) => A)(rows.length * width);
  rows.forEach((row, n) => into.set(from.subarray(row * width, (row + 1) * width), n * width));
  return into;
}
