/** Reads `start` now and runs `speed` times as fast as `now`; all times in ms, what it reads in whole ones. */
export function acceleratedClock({
  start,
  speed,
  now,
}: {
  readonly start: number;
  readonly speed: number;
  readonly now: () => number;
}): () => number {
  if (!(speed > 0)) throw new Error(`speed ${speed}: a clock runs forward, so it must be above 0`);
  const origin = now();
  return () => Math.floor(start + (now() - origin) * speed);
}
