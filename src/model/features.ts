/** Where a variable lay in the training part; it maps to [0, 1] there. */
export interface Scaling {
  readonly minimum: number;
  readonly maximum: number;
}

/** Min-max scaling of a training part; only measured values count. Undefined where there are no two different ones. */
export function fitScaling(values: Float64Array, mask: Uint8Array): Scaling | undefined {
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    if (!mask[i]) continue;
    minimum = Math.min(minimum, values[i]!);
    maximum = Math.max(maximum, values[i]!);
  }
  return maximum > minimum ? { minimum, maximum } : undefined;
}

export const scale = (value: number, { minimum, maximum }: Scaling) =>
  (value - minimum) / (maximum - minimum);
export const unscale = (scaled: number, { minimum, maximum }: Scaling) =>
  minimum + scaled * (maximum - minimum);

/** Why a stretch of steps is no input for the model; undefined where it is one. */
export type Unfit = { readonly reason: 'coverage'; readonly detail: string } | undefined;

/** The steps of one variable that a model sees, oldest first: element `offset + i * stride` of both arrays. */
export interface Stretch {
  readonly values: Float64Array;
  readonly mask: Uint8Array;
  readonly offset: number;
  readonly stride: number;
  readonly length: number;
}

/**
 * Whether a stretch can be an input. The newest step must be measured: a forecast from an older one would pass for one
 * from now. At least `coverage` (0 to 1) of the steps must be measured.
 */
export function unfit({ mask, offset, stride, length }: Stretch, coverage: number): Unfit {
  if (!mask[offset + (length - 1) * stride])
    return { reason: 'coverage', detail: 'the newest step has no valid reading' };
  let measured = 0;
  for (let i = 0; i < length; i++) measured += mask[offset + i * stride] ? 1 : 0;
  if (measured >= coverage * length) return undefined;
  return {
    reason: 'coverage',
    detail: `${measured} of ${length} steps are measured, ${coverage * length} are needed`,
  };
}

/**
 * Writes the scaled stretch to `out` at `at`. A masked step takes the last measured value before it, and a masked
 * beginning the first measured one: nothing is taken from after the stretch. The same for training and serving.
 */
export function writeInput(stretch: Stretch, scaling: Scaling, out: Float32Array, at: number): void {
  const { values, mask, offset, stride, length } = stretch;
  let last = values[offset + firstMeasured(stretch) * stride]!;
  for (let i = 0; i < length; i++) {
    const cell = offset + i * stride;
    if (mask[cell]) last = values[cell]!;
    out[at + i] = scale(last, scaling);
  }
}

function firstMeasured({ mask, offset, stride, length }: Stretch): number {
  for (let i = 0; i < length; i++) if (mask[offset + i * stride]) return i;
  throw new Error('a stretch without a measured step is no input; ask `unfit` first');
}
