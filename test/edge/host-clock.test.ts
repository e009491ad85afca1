import test, { type ExecutionContext } from 'ava';
import pino from 'pino';
import { formatsOf } from '../../src/commands/adapters.ts';
import { checkConfig } from '../../src/config/load.ts';
import { readiness } from '../../src/dashboard/probe.ts';
import { openDisk } from '../../src/disk.ts';
import { type Edge, startEdge } from '../../src/edge.ts';
import { HostClock } from '../../src/ingest/host-clock.ts';
import type { Accept } from '../../src/ingest/source.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';
import { all } from '../commands/shore.ts';
import { temporaryFolder, until } from '../process.ts';

const hour = 3_600_000;
const released = Date.UTC(2026, 0, 1);
const truth = Date.UTC(2026, 4, 1);
const iso = (time: number) => new Date(time).toISOString();

/** A host whose clock is wrong by `error`, with an edge on it. Real time goes by as the test says. */
class Host {
  now = truth;
  error: number;
  #started = truth;
  synchronised: boolean | undefined;
  readonly #folder: string;
  edge!: Edge;
  #accept!: Accept;
  #clock!: HostClock;
  #end!: () => Promise<void>;

  constructor(folder: string, error: number) {
    this.#folder = folder;
    this.error = error;
  }

  async boot(): Promise<void> {
    this.#started = this.now;
    this.#clock = new HostClock({
      trust: 'auto',
      earliest: released,
      patience: hour,
      wall: () => this.now + this.error,
      monotonic: () => this.now - this.#started,
      synchronised: async () => this.synchronised,
    });
    const config = checkConfig({ data: this.#folder, log: 'silent', stations: [{ id: 'B01' }] }, 'test');
    const disk = openDisk(this.#folder);
    this.edge = await startEdge({
      config,
      formats: formatsOf(config),
      disk,
      source: () => ({
        start: async (accept) => void (this.#accept = accept),
        stop: async () => {},
        state: 'connected',
        ended: new Promise(() => {}),
      }),
      address: () => 'test',
      store: new LmdbStore(disk),
      model: {
        current: undefined,
        activate: async () => {},
        wanted: async () => undefined,
        dispose: () => {},
      },
      channels: () => [],
      clock: this.#clock.now,
      hostClock: this.#clock,
      log: pino({ level: 'silent' }),
      version: 'test',
    });
    await this.edge.started;
    this.#end = async () => {
      await this.edge.stop();
      await disk.close();
    };
  }

  /** The buoy's own clock is right. */
  async measure(value: number): Promise<void> {
    this.now += 600_000;
    const payload = Buffer.from(JSON.stringify({ time: iso(this.now), values: { chlorophyll: value } }));
    await this.#accept({ topic: 'buoys/B01/telemetry', payload, receivedAt: this.#clock.now() });
    await this.edge.tick(0);
  }

  /** Each value with the time of its arrival, in minutes of the truth. */
  async ends(): Promise<string[]> {
    await this.edge.drained();
    await this.#end();
    const disk = openDisk(this.#folder, { readOnly: true });
    const stored = await all(new LmdbStore(disk).readings({ from: 0, to: Number.MAX_SAFE_INTEGER }));
    await disk.close();
    return stored.map(({ value, receivedAt }) => `${value} ${(receivedAt - truth) / 60_000}`);
  }

  async fails(): Promise<void> {
    await this.#end();
  }
}

function clean(t: ExecutionContext, { ledger }: Edge, received: number): void {
  t.like(ledger.total(), { received, stored: received, quarantined: 0 });
}

test('a host without a battery: what comes is held over restarts, and has its true time in the end', async (t) => {
  const host = new Host(temporaryFolder(t), -truth + 1000);
  await host.boot();
  await host.measure(1);
  await host.measure(2);
  t.is(host.edge.ledger.total().received, 0);
  t.is(host.edge.status().clock?.state, 'held');
  t.true(
    readiness(host.edge.status()).reasons.some(
      ({ check, detail }) => check === 'clock' && /wait in the journal/.test(detail),
    ),
  );
  await host.fails();

  host.error = -host.now + 2000;
  await host.boot();
  await host.measure(3);
  host.error = 0;
  await host.measure(4);
  await until('the hold is over', () => host.edge.ledger.total().received === 4);
  t.is(host.edge.status().clock?.state, 'trusted');
  await host.measure(5);
  await host.edge.drained();
  clean(t, host.edge, 5);
  t.deepEqual(await host.ends(), ['1 10', '2 20', '3 30', '4 40', '5 50']);
});

test('a clock that jumps while we run: nothing is quarantined, and time never goes back', async (t) => {
  const host = new Host(temporaryFolder(t), 0);
  await host.boot();
  await host.measure(1);
  host.error = -3 * hour;
  await host.measure(2);
  t.like(host.edge.status().clock, { state: 'disregarding', jumps: 1, ahead: -3 * hour });
  host.error = 0;
  await host.measure(3);
  t.like(host.edge.status().clock, { state: 'trusted', ahead: 0 });
  host.error = 3 * hour;
  await host.measure(4);
  await host.measure(5);
  t.like(host.edge.status().clock, { state: 'trusted', jumps: 3, ahead: 0 });
  host.error = 0;
  host.synchronised = true;
  await host.measure(6);
  await host.measure(7);
  await host.edge.drained();
  clean(t, host.edge, 7);
  const ticks = [...host.edge.journal.read(1)].filter(({ kind }) => kind === 'tick');
  t.is(ticks.length, 7);
  t.is(host.edge.status().stations[0]!.condition?.state, 'heard');
  await host.ends();
});
