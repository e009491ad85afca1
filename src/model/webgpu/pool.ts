import type { Training } from '../engine/fit.ts';
import { targetsOf } from '../engine/spec.ts';
import type { Windows } from '../engine/windows.ts';

/** The windows of all jobs, one after the other; those that jobs share are there once. */
export interface Pool {
  readonly windows: number;
  /** [windows, steps, inputs] */
  readonly x: Float32Array<ArrayBuffer>;
  /** [windows, targets], then as many weights of targets. */
  readonly y: Float32Array<ArrayBuffer>;
  /** Where the first of some windows is. */
  firstOf(own: Windows): number;
}

/** @throws {RangeError} for a number that is not finite: on a GPU it may come out as any other (WGSL 15.7). */
export function poolOf(jobs: readonly Training[]): Pool {
  const all = [
    ...new Set(jobs.flatMap(({ train, validation }) => [train, ...(validation ? [validation] : [])])),
  ];
  const { spec, train } = jobs[0]!;
  const windows = all.reduce((sum, own) => sum + own.windows, 0);
  const [wide, targets] = [train.steps * spec.inputs, targetsOf(spec)];
  const x = new Float32Array(windows * wide);
  const y = new Float32Array(2 * windows * targets).fill(1, windows * targets);
  const first = new Map<Windows, number>();
  let at = 0;
  for (const own of all) {
    for (const name of ['x', 'y', 'weight'] as const) checkFinite(name, own[name]);
    x.set(own.x, at * wide);
    y.set(own.y, at * targets);
    if (own.weight) y.set(own.weight, (windows + at) * targets);
    first.set(own, at);
    at += own.windows;
  }
  return { windows, x, y, firstOf: (own) => first.get(own)! };
}

function checkFinite(name: string, numbers: Float32Array = new Float32Array()): void {
  const bad = numbers.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new RangeError(
      `${name}[${bad}] is ${numbers[bad]}: fill or mask gaps before the network sees them`,
    );
}
