// Records of stations: a daily cycle, a slow drift and noise, and a driver that leads the variable by an hour.
import { uniform } from '../../../../src/model/engine/initial.ts';
import type { Series } from '../../../../src/model/training/dataset.ts';

export const hour = 3_600_000;
export const start = Date.UTC(2026, 0, 1);

export interface Record {
  readonly station?: string;
  readonly steps: number;
  readonly seed?: number;
  readonly scale?: number;
  /** Share of the steps that is masked. */
  readonly missing?: number;
}

export function recordOf({ station = 'buoy-1', steps, seed = 1, scale = 1, missing = 0 }: Record): Series[] {
  const next = uniform(seed);
  const noise = () => next() + next() + next() - 1.5;
  const driver = new Float64Array(steps);
  const value = new Float64Array(steps);
  for (let i = 0; i < steps; i++) {
    driver[i] = 0.8 * (driver[i - 1] ?? 0) + noise();
    const daily = Math.sin((2 * Math.PI * i) / 24);
    value[i] = 0.9 * (value[i - 1] ?? 0) + 0.5 * (driver[i - 1] ?? 0) + 0.4 * daily + 0.2 * noise();
  }
  const mask = () => Uint8Array.from({ length: steps }, () => (next() < missing ? 0 : 1));
  const series = (variable: string, values: Float64Array): Series => ({
    station,
    variable,
    start,
    step: hour,
    values,
    mask: mask(),
  });
  return [
    series(
      'dissolvedOxygen',
      value.map((one) => scale * (10 + one)),
    ),
    series(
      'waterTemperature',
      driver.map((one) => 15 + one),
    ),
  ];
}

export const options = {
  variables: [
    { name: 'dissolvedOxygen', unit: 'mg/L' },
    { name: 'waterTemperature', unit: 'degC' },
  ],
  step: hour,
  lookback: 24,
  horizons: [1, 3, 6],
  coverage: 0.5,
  seed: 1,
  hidden: 6,
  epochs: 2,
  folds: 2,
  mostWindows: 600,
} as const;
