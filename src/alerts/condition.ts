/** What must hold: one test, or several of which all or any must. */
export type Condition =
  | Test
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] };

/**
 * What is held against the level:
 * - `value`: the mean of a step, or the median of a forecast at any horizon up to `within`
 * - `rise`: by how much it is above its lowest of the last `over` (for direction below: under its highest)
 * - `departure`: by how much it differs from the normal of the season, `season`
 * - `swing`: the highest less the lowest of the last `over`
 * - `probability`: that a forecast crosses the level at any one horizon up to `within`
 */
export type Measure = 'value' | 'rise' | 'departure' | 'swing' | 'probability';

/** One comparison with hysteresis: between the level that starts and the one that ends it, nothing changes. */
export interface Test {
  /** From the table of variables, or derived from it; levels are in its unit. */
  readonly variable: string;
  /** `watch`: that data or forecasts come at all (watch-rules.ts). */
  readonly on: 'observed' | 'forecast' | 'watch';
  readonly measure: Measure;
  readonly direction: 'above' | 'below';
  /** Crossed strictly beyond it. */
  readonly level: number;
  /** Clear at it or beyond, on the other side; for `probability` a probability, clear at it or less. */
  readonly clear: number;
  /** `probability`: crossed from this probability on, 0 to 1. */
  readonly probability?: number | undefined;
  /** `rise` and `swing`: how far back, ms. */
  readonly over?: number | undefined;
  /** Forecasts: how far ahead, ms; all horizons where absent. */
  readonly within?: number | undefined;
  /** `departure`: normals in the middle of January to December. */
  readonly season?: readonly number[] | undefined;
}

export function testsOf(condition: Condition): readonly Test[] {
  if ('all' in condition) return condition.all.flatMap(testsOf);
  if ('any' in condition) return condition.any.flatMap(testsOf);
  return [condition];
}

export function faultsOfCondition(condition: Condition): string[] {
  const parts = 'all' in condition ? condition.all : 'any' in condition ? condition.any : undefined;
  if (!parts) return faultsOfTest(condition as Test);
  return parts.length > 0
    ? parts.flatMap(faultsOfCondition)
    : ['all [] and any [] must have conditions in them'];
}

function faultsOfTest(test: Test): string[] {
  const { on, measure, level, clear, direction, over, season } = test;
  const faults: string[] = [];
  if (!Number.isFinite(level) || !Number.isFinite(clear))
    faults.push(`level ${level} and clear ${clear} must both be finite numbers`);
  else if (measure === 'probability') faults.push(...faultsOfProbability(test));
  else if (direction === 'above' ? clear > level : clear < level)
    faults.push(
      `clear ${clear} is on the wrong side of level ${level}: for direction ${direction} it must be ` +
        `${direction === 'above' ? 'at or below' : 'at or above'} the level`,
    );
  if ((measure === 'rise' || measure === 'swing') && !(over! > 0))
    faults.push(`${measure} needs how far back it looks, not ${over}`);
  if (measure === 'swing' && direction === 'below') faults.push('swing can only be above its level');
  if (measure === 'swing' && on === 'forecast') faults.push('swing is of what is observed');
  if (measure === 'departure' && season?.length !== 12)
    faults.push(`departure needs the normals of 12 months, not ${season?.length ?? 'none'}`);
  return faults;
}

function faultsOfProbability({ on, probability, clear }: Test): string[] {
  if (on !== 'forecast') return ['probability is of a forecast'];
  if (!(probability! > 0 && probability! <= 1))
    return [`probability ${probability} must be above 0 and at most 1`];
  if (clear < 0 || clear > probability!)
    return [
      `clear ${clear} is a probability, and must be 0 to ${probability}, the one that starts the alert`,
    ];
  return [];
}
