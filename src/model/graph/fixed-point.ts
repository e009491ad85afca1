/** When an iteration ends: at a relative change in the 1-norm below `tolerance`, or after so many steps. */
export interface Stopping {
  readonly tolerance: number;
  readonly steps: number;
}

/** Those of the authors' program. */
export const stoppingDefaults: Stopping = { tolerance: 1e-3, steps: 50 };

/**
 * Iterates `next` from `x`, which ends as the fixed point; `spare` is overwritten. Answers with the steps taken.
 * Equation (4) of Scarselli et al. 2009 for states, and the backward recurrence of Almeida and Pineda.
 */
export function iterate(
  next: (from: Float64Array, to: Float64Array) => void,
  x: Float64Array,
  spare: Float64Array,
  { tolerance, steps }: Stopping,
): number {
  for (let step = 1; step <= steps; step++) {
    next(x, spare);
    let change = 0;
    let size = 0;
    for (let i = 0; i < x.length; i++) {
      change += Math.abs(spare[i]! - x[i]!);
      size += Math.abs(spare[i]!);
    }
    x.set(spare);
    if (change <= tolerance * size) return step;
  }
  return steps;
}
