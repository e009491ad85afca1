const A = [2.00907, 3.22014, 4.0501, 4.94457, -2.56847e-1, 3.88767];
const B = [-6.24523e-3, -7.37614e-3, -1.0341e-2, -8.17083e-3];
const C0 = -4.88682e-7;
/** mg of oxygen in 1 mL of the gas at standard temperature and pressure: 31.998 g/mol by 44.6596 umol/mL. */
const mgPerMl = (31.998 * 44.6596) / 1000;

/**
 * Oxygen in water at equilibrium with moist air at one atmosphere, mg/L, by temperature in degC and practical salinity:
 * Garcia and Gordon 1992, equation 8, with the coefficients fitted to the data of Benson and Krause (table 1, cm3/dm3;
 * their check value is 6.315 cm3/dm3 at 10 degC and 35). Undefined outside what was measured: from the freezing point
 * to 40 degC, 0 to 42.
 */
export function oxygenSolubility(temperature: number, salinity: number): number | undefined {
  if (!(temperature >= -2 && temperature <= 40 && salinity >= 0 && salinity <= 42)) return undefined;
  const scaled = Math.log((298.15 - temperature) / (273.15 + temperature));
  const polynomial = (coefficients: readonly number[]) =>
    coefficients.reduceRight((sum, one) => sum * scaled + one, 0);
  return mgPerMl * Math.exp(polynomial(A) + salinity * polynomial(B) + C0 * salinity ** 2);
}
