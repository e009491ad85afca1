/** A stretch of the training part, and the windows that share no step with it. */
export interface Fold {
  /** Indices of the samples in it. */
  readonly held: Int32Array;
  /** Indices of those that may not be learned from when it is tried on: its own, and what overlaps them. */
  readonly touched: Int32Array;
}

/**
 * Cuts samples, in order of time, into stretches of about the same number. What is learned for a stretch must not have
 * seen it: windows and targets within `purge` (ms) of it are left out as well.
 */
export function foldsOf(times: Float64Array, count: number, purge: number): Fold[] {
  const indices = Int32Array.from(times, (_, i) => i);
  return Array.from({ length: count }, (_, k) => {
    const [from, to] = [edge(times, k / count), edge(times, (k + 1) / count)];
    const held = indices.filter((i) => times[i]! >= from && times[i]! < to);
    const touched = indices.filter((i) => times[i]! >= from - purge && times[i]! < to + purge);
    return { held, touched };
  });
}

/** Samples of one time, of several stations, stay together. */
const edge = (times: Float64Array, share: number) =>
  share >= 1 ? Number.POSITIVE_INFINITY : times[Math.floor(share * times.length)]!;
