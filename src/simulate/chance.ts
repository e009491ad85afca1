/**
 * Chance without state: every draw is a function of integers that name it (a seed, a station, a time), so that any
 * moment of the simulated world can be asked for in any order. The mixing steps are those of MurmurHash3 (Appleby).
 */
export function hash(...keys: readonly number[]): number {
  let h = 0x9e3779b9;
  for (const key of keys) {
    h = mix(h, key | 0);
    h = mix(h, Math.floor(key / 0x1_0000_0000));
  }
  return finish(h);
}

function finish(unfinished: number): number {
  let h = unfinished ^ (unfinished >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function mix(h: number, key: number): number {
  let k = Math.imul(key, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const mixed = h ^ k;
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

const toUnit = (h: number) => (h + 0.5) / 0x1_0000_0000;

/** In the open interval (0, 1). */
export function uniform(...keys: readonly number[]): number {
  return toUnit(hash(...keys));
}

export function between(low: number, high: number, ...keys: readonly number[]): number {
  return low + (high - low) * uniform(...keys);
}

/** Standard normal, by the method of Box and Muller (1958). */
export function gaussian(...keys: readonly number[]): number {
  const h = hash(...keys);
  const radius = Math.sqrt(-2 * Math.log(toUnit(h)));
  return radius * Math.cos(2 * Math.PI * toUnit(finish(mix(h, 1))));
}

/**
 * Smooth noise of mean 0 and variance 1 that changes over about `scale` ms: normal draws at multiples of `scale`,
 * blended by weights whose squares add up to 1.
 */
export function drift(time: number, scale: number, ...keys: readonly number[]): number {
  const node = Math.floor(time / scale);
  const along = time / scale - node;
  const turn = (along * along * (3 - 2 * along) * Math.PI) / 2;
  return Math.cos(turn) * gaussian(...keys, node) + Math.sin(turn) * gaussian(...keys, node + 1);
}
