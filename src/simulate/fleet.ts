import {
  type Bloom,
  bloomChlorophyll,
  depletion,
  type Hypoxia,
  hypoxiaAfter,
  scheduledAround,
} from './bloom.ts';
import { drift } from './chance.ts';
import { dissolvedOxygen } from './oxygen.ts';
import { noScenario, type Scenario } from './scenario.ts';
import { measure, type Values } from './sensor.ts';
import { type SimulatedStation, stations } from './stations.ts';
import { salinity, waterTemperature } from './water.ts';
import { airTemperature, day, diel, hour, light, season } from './weather.ts';

/** What a buoy measured at one time: degC, degC, practical salinity, ug/L, mg/L. */
export interface Telemetry {
  readonly station: string;
  /** ms since the epoch, UTC. */
  readonly time: number;
  readonly values: Values;
}

export interface Fleet {
  readonly stations: readonly SimulatedStation[];
  readonly scenario: Scenario;
  /** A pure function of the seed, the scenario and its arguments. Throws on a station that is not of the fleet. */
  readingsAt(station: string, time: number): Telemetry;
}

const thread = { patch: 51, slow: 52, balance: 53, trait: 54 } as const;

/**
 * A coastal bay with eight buoys: weather, tide, floods, blooms that grow, drift and rot. Plausible rather than
 * true: made to learn from and to demonstrate with. The same seed is the same world, at any speed and in any order.
 */
export function createFleet({ seed, scenario = noScenario }: { seed: number; scenario?: Scenario }): Fleet {
  const indexOf = new Map(stations.map(({ id }, index) => [id, index]));
  const eventsAt = rememberedEvents(seed, scenario);
  return {
    stations,
    scenario,
    readingsAt: (station, time) => {
      const index = indexOf.get(station);
      if (index === undefined)
        throw new Error(
          `station "${station}" is not of the simulated fleet; there are ${[...indexOf.keys()].join(', ')}`,
        );
      return { station, time, values: measure(seed, truth(seed, index, time, eventsAt(time)), index, time) };
    },
  };
}

interface Events {
  readonly blooms: readonly Bloom[];
  readonly hypoxia: readonly Hypoxia[];
}

/** Events change only with the day; the newest day is remembered, which changes no result. */
function rememberedEvents(seed: number, scenario: Scenario): (time: number) => Events {
  let known: { readonly day: number; readonly events: Events } | undefined;
  return (time) => {
    const today = Math.floor(time / day);
    if (known?.day !== today) known = { day: today, events: eventsAround(seed, scenario, today * day) };
    return known.events;
  };
}

function eventsAround(seed: number, { blooms, hypoxia, quiet }: Scenario, time: number): Events {
  const random = scheduledAround(seed, time).filter(
    ({ peakAt }) => !quiet || peakAt < quiet.from || peakAt >= quiet.to,
  );
  const all = [...random, ...blooms];
  return { blooms: all, hypoxia: [...all.map(hypoxiaAfter), ...hypoxia] };
}

function truth(seed: number, index: number, time: number, { blooms, hypoxia }: Events): Values {
  const station = stations[index]!;
  const temperature = waterTemperature(seed, time, station, index);
  const salt = salinity(seed, time, station, index);
  const algae =
    background(seed, time, station, index) +
    blooms.reduce((sum, bloom) => sum + bloomChlorophyll(seed, bloom, index, time), 0);
  const taken = hypoxia.reduce((left, event) => left * (1 - depletion(seed, event, index, time)), 1);
  return {
    airTemperature: airTemperature(seed, time, station, index),
    waterTemperature: temperature,
    salinity: salt,
    chlorophyll: algae * patchiness(seed, time, index) * (1 - 0.22 * light(seed, time, station)),
    dissolvedOxygen: dissolvedOxygen({
      temperature,
      salinity: salt,
      chlorophyll: algae,
      diel: diel(time, station, 16.5) * (0.6 + 0.4 * light(seed, time, station)),
      balance: 0.025 * drift(time, 1.5 * day, seed, thread.balance, index),
      depletion: 1 - taken,
    }),
  };
}

/** ug/L without blooms: more inshore and in spring, drifting over days. */
function background(seed: number, time: number, { inshore }: SimulatedStation, index: number): number {
  const slow = 0.28 * drift(time, 3 * day, seed, thread.slow, index);
  return (1.6 + 2.2 * inshore) * (1 + 0.3 * season(time, 110)) * Math.exp(slow);
}

/** Algae come in patches, which the water carries past the sensor. */
function patchiness(seed: number, time: number, index: number): number {
  return Math.exp(0.05 * drift(time, 2.5 * hour, seed, thread.patch, index));
}
