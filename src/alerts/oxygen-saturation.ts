import type { Step } from '../stream/step.ts';

/**
 * Oxygen that sea water holds in equilibrium with moist air at 1013.25 hPa, mL/L. Garcia and Gordon, Limnology and
 * Oceanography 37 (1992), equation 8, with the coefficients fitted to Benson and Krause; 0 to 40 degC, salinity 0 to 42.
 */
export function oxygenSolubility(temperature: number, salinity: number): number {
  const t = Math.log((298.15 - temperature) / (273.15 + temperature));
  const a = [2.00907, 3.22014, 4.0501, 4.94457, -0.256847, 3.88767];
  const b = [-6.24523e-3, -7.37614e-3, -1.0341e-2, -8.17083e-3];
  const polynomial = (terms: readonly number[]) => terms.reduceRight((sum, term) => sum * t + term, 0);
  return Math.exp(polynomial(a) + salinity * polynomial(b) - 4.88682e-7 * salinity ** 2);
}

/** mg of oxygen in a mL of it, at standard temperature and pressure. */
const density = 1.42905;

/** Oxygen in mg/L as % of saturation. */
export function oxygenSaturation(oxygen: number, temperature: number, salinity: number): number {
  return (100 * oxygen) / (density * oxygenSolubility(temperature, salinity));
}

/** Steps of `oxygenSaturation` (%), one for each of oxygen (mg/L) in a cell where temperature and salinity are known. */
export function saturationSteps(steps: readonly Step[]): Step[] {
  const known = (variable: string) => steps.find((step) => step.variable === variable && step.count > 0);
  const [temperature, salinity] = [known('waterTemperature'), known('salinity')];
  if (!temperature || !salinity || known('oxygenSaturation')) return [];
  const oxygen = steps.filter(({ variable, count }) => variable === 'dissolvedOxygen' && count > 0);
  return oxygen.map((step) => {
    const percent = (value: number) => oxygenSaturation(value, temperature.mean, salinity.mean);
    const [mean, minimum, maximum] = [step.mean, step.minimum, step.maximum].map(percent) as [
      number,
      number,
      number,
    ];
    const flag = worst([step, temperature, salinity]);
    const deviation = percent(step.deviation);
    return { ...step, variable: 'oxygenSaturation', mean, minimum, maximum, deviation, flag };
  });
}

const severity = [9, 2, 1, 3, 4];
const worst = (steps: readonly Step[]) =>
  steps.map(({ flag }) => flag).reduce((a, b) => (severity.indexOf(b) > severity.indexOf(a) ? b : a));
