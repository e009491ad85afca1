import * as conformal from '../../online/conformal.ts';
import type { Samples } from './samples.ts';

/**
 * A forecaster's quantiles as an edge would have issued them, [issues, horizons, levels]: calibrated on its own errors
 * that were known by then (online/conformal.ts). A truth is known `settling` ms after the end of its step, when late
 * readings can change it no more. The median is the forecaster's own.
 */
export function asServed(samples: Samples, name: string, settling: number): Float64Array {
  const { horizons, levels, said } = samples;
  const served = Float64Array.from(said.get(name)!);
  const given = levels.filter((_, q) =>
    served.some((value, i) => i % levels.length === q && Number.isFinite(value)),
  );
  horizons.forEach((_, h) => serve(samples, served, h, { name, given, settling }));
  return served;
}

interface Serving {
  readonly name: string;
  /** Levels that the forecaster gives. */
  readonly given: readonly number[];
  readonly settling: number;
}

/** One horizon, in order of time. */
function serve(samples: Samples, served: Float64Array, h: number, { name, given, settling }: Serving): void {
  const { horizons, levels, issuedAt, truth, step } = samples;
  const state = conformal.begin(name, given);
  const made: (readonly number[] | undefined)[] = [];
  const own: (conformal.Quantiles | undefined)[] = [];
  let learnt = 0;
  issuedAt.forEach((issued, i) => {
    for (; learnt < i && issuedAt[learnt]! + horizons[h]! * step + settling <= issued; learnt++)
      learn(state, horizons[h]!, own[learnt], made[learnt], truth[learnt * horizons.length + h]!);
    const row = served.subarray(
      (i * horizons.length + h) * levels.length,
      (i * horizons.length + h + 1) * levels.length,
    );
    own[i] = quantilesOf(row, levels, given);
    const calibrated = own[i] && conformal.calibrated(state, own[i]);
    made[i] = calibrated?.made;
    if (calibrated) row.set(levels.map((level) => calibrated.values[calibrated.levels.indexOf(level)]!));
  });
}

/** Undefined where the forecaster said nothing. */
function quantilesOf(
  row: Float64Array,
  levels: readonly number[],
  given: readonly number[],
): conformal.Quantiles | undefined {
  const values = given.map((level) => row[levels.indexOf(level)]!);
  return values.every(Number.isFinite) ? { levels: given, values } : undefined;
}

function learn(
  state: conformal.Conformal,
  horizon: number,
  said: conformal.Quantiles | undefined,
  made: readonly number[] | undefined,
  truth: number,
): void {
  if (!said || !Number.isFinite(truth)) return;
  conformal.learn(state, { horizon, median: conformal.medianOf(said)!, made: made ?? [] }, truth);
}
