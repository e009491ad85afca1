import type { Codec } from '../../stream/kept.ts';
import { pack, unpack } from '../../stream/pack.ts';
import type { Maker } from '../forecast.ts';
import { type Climate, newClimate } from './climate.ts';
import type { Conformal } from './conformal.ts';
import { fields, nothing, type Rolling } from './rolling.ts';

/** Where the forecasts of one variable of one station stand: those that wait for their truth, and what is known of them. */
export interface Standing {
  /** Start of the oldest step that has not been compared yet, ms since the epoch. */
  settled: number;
  /** Issue time of the newest forecast that was taken in. */
  issued: number;
  readonly climate: Climate;
  readonly horizons: Map<number, Horizon>;
  /** In the order of issue. */
  waiting: Waiting[];
}

export interface Horizon {
  conformal: Conformal;
  readonly rolling: Rolling;
}

/** One horizon of a forecast whose step is yet to be measured. */
export interface Waiting {
  /** Start of the step it is for. */
  readonly time: number;
  readonly horizon: number;
  readonly maker: Maker;
  readonly median: number;
  readonly persistence: number;
  /** NaN where it was not known yet. */
  readonly climatology: number;
  /** The 80 % interval as issued; NaN where there is none. */
  readonly low: number;
  readonly high: number;
  /** The quantiles as each level made its own, where they were calibrated; else none. */
  readonly made: readonly number[];
}

export const newStanding = (): Standing => ({
  settled: Number.NEGATIVE_INFINITY,
  issued: Number.NEGATIVE_INFINITY,
  climate: newClimate(),
  horizons: new Map(),
  waiting: [],
});

/** Numbers one after the other, each list after its length; names in the order in which they are met. */
export const codec: Codec<Standing> = {
  encode: ({ settled, issued, climate, horizons, waiting }) => {
    const names: string[] = [];
    const numbers = [settled, issued, ...climate.means, ...climate.counts, horizons.size];
    for (const [horizon, { conformal, rolling }] of horizons) {
      names.push(conformal.network);
      numbers.push(horizon, ...list(conformal.levels), ...list(conformal.scales));
      numbers.push(conformal.errors, conformal.error);
      numbers.push(...fields.map((field) => rolling[field]));
    }
    for (const { maker, time, horizon, median, persistence, climatology, low, high, made } of waiting) {
      names.push(maker.model, maker.network);
      numbers.push(time, horizon, median, persistence, climatology, low, high, ...list(made));
    }
    return pack(names, numbers);
  },
  decode: (bytes) => {
    const { names, numbers } = unpack(bytes);
    let [at, named] = [0, 0];
    const next = () => numbers[at++]!;
    const nextList = () => Array.from({ length: next() }, next);
    const nextName = () => names[named++]!;
    const [settled, issued] = [next(), next()];
    const day = () => Array.from({ length: 24 }, next);
    const climate = { means: day(), counts: day() };
    const count = next();
    const horizons = new Map<number, Horizon>();
    for (let i = 0; i < count; i++) {
      const [network, horizon] = [nextName(), next()];
      const [levels, scales, errors, error] = [nextList(), nextList(), next(), next()];
      const conformal = { network, levels, scales, errors, error };
      const rolling = nothing();
      for (const field of fields) rolling[field] = next();
      horizons.set(horizon, { conformal, rolling });
    }
    const waiting: Waiting[] = [];
    while (at < numbers.length) {
      const maker = { model: nextName(), network: nextName() };
      const [time, horizon, median, persistence] = [next(), next(), next(), next()];
      const [climatology, low, high] = [next(), next(), next()];
      const numbersOf = { time, horizon, median, persistence, climatology, low, high };
      waiting.push({ maker, ...numbersOf, made: nextList() });
    }
    return { settled, issued, climate, horizons, waiting };
  },
};

const list = (values: readonly number[]) => [values.length, ...values];
