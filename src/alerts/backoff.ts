export interface BackoffOptions {
  /** ms before the second attempt. */
  readonly first?: number;
  /** ms that no wait exceeds. */
  readonly most?: number;
}

/**
 * ms to wait after the given number of failures in a row (1 and up): doubling, with the upper half of each wait
 * drawn at random, so that channels that failed together do not come back together. `random` is in [0, 1).
 */
export function backoff(
  failures: number,
  random: number,
  { first = 1000, most = 300_000 }: BackoffOptions = {},
): number {
  const longest = Math.min(most, first * 2 ** Math.min(failures - 1, 30));
  return Math.round(longest * (0.5 + random / 2));
}
