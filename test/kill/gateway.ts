import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import mqtt from 'mqtt';
import { hash } from '../../src/simulate/chance.ts';

export const stations = ['B01', 'B02', 'B03', 'B04'];
export const cadence = 600_000;

/** What is measured is a function of the station and the number of its reading, so that anybody can check it. */
export interface Measurement {
  readonly station: string;
  readonly time: number;
  readonly values: Readonly<Record<'chlorophyll' | 'dissolvedOxygen', number>>;
}

/** Swings of two and a half days with noise, which no two readings have alike: it crosses levels often. */
export function measurement(seed: number, start: number, number: number): Measurement {
  const station = number % stations.length;
  const index = outOfOrder(seed, Math.floor(number / stations.length));
  const swing = Math.sin((2 * Math.PI * (index + 40 * station)) / 360);
  const noise = (hash(seed, station, index) % 100_000) / 1e6;
  return {
    station: stations[station]!,
    time: start + index * cadence,
    values: { chlorophyll: 6 + 5 * swing + noise, dissolvedOxygen: 7 - 3 * swing + noise },
  };
}

/** Every eighth reading or so changes places with the next. */
function outOfOrder(seed: number, index: number): number {
  const first = index - (index % 2);
  return hash(seed, first) % 4 === 0 ? first + (1 - (index % 2)) : index;
}

export const keyOf = (station: string, variable: string, time: number) => `${station} ${variable} ${time}`;

/**
 * A gateway that publishes measurements at QoS 1 and keeps them until their PUBACK, over any number of connections,
 * as its standard bids. It remembers what it was told has arrived.
 */
export class Gateway {
  /** Messages sent, and those of them whose PUBACK came. */
  sent = 0;
  acknowledged = 0;
  /** It waits where so many are sent. */
  limit = 0;
  readonly #values = new Map<string, number>();
  readonly #unheard = new Set<number>();
  readonly #client: mqtt.MqttClient;
  readonly #lanes: Promise<void>[];
  readonly #seed: number;
  readonly #start: number;
  #running = true;
  #stopped: Promise<void> | undefined;

  constructor(t: ExecutionContext, url: string, seed: number, start: number) {
    this.#seed = seed;
    this.#start = start;
    this.#client = mqtt.connect(url, { clientId: 'gateway', clean: false, reconnectPeriod: 50 });
    this.#client.on('error', () => {});
    t.teardown(() => {
      this.#running = false;
      this.#client.end(true);
    });
    this.#lanes = Array.from({ length: 25 }, () => this.#publishAll());
    // What fails shows in `unheard`.
    for (const lane of this.#lanes) lane.catch(() => {});
  }

  /** By key, each value that was acknowledged. */
  get values(): ReadonlyMap<string, number> {
    return this.#values;
  }

  /** What was sent, and not acknowledged yet. */
  get unheard(): readonly Measurement[] {
    return [...this.#unheard].map((number) => measurement(this.#seed, this.#start, number));
  }

  /** Resolves once all that was sent is acknowledged. */
  stop(): Promise<void> {
    this.#running = false;
    return (this.#stopped ??= Promise.allSettled(this.#lanes).then(() => this.#client.endAsync()));
  }

  /** About 150 messages a second from all lanes together, in the order of their numbers. */
  async #publishAll(): Promise<void> {
    while (this.#running) {
      if (this.sent < this.limit) await this.#publish(this.sent++);
      await sleep(150);
    }
  }

  async #publish(number: number): Promise<void> {
    const { station, time, values } = measurement(this.#seed, this.#start, number);
    this.#unheard.add(number);
    const payload = JSON.stringify({ time: new Date(time).toISOString(), values });
    await this.#client.publishAsync(`buoys/${station}/telemetry`, payload, { qos: 1 });
    this.acknowledged++;
    this.#unheard.delete(number);
    for (const [variable, value] of Object.entries(values))
      this.#values.set(keyOf(station, variable, time), value);
  }
}
