import { type Codec, type Keep, type Kept, MemoryKeep } from '../../stream/kept.ts';
import { pack, unpack } from '../../stream/pack.ts';
import type { Window } from '../../stream/window.ts';
import type { Company } from '../forecast-windows.ts';

/**
 * The newest window of each station, for networks over space: windows of neighbours seldom become ready with the same
 * record. What a neighbour has not reported yet is masked, and what it has reported since is left out, so that a scene
 * is what was known at its end. Kept, so that a restart hears the same neighbours; a late reading of a neighbour revises
 * its own forecasts alone.
 */
export function companyOf({
  keep,
  step,
}: {
  readonly keep?: Keep | undefined;
  readonly step: number;
}): Company {
  const newest = (keep ?? new MemoryKeep()).map(`company/${step}`, codec);
  return {
    beside: (windows) => {
      for (const window of windows) note(newest, window);
      const there = new Set(windows.map(({ station, end }) => `${end} ${station}`));
      return [...new Set(windows.map(({ end }) => end))].flatMap((end) =>
        [...newest.entries()].flatMap(([station, { window }]) =>
          there.has(`${end} ${station}`) ? [] : (movedTo(window, end) ?? []),
        ),
      );
    },
  };
}

interface Held {
  window: Window;
}

function note(newest: Kept<Held>, window: Window): void {
  const known = newest.get(window.station);
  if (known && known.window.end > window.end) return;
  newest.change(window.station, () => ({ window })).window = window;
}

/** The window as it would be at another end: rows beyond its own are masked. Undefined where nothing of it is left. */
export function movedTo(window: Window, end: number): Window | undefined {
  const { step, lookback, variables } = window;
  const shift = (end - window.end) / step;
  if (shift === 0) return window;
  if (!Number.isInteger(shift) || Math.abs(shift) >= lookback) return undefined;
  const width = variables.length;
  const moved = <A extends Float64Array | Uint8Array>(from: A, to: A): A => {
    const rest = lookback - Math.abs(shift);
    const [first, at] = shift > 0 ? [shift, 0] : [0, -shift];
    to.set(from.subarray(first * width, (first + rest) * width), at * width);
    return to;
  };
  const cells = lookback * width;
  return {
    ...window,
    end,
    values: moved(window.values, new Float64Array(cells)),
    mask: moved(window.mask, new Uint8Array(cells)),
    coverage: moved(window.coverage, new Float64Array(cells)),
  };
}

const codec: Codec<Held> = {
  encode: ({ window: { station, end, revision, step, lookback, variables, values, mask, coverage } }) =>
    pack([station, ...variables], [end, revision, step, lookback, ...values, ...mask, ...coverage]),
  decode: (bytes) => {
    const { names, numbers } = unpack(bytes);
    const [station, ...variables] = names;
    const [end, revision, step, lookback] = numbers as unknown as [number, number, number, number];
    const cells = lookback * variables.length;
    const part = (n: number) => numbers.slice(4 + n * cells, 4 + (n + 1) * cells);
    const arrays = {
      values: Float64Array.from(part(0)),
      mask: Uint8Array.from(part(1)),
      coverage: Float64Array.from(part(2)),
    };
    return {
      window: { kind: 'window', station: station!, end, revision, step, lookback, variables, ...arrays },
    };
  },
};
