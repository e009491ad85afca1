import { quantile } from '../../baselines/baseline.ts';
import type { Series } from '../dataset.ts';

/** When a variable is in a spike: its value, or its change over a day, lies beyond a threshold. */
export interface Criterion {
  readonly name: string;
  readonly of: 'value' | 'change';
  readonly beyond: 'above' | 'below';
  /** In the variable's unit. */
  readonly threshold: number;
}

const day = 86_400_000;
/** Concentrations below which water is hypoxic: life flees, and dies. mg/L */
const oxygenAlarms = [5, 3];

/** What counts as a spike of a variable; its levels and changes come of the training part alone. */
export function criteriaOf(variable: string, training: readonly Series[]): Criterion[] {
  if (variable === 'dissolvedOxygen')
    return [
      ...oxygenAlarms.map((threshold) => ({
        name: `below ${threshold} mg/L`,
        of: 'value' as const,
        beyond: 'below' as const,
        threshold,
      })),
      ...usual('fall over 24 h beyond P95', 'change', 'below', quantileOr(changes(training), 0.05)),
    ];
  if (variable !== 'chlorophyll') return [];
  const values = measuredValues(training);
  return [
    ...usual('above P90', 'value', 'above', quantileOr(values, 0.9)),
    ...usual('above P95', 'value', 'above', quantileOr(values, 0.95)),
    ...usual('rise over 24 h beyond P95', 'change', 'above', quantileOr(changes(training), 0.95)),
  ];
}

const usual = (
  name: string,
  of: Criterion['of'],
  beyond: Criterion['beyond'],
  threshold: number | undefined,
): Criterion[] => (threshold === undefined ? [] : [{ name, of, beyond, threshold }]);

const quantileOr = (values: Float64Array, level: number) =>
  values.length > 0 ? quantile(values.sort(), level) : undefined;

const measuredValues = (all: readonly Series[]) =>
  Float64Array.from(all.flatMap(({ values, mask }) => [...values].filter((_, i) => mask[i])));

function changes(all: readonly Series[]): Float64Array {
  return Float64Array.from(
    all.flatMap(({ values, mask, step }) => {
      const before = Math.round(day / step);
      return [...values].flatMap((value, i) =>
        mask[i] && mask[i - before] ? [value - values[i - before]!] : [],
      );
    }),
  );
}

/** 1 in the spike, 0 not, -1 not known. */
export type State = -1 | 0 | 1;

/** `before` is the value a day before; NaN stands for what is not known. */
export function stateOf({ of, beyond, threshold }: Criterion, value: number, before: number): State {
  const given = of === 'value' ? value : value - before;
  if (Number.isNaN(given)) return -1;
  return (beyond === 'above' ? given > threshold : given < threshold) ? 1 : 0;
}
