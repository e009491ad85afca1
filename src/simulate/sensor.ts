import { between, gaussian, uniform } from './chance.ts';

/** The variables that every buoy measures, in the order of its records. */
export const measured = [
  'airTemperature',
  'waterTemperature',
  'salinity',
  'chlorophyll',
  'dissolvedOxygen',
] as const;
export type Measured = (typeof measured)[number];
export type Values = Readonly<Record<Measured, number>>;

interface Sensor {
  /** Standard deviation of its noise in the variable's unit, and as a share of the value. */
  readonly noise: number;
  readonly share: number;
  /** Decimals that it gives. */
  readonly decimals: number;
  readonly lowest: number;
  /** Size of its glitches, from and to; far outside what water does, as an electrical fault is. */
  readonly glitch: readonly [number, number];
}

const sensors: Readonly<Record<Measured, Sensor>> = {
  airTemperature: { noise: 0.05, share: 0, decimals: 2, lowest: -40, glitch: [13, 20] },
  waterTemperature: { noise: 0.02, share: 0, decimals: 3, lowest: -2, glitch: [9, 15] },
  salinity: { noise: 0.03, share: 0, decimals: 3, lowest: 0, glitch: [-30, -21] },
  chlorophyll: { noise: 0.05, share: 0.02, decimals: 3, lowest: 0, glitch: [170, 500] },
  dissolvedOxygen: { noise: 0.03, share: 0.003, decimals: 3, lowest: 0, glitch: [13, 18] },
};

const thread = { noise: 41, glitch: 42 } as const;
/** One record in so many holds a glitch of one of its sensors. */
const glitchEvery = 1500;

/** What the sensors of a station make of the truth: noise, a rare glitch, as many decimals as they have. */
export function measure(seed: number, truth: Values, index: number, time: number): Values {
  const entries = measured.map((variable, n) => {
    const { noise, share, decimals, lowest } = sensors[variable];
    const spread = noise + share * Math.abs(truth[variable]);
    const value = truth[variable] + spread * gaussian(seed, thread.noise, index, n, time);
    return [variable, round(Math.max(lowest, value + glitch(seed, n, index, time)), decimals)];
  });
  return Object.fromEntries(entries);
}

function glitch(seed: number, n: number, index: number, time: number): number {
  const draw = uniform(seed, thread.glitch, index, time) * glitchEvery * measured.length;
  if (draw >= measured.length || Math.floor(draw) !== n) return 0;
  const [low, high] = sensors[measured[n]!].glitch;
  return between(low, high, seed, thread.glitch, index, time, 1);
}

function round(value: number, decimals: number): number {
  const scale = 10 ** decimals;
  return Math.round(value * scale) / scale;
}
