import { uniform } from './initial.ts';

/**
 * How a stateful network meets its windows. Keras' `stateful: true` gives the last state of row i of a batch to row i
 * of the next. With windows one step apart and in order, row i then jumps by the batch size, so the state it is given
 * is that of its own past only where the window is as long as the batch is large; otherwise it is stale by
 * (batch - steps) steps, and nobody says so.
 *
 * `stale` is that, as the study's original network had it. `contiguous` mends it: the series is cut into as many lanes
 * as the batch has rows, and row i reads lane i window after window without overlap, so that the state is always the
 * one right before the window. As an epoch so takes one window in `steps`, epochs begin one step further each.
 * Either way the state is zero at the start of an epoch. The windows must be of one series without gaps.
 */
export type Stateful = 'stale' | 'contiguous';

/** Windows of `contiguous`, batch after batch. Throws where the series is too short for one window a lane. */
export function contiguousOrder(windows: number, steps: number, batch: number, epoch: number): Int32Array {
  const start = epoch % steps;
  const chunks = Math.floor((windows - start + steps - 1) / steps);
  const each = Math.floor(chunks / batch);
  if (each < 1) {
    throw new RangeError(
      `${windows} windows of ${steps} steps are too few for ${batch} contiguous lanes: epoch ${epoch + 1} takes ${start + (batch - 1) * steps + 1}`,
    );
  }
  return Int32Array.from({ length: each * batch }, (_, n) => {
    const lane = n % batch;
    return start + (lane * each + Math.floor(n / batch)) * steps;
  });
}

/** A permutation of 0 to count - 1 that depends on seed and epoch alone (Fisher and Yates). */
export function shuffled(count: number, seed: number, epoch: number): Int32Array {
  const next = uniform(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) + Math.imul(epoch + 1, 0xc2b2ae35));
  const order = Int32Array.from({ length: count }, (_, n) => n);
  for (let n = count - 1; n > 0; n--) {
    const other = Math.floor(next() * (n + 1));
    const kept = order[n]!;
    order[n] = order[other]!;
    order[other] = kept;
  }
  return order;
}
