/**
 * Dissolved oxygen of water in equilibrium with moist air at 1 atm, mg/L; temperature in degC (0 to 40), practical
 * salinity (0 to 40). Benson and Krause (1984), equation 32 with the salinity term, as used in APHA 4500-O and by
 * the USGS (Office of Water Quality memorandum 2011.03).
 */
export function solubility(temperature: number, salinity: number): number {
  const t = temperature + 273.15;
  const fresh = -139.34411 + 1.575701e5 / t - 6.642308e7 / t ** 2 + 1.2438e10 / t ** 3 - 8.621949e11 / t ** 4;
  return Math.exp(fresh - salinity * (1.7674e-2 - 10.754 / t + 2140.7 / t ** 2));
}

/** What decides the oxygen of the water at one moment. */
export interface Breath {
  /** degC */
  readonly temperature: number;
  readonly salinity: number;
  /** ug/L */
  readonly chlorophyll: number;
  /** -1 at the end of the night, 1 late in the afternoon. */
  readonly diel: number;
  /** Slow departure from saturation, a share. */
  readonly balance: number;
  /** Share taken by the decay of blooms, 0 to 1. */
  readonly depletion: number;
}

/** mg/L: near saturation, more in the afternoon and less before dawn the more algae there are, less as they rot. */
export function dissolvedOxygen(breath: Breath): number {
  const { temperature, salinity, chlorophyll, diel, balance, depletion } = breath;
  const saturation = solubility(temperature, salinity);
  const swing = 0.03 + (0.22 * chlorophyll) / (chlorophyll + 20);
  return saturation * (0.97 + balance + swing * diel) * (1 - Math.min(0.9, depletion));
}
