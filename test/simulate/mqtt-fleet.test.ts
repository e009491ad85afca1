import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import test, { type ExecutionContext } from 'ava';
import { defaultVariables } from '../../src/config/variables.ts';
import { decoder } from '../../src/ingest/decode.ts';
import type { Reading } from '../../src/ingest/reading.ts';
import { stationCatalog } from '../../src/ingest/stations.ts';
import { acceleratedClock } from '../../src/simulate/accelerated-clock.ts';
import { createFleet } from '../../src/simulate/fleet.ts';
import { type FleetOptions, runFleet } from '../../src/simulate/mqtt-fleet.ts';
import type { Scenario } from '../../src/simulate/scenario.ts';
import { stations } from '../../src/simulate/stations.ts';

const hour = 3_600_000;
const start = Date.UTC(2026, 4, 1);

interface Received {
  readonly client: string;
  readonly station: string;
  readonly qos: number;
  readonly records: readonly { readonly time: string; readonly values: Record<string, number> }[];
}

/** A broker that says what came in; `open` and `shut` put it on the network and take it off. */
class Broker {
  readonly received: Received[] = [];
  /** The last message as it came. */
  last: { readonly topic: string; readonly payload: Uint8Array } | undefined;
  /** Publications wait here for their PUBACK while `holding`. */
  holding = false;
  readonly held: (() => void)[] = [];
  readonly #aedes: Aedes;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  port = 0;

  private constructor(aedes: Aedes) {
    this.#aedes = aedes;
    aedes.on('publish', ({ topic, payload, qos }, client) => {
      if (!client) return;
      const body = JSON.parse(payload.toString());
      const [, station = ''] = topic.split('/');
      this.received.push({ client: client.id, station, qos, records: [body].flat() });
      this.last = { topic, payload: Buffer.from(payload) };
    });
  }

  static async start(t: ExecutionContext): Promise<Broker> {
    const broker: Broker = new Broker(
      await Aedes.createBroker({
        authorizePublish: (_client, _packet, done) =>
          broker.holding ? void broker.held.push(done) : done(null),
      }),
    );
    await broker.open();
    t.teardown(async () => {
      broker.shut();
      await new Promise<void>((resolve) => broker.#aedes.close(resolve));
    });
    return broker;
  }

  async open(): Promise<void> {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      this.#aedes.handle(socket);
    });
    await new Promise<void>((resolve) => this.#server!.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.#server.address() as AddressInfo).port;
  }

  shut(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  of(station: string) {
    return this.received.filter((message) => message.station === station);
  }

  /** Stamps of a station's records, each once, in hours after the start. */
  stamps(station: string): number[] {
    const times = this.of(station).flatMap(({ records }) => records.map(({ time }) => Date.parse(time)));
    return [...new Set(times)].map((time) => (time - start) / hour);
  }
}

const run = (broker: Broker, more: Partial<FleetOptions> = {}) =>
  runFleet({
    url: `mqtt://127.0.0.1:${broker.port}`,
    seed: 3,
    start,
    until: start + 6 * hour,
    speed: 40_000,
    clock: acceleratedClock({ start, speed: 40_000, now: () => performance.now() }),
    signal: new AbortController().signal,
    ...more,
  });

const every10Minutes = (from: number, to: number) =>
  Array.from({ length: (to - from) * 6 }, (_, n) => (from * 6 + n) / 6);

test('every buoy publishes every record at QoS 1, under its own client id and topic', async (t) => {
  const broker = await Broker.start(t);
  const result = await run(broker);
  t.deepEqual(result, { taken: 8 * 36, acknowledged: 8 * 36, unsent: 0 });
  for (const { id } of stations) {
    t.deepEqual(broker.stamps(id), every10Minutes(0, 6), id);
    t.true(broker.of(id).every(({ client, qos }) => client === `simulated-${id}` && qos === 1));
  }
  const [first] = broker.of('B01')[0]!.records;
  t.deepEqual(first, {
    time: '2026-05-01T00:00:00Z',
    values: { ...createFleet({ seed: 3 }).readingsAt('B01', start).values },
  });
});

test('while the broker is away records are kept, and come later in order and in batches', async (t) => {
  const broker = await Broker.start(t);
  const clock = acceleratedClock({ start, speed: 40_000, now: () => performance.now() });
  let shut = false;
  let back: Promise<void> | undefined;
  const watched = () => {
    const now = clock();
    if (!shut && now > start + 8 * hour) {
      shut = true;
      broker.shut();
    }
    if (!back && now > start + 30 * hour) back = broker.open();
    return now;
  };
  const result = await run(broker, { until: start + 40 * hour, clock: watched });
  t.deepEqual(result, { taken: 8 * 240, acknowledged: 8 * 240, unsent: 0 });
  for (const { id } of stations) {
    t.deepEqual(broker.stamps(id), every10Minutes(0, 40), id);
    t.true(
      broker.of(id).some(({ records }) => records.length > 20),
      id,
    );
  }
});

const fault = (faults: Scenario['faults']): Scenario => ({ blooms: [], hypoxia: [], faults });

test('a dead buoy, a wrong clock and a late burst', async (t) => {
  const broker = await Broker.start(t);
  let clock = () => start - 1;
  let connected = 0;
  const result = await run(broker, {
    clock: () => clock(),
    report: (what) => {
      if (!what.endsWith('connected') || ++connected < 8) return;
      clock = acceleratedClock({ start, speed: 40_000, now: () => performance.now() });
    },
    scenario: fault([
      { kind: 'dead', station: 'B01', from: start + 2 * hour },
      { kind: 'wrong-clock', station: 'B02', from: start + hour, to: start + 2 * hour, ahead: 7 * hour },
      { kind: 'late-burst', station: 'B03', from: start + hour, to: start + 4 * hour },
    ]),
  });
  t.deepEqual(result, { taken: 8 * 36 - 24, acknowledged: 8 * 36 - 24, unsent: 0 });
  t.deepEqual(broker.stamps('B01'), every10Minutes(0, 2));
  t.deepEqual(broker.stamps('B02'), [
    ...every10Minutes(0, 1),
    ...every10Minutes(8, 9),
    ...every10Minutes(2, 6),
  ]);
  t.deepEqual(broker.stamps('B03'), every10Minutes(0, 6));
  const burst = broker.of('B03').find(({ records }) => Date.parse(records[0]!.time) === start + hour)!;
  t.deepEqual(
    burst.records.map(({ time }) => (Date.parse(time) - start) / hour),
    every10Minutes(1, 4).concat(4),
  );
});

test('the signal ends it, with no broker too, and what was not sent is counted', async (t) => {
  const broker = await Broker.start(t);
  broker.shut();
  const controller = new AbortController();
  const said: string[] = [];
  setTimeout(() => controller.abort(), 300);
  const result = await run(broker, {
    until: Number.POSITIVE_INFINITY,
    signal: controller.signal,
    report: (what) => said.push(what),
  });
  t.true(result.taken > 0);
  t.deepEqual(result, { taken: result.taken, acknowledged: 0, unsent: result.taken });
  t.true(said.some((line) => line.startsWith('simulated-B01: ')));
});

test('at most the agreed number of messages is without an acknowledgement', async (t) => {
  const broker = await Broker.start(t);
  broker.holding = true;
  const most: number[] = [];
  const watch = setInterval(() => {
    most.push(broker.held.length);
    if (most.length < 20) return;
    broker.holding = false;
    for (const done of broker.held) done();
    clearInterval(watch);
  }, 20);
  const result = await run(broker, { until: start + 10 * hour, maxInFlight: 2 });
  t.is(Math.max(...most), 2 * 8);
  t.deepEqual(result, { taken: 8 * 60, acknowledged: 8 * 60, unsent: 0 });
  for (const { id } of stations) t.deepEqual(broker.stamps(id), every10Minutes(0, 10), id);
});

test('the decoder understands what the fleet sends', async (t) => {
  const broker = await Broker.start(t);
  await run(broker, { until: start + 1 });
  const decode = decoder({
    formats: [{ topic: 'buoys/{station}/telemetry', payload: 'native' }],
    stations: stationCatalog(stations, 'quarantine'),
    variables: defaultVariables,
  });
  const outcomes = decode({ ...broker.last!, receivedAt: start + 1000 });
  const [, station] = broker.last!.topic.split('/');
  const { values } = createFleet({ seed: 3 }).readingsAt(station!, start);
  t.is(outcomes.length, 5);
  t.deepEqual(
    Object.fromEntries(outcomes.map((one) => [(one as Reading).variable, (one as Reading).value])),
    { ...values },
  );
  t.true(outcomes.every((one) => one.kind === 'reading' && one.station === station && one.time === start));
});
