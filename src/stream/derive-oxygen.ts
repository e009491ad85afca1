import { map, type OperatorFunction } from 'rxjs';
import type { Flag } from '../ingest/reading.ts';
import { oxygenSolubility } from './oxygen-solubility.ts';
import type { Step, StepBatch } from './step.ts';

export const derivedVariable = 'oxygenSaturation';

export interface DeriveOxygenOptions {
  /** Salinity of a station that does not measure it: 0 for fresh water. */
  readonly salinity: (station: string) => number | undefined;
}

/**
 * Adds oxygen saturation, percent of what the water would hold at equilibrium (oxygen-solubility.ts), to every step of
 * dissolved oxygen (mg/L) that has a temperature and a salinity beside it. Those of the same sensor count, else the
 * first by name. Flag and revision go along: the worst flag of the three, and a correction of any of them corrects it.
 * A station that reports saturation itself keeps its own.
 */
export function deriveOxygen(options: DeriveOxygenOptions): OperatorFunction<StepBatch, StepBatch> {
  return map((batch) => {
    const derived = derivedOf(batch, options);
    return derived.length > 0 ? { ...batch, steps: [...batch.steps, ...derived] } : batch;
  });
}

/** The steps to add; none where the batch has its own. */
export function derivedOf(batch: StepBatch, { salinity }: DeriveOxygenOptions): Step[] {
  const { station, steps } = batch;
  if (steps.some(({ variable }) => variable === derivedVariable)) return [];
  return steps.flatMap((oxygen) => {
    if (oxygen.variable !== 'dissolvedOxygen') return [];
    const temperature = beside(steps, oxygen, 'waterTemperature');
    const salt = beside(steps, oxygen, 'salinity');
    const solubility =
      temperature && oxygenSolubility(temperature.mean, salt?.mean ?? salinity(station) ?? NaN);
    if (!solubility) return batch.revision > 0 ? [withdrawn(oxygen)] : [];
    return [saturation(oxygen, solubility, [temperature, ...(salt ? [salt] : [])])];
  });
}

const measured = ({ count }: Step) => count > 0;

function beside(steps: readonly Step[], { sensor }: Step, variable: string): Step | undefined {
  const all = steps.filter((step) => step.variable === variable && measured(step));
  return all.find((step) => step.sensor === sensor) ?? all.sort((a, b) => (a.sensor < b.sensor ? -1 : 1))[0];
}

function saturation(oxygen: Step, solubility: number, others: readonly Step[]): Step {
  const percent = (value: number) => (100 * value) / solubility;
  const all = [oxygen, ...others];
  return {
    ...oxygen,
    variable: derivedVariable,
    mean: percent(oxygen.mean),
    minimum: percent(oxygen.minimum),
    maximum: percent(oxygen.maximum),
    deviation: percent(oxygen.deviation),
    coverage: Math.min(...all.map(({ coverage }) => coverage)),
    flag: worst(all.map(({ flag }) => flag)),
    revision: Math.max(...all.map(({ revision }) => revision)),
  };
}

/** What a correction took the ground from. */
const withdrawn = (oxygen: Step): Step => ({
  ...oxygen,
  variable: derivedVariable,
  mean: NaN,
  count: 0,
  minimum: NaN,
  maximum: NaN,
  deviation: NaN,
  coverage: 0,
  flag: 9,
});

const order: readonly Flag[] = [4, 3, 1, 2, 9];

const worst = (flags: readonly Flag[]): Flag => order.find((flag) => flags.includes(flag)) ?? 9;
