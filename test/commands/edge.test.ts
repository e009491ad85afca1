import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import mqtt from 'mqtt';
import type { ConfigInput } from '../../src/config/schema.ts';
import { InfluxStore } from '../../src/store/influx-store.ts';
import type { Store } from '../../src/store/store.ts';
import { type Program, redtide, temporaryFolder, until } from '../process.ts';
import { startInflux, startMosquitto } from '../servers.ts';
import {
  all,
  configure,
  day,
  fleet,
  hour,
  iso,
  logOf,
  measured,
  now,
  publish,
  seed,
  today,
} from './shore.ts';

const everything = { from: 0, to: Number.MAX_SAFE_INTEGER };
type RuleInput = NonNullable<ConfigInput['rules']>[number];

/** What is published is up to three days old, which must count as neither silence nor past. */
const [silence, fresh] = ['7d', '7d'];

/** So low that every first forecast crosses it. */
const low: RuleInput = {
  id: 'low',
  variable: 'chlorophyll',
  on: 'forecast',
  direction: 'above',
  level: 0.02,
  clear: 0.01,
  fresh,
  silence,
  text: 'There is chlorophyll',
};
/** Fires in the hours that are published while InfluxDB is away. */
const held: RuleInput = {
  id: 'held',
  variable: 'salinity',
  on: 'observed',
  stations: ['B07'],
  direction: 'above',
  level: 0,
  clear: -1,
  for: '66h',
  fresh,
  silence,
  text: 'There is salt',
};

test('from simulated history to a model, from telemetry over Mosquitto to InfluxDB and a warning', async (t) => {
  const [broker, influx] = [await startMosquitto(t), await startInflux(t)];
  if (!broker || !influx) return;
  const shore = new Shore(t, broker.url, influx.url);
  const first = await shore.train();

  const edge = await shore.start();
  await edge.line(/"model in service"/);
  await shore.takes(today - 3 * day, today - day);
  await shore.holdsAll(today - 3 * day, today - day);
  await shore.warned(first);

  const second = await shore.retrain();
  t.not(second, first);
  await edge.line(new RegExp(`"model":"${second}".*"model in service"`));
  await shore.takes(today - day, today - 12 * hour);
  await shore.forecastsSwitched(first, second);
  await shore.ends(edge);

  await influx.kill();
  await publish(t, broker.url, today - 12 * hour, now);
  const again = await shore.start();
  await again.line(/"the store is away, \d+ points wait for it: InfluxDB at /);
  await until('a warning without a store', () =>
    [...shore.events.keys()].some((id) => id.startsWith('held/B07/')),
  );
  await influx.start();
  await again.line(/"the store answers again"/);
  await again.line(new RegExp(`"model":"${second}".*"model in service"`));
  await shore.holdsAll(today - 3 * day, now);
  t.is((await fetch(`${shore.page(again)}ready`)).status, 200);
  await shore.ends(again);
  t.deepEqual(
    [...shore.events.values()].filter((times) => times > 1),
    [],
    'a message was sent twice',
  );
});

/** A shore station and what stands around it. */
class Shore {
  readonly #t: ExecutionContext;
  readonly #broker: string;
  readonly #store: Store;
  readonly #config: string;
  readonly #folder: string;
  /** Identifiers of alert messages, and how often each came. */
  readonly events = new Map<string, number>();
  readonly #messages: {
    readonly id: string;
    readonly state: string;
    readonly where: { station: string };
    readonly evidence: { model: string };
  }[] = [];
  presence = '';

  constructor(t: ExecutionContext, broker: string, influx: string) {
    this.#t = t;
    this.#broker = broker;
    this.#folder = temporaryFolder(t);
    this.#store = new InfluxStore({ url: influx, database: 'shore' });
    const settings: ConfigInput = {
      data: join(this.#folder, 'data'),
      broker: { url: broker },
      store: { kind: 'influx', url: influx, database: 'shore' },
      model: { folder: this.#models, poll: '200ms', variables: ['chlorophyll', 'dissolvedOxygen'] },
      rules: [low, held],
      notify: [{ kind: 'mqtt' }],
    };
    this.#config = configure(this.#folder, 'edge', settings);
  }

  get #models(): string {
    return join(this.#folder, 'models');
  }

  /** By `simulate` and `train`; resolves with the version. */
  async train(): Promise<string> {
    const file = join(this.#folder, 'history.csv.gz');
    const span = ['--seed', `${seed}`, '--from', iso(today - 14 * day), '--to', iso(today - 3 * day)];
    const simulated = await redtide(this.#t, 'simulate', '--out', file, ...span, '--json').ended;
    this.#t.is(JSON.parse(simulated.out).records, 11 * 144 * fleet.length, simulated.err);
    const rest = [
      '--variables',
      'chlorophyll,dissolvedOxygen',
      '--network',
      'study-lstm',
      '--epochs',
      '2',
      '--until',
      iso(today - 5 * day),
    ];
    const trained = await redtide(this.#t, 'train', file, '--models', this.#models, ...rest, '--json').ended;
    this.#t.is(trained.code, 0, trained.err);
    const manifest = JSON.parse(trained.out);
    this.#t.deepEqual(manifest.stations, fleet);
    for (const { name } of manifest.variables)
      this.#t.true(manifest.scores[name].rmse.model.every(Number.isFinite));
    this.#t.is(this.#current, manifest.id);
    return manifest.id;
  }

  /** On what the edge has stored in InfluxDB, while it runs. */
  async retrain(): Promise<string> {
    const rest = ['--network', 'study-lstm', '--epochs', '1', '--seed', '7'];
    const { code, out, err } = await redtide(this.#t, 'train', '--config', this.#config, ...rest).ended;
    this.#t.is(code, 0, err);
    this.#t.true(out.startsWith(`model ${this.#current}, trained on ${iso(today - 3 * day)}`), out);
    return this.#current;
  }

  get #current(): string {
    return readFileSync(join(this.#models, 'current'), 'utf8').trim();
  }

  async start(): Promise<Program> {
    const edge = redtide(this.#t, 'edge', this.#config);
    if (this.presence === '') await this.#listen();
    await until('the edge at the broker', () => this.presence === 'online');
    await edge.line(/"status page"/);
    return edge;
  }

  page(edge: Program): string {
    return logOf(edge).find(({ msg }) => msg === 'status page')!['url'] as string;
  }

  async #listen(): Promise<void> {
    const client = await mqtt.connectAsync(this.#broker, { reconnectPeriod: 0 });
    this.#t.teardown(() => client.end(true));
    client.on('message', (topic, payload) => {
      if (topic === 'redtide/alerts/edge') this.presence = payload.toString();
      if (!topic.startsWith('redtide/alerts/events/')) return;
      const message = JSON.parse(payload.toString());
      this.#messages.push(message);
      this.events.set(message.id, (this.events.get(message.id) ?? 0) + 1);
    });
    await client.subscribeAsync('redtide/alerts/#', { qos: 1 });
  }

  async takes(from: number, to: number): Promise<void> {
    await publish(this.#t, this.#broker, from, to);
    const newest = `time >= ${iso(to)}`;
    // The edge makes the database with its first write.
    const stored = () => this.#readings(to - 600_000).catch(() => []);
    await until(`readings before ${newest}`, async () => (await stored()).length >= 5 * fleet.length);
  }

  /** Each value that the fleet measured, and no other. */
  async holdsAll(from: number, to: number): Promise<void> {
    const expected = measured(from, to);
    await until('all readings', async () => (await this.#readings(from)).length >= expected.length);
    this.#t.deepEqual(await this.#readings(0), expected);
    const steps = await all(this.#store.steps(everything));
    const whole = steps.filter(({ start, count }) => start >= from && count === 6);
    this.#t.true(
      whole.length > (0.95 * 5 * fleet.length * (to - from)) / hour - 80,
      `${whole.length} whole steps`,
    );
  }

  async #readings(from: number): Promise<string[]> {
    const readings = await all(this.#store.readings({ ...everything, from }));
    return readings
      .map(({ station, variable, time, value }) => `${station} ${variable} ${iso(time)} ${value}`)
      .sort();
  }

  /** Every station over MQTT, by forecasts of that model, and the same in the store. */
  async warned(model: string): Promise<void> {
    const firing = () => this.#messages.filter(({ state }) => state === 'firing');
    await until('alerts', () => firing().length >= fleet.length);
    this.#t.deepEqual(
      firing()
        .map(({ where }) => where.station)
        .sort(),
      fleet,
    );
    this.#t.true(firing().every(({ evidence }) => evidence.model === model));
    const stored = (await all(this.#store.alerts(everything))).filter(({ to }) => to === 'firing');
    this.#t.deepEqual(
      stored.map(({ id }) => `${id}/1`).sort(),
      firing()
        .map(({ id }) => id)
        .sort(),
    );
  }

  async forecastsSwitched(before: string, after: string): Promise<void> {
    const forecasts = await all(this.#store.forecasts(everything));
    const issuedBy = (id: string) =>
      forecasts.filter(({ model }) => model === id).map(({ issuedAt }) => issuedAt);
    this.#t.is(issuedBy(before).length + issuedBy(after).length, forecasts.length);
    this.#t.true(Math.max(...issuedBy(before)) <= Math.min(...issuedBy(after)));
    for (const station of fleet)
      for (const variable of ['chlorophyll', 'dissolvedOxygen']) {
        const own = forecasts.filter((one) => one.station === station && one.variable === variable);
        const models = new Set(own.map(({ model }) => model));
        this.#t.deepEqual([...models], [before, after], `${station} ${variable}`);
      }
  }

  async ends(edge: Program): Promise<void> {
    const { code, took, err } = await edge.stop('SIGTERM');
    this.#t.is(code, 0, err);
    this.#t.true(took < 5000, `${took} ms`);
    this.#t.is(logOf(edge).at(-1)!['msg'], 'stopped');
    await until('the farewell', () => this.presence === 'offline');
  }
}
