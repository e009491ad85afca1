import { setTimeout as sleep } from 'node:timers/promises';
import { createFleet, type Telemetry } from './fleet.ts';
import { isoTime } from './history.ts';
import { MqttBuoy } from './mqtt-buoy.ts';
import { departure, noScenario, type Scenario } from './scenario.ts';
import { cadence, stations } from './stations.ts';

export interface FleetOptions {
  /** mqtt://, mqtts://, ws:// or wss:// */
  readonly url: string;
  readonly seed: number;
  /** Simulated time of the first records, ms; taken up to the next full cadence. */
  readonly start: number;
  /** Simulated time at which the fleet stops measuring, ms; without it only `signal` ends it. */
  readonly until?: number | undefined;
  /** Simulated time, ms: an accelerated clock, or the wall clock. */
  readonly clock: () => number;
  /** Simulated ms per real ms: how long the fleet sleeps between records. */
  readonly speed: number;
  readonly signal: AbortSignal;
  readonly scenario?: Scenario | undefined;
  /** `{station}` stands for the station's id. */
  readonly topic?: string | undefined;
  readonly clientId?: string | undefined;
  readonly credentials?: ((station: string) => { username: string; password: string }) | undefined;
  /** Messages of one buoy that are not yet acknowledged. */
  readonly maxInFlight?: number | undefined;
  /** Connections, for the log. */
  readonly report?: ((what: string) => void) | undefined;
}

/** Counts of records; `taken` = `acknowledged` + `unsent`, the records of dead buoys are not taken. */
export interface FleetResult {
  readonly taken: number;
  readonly acknowledged: number;
  readonly unsent: number;
}

/** A record on its way: when it leaves, by simulated time, and as what. */
interface Held {
  readonly at: number;
  readonly station: string;
  readonly record: object;
}

/**
 * Publishes the fleet over real MQTT at QoS 1, one client per buoy, as redtide's own JSON, until `until` or the
 * signal. Resolves once everything is acknowledged, or 2 s after the signal; what is then unsent is counted.
 */
export async function runFleet(options: FleetOptions): Promise<FleetResult> {
  const buoys = new Map(stations.map(({ id }) => [id, buoyOf(id, options)]));
  const all = [...buoys.values()];
  const taken = await publishAll(options, buoys);
  await Promise.race([Promise.all(all.map((buoy) => buoy.drained())), aborted(options.signal, 2000)]);
  const acknowledged = all.reduce((sum, buoy) => sum + buoy.acknowledged, 0);
  await Promise.all(all.map((buoy) => buoy.close()));
  return { taken, acknowledged, unsent: taken - acknowledged };
}

/** Resolves with the number of records that the buoys took. */
async function publishAll(options: FleetOptions, buoys: ReadonlyMap<string, MqttBuoy>): Promise<number> {
  const { seed, start, scenario = noScenario, until = Number.POSITIVE_INFINITY } = options;
  const fleet = createFleet({ seed, scenario });
  let held: Held[] = [];
  let taken = 0;
  for (let time = Math.ceil(start / cadence) * cadence; time < until; time += cadence) {
    await reach(time, options);
    if (options.signal.aborted) return taken;
    const fresh = stations.flatMap(({ id }) => depart(fleet.readingsAt(id, time), scenario));
    taken += fresh.length;
    held = release([...held, ...fresh], time, buoys);
  }
  release(held, Number.POSITIVE_INFINITY, buoys);
  return taken;
}

function depart({ station, time, values }: Telemetry, scenario: Scenario): Held[] {
  const leaving = departure(scenario, station, time);
  if (leaving.kind === 'never') return [];
  return [{ at: leaving.at, station, record: { time: isoTime(leaving.stamp), values } }];
}

/** Hands over what is due, each buoy's together, and answers with the rest. */
function release(held: readonly Held[], time: number, buoys: ReadonlyMap<string, MqttBuoy>): Held[] {
  for (const [id, buoy] of buoys) {
    const due = held.filter(({ at, station }) => at <= time && station === id);
    if (due.length > 0) buoy.send(due.map(({ record }) => record));
  }
  return held.filter(({ at }) => at > time);
}

/** Sleeps at least a turn of the event loop, so that a clock far ahead starves nobody. */
async function reach(time: number, { clock, speed, signal }: FleetOptions): Promise<void> {
  const rest = () => Math.min(1000, Math.max(0, (time - clock()) / speed));
  do await sleep(rest(), undefined, { signal }).catch(() => undefined);
  while (!signal.aborted && clock() < time);
}

async function aborted(signal: AbortSignal, later: number): Promise<void> {
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await sleep(later, undefined, { ref: false });
}

function buoyOf(id: string, options: FleetOptions): MqttBuoy {
  const { url, topic = 'buoys/{station}/telemetry', clientId = 'simulated', maxInFlight = 4 } = options;
  return new MqttBuoy({
    url,
    clientId: `${clientId}-${id}`,
    topic: topic.replace('{station}', id),
    ...options.credentials?.(id),
    maxInFlight,
    maxBatch: 144,
    report: options.report ?? (() => undefined),
  });
}
