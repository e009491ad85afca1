import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { freePort, requireServer } from '../servers.ts';

const shipped = new URL('../../deploy/mosquitto/', import.meta.url);
const users = { redtide: 'r-secret', B01: 'one', B02: 'two', agency: 'a-secret', trainer: 't-secret' };
type User = keyof typeof users;

/** Mosquitto with the shipped files, its certificates made by the shipped script; only paths and port are changed. */
class ShippedBroker {
  readonly folder: string;
  readonly port: number;
  readonly #program: string;
  #child: ChildProcess | undefined;

  constructor(program: string, folder: string, port: number) {
    this.folder = folder;
    this.port = port;
    this.#program = program;
    mkdirSync(`${folder}/data`);
    execFileSync(new URL('make-certificates.sh', shipped).pathname, [folder, 'localhost', '127.0.0.1']);
    for (const [user, password] of Object.entries(users)) this.#addUser(user, password);
    writeFileSync(`${folder}/mosquitto.conf`, this.#configuration());
  }

  get ca(): string {
    return readFileSync(`${this.folder}/ca.pem`, 'utf8');
  }

  async start(): Promise<void> {
    const child = spawn(this.#program, ['-c', `${this.folder}/mosquitto.conf`], { stdio: 'pipe' });
    this.#child = child;
    let said = '';
    child.stderr.on('data', (chunk) => (said += chunk));
    for (let tries = 0; !said.includes('running'); tries++) {
      if (child.exitCode !== null || tries > 500) throw new Error(`mosquitto does not start:\n${said}`);
      await sleep(10);
    }
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }

  /** Resolves when the broker has saved again what it holds. */
  async saved(): Promise<void> {
    const savedAt = () =>
      statSync(`${this.folder}/data/mosquitto.db`, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const before = savedAt();
    while (savedAt() === before) await sleep(50);
  }

  #addUser(user: string, password: string): void {
    const file = `${this.folder}/passwords`;
    writeFileSync(file, '', { flag: 'a', mode: 0o600 });
    execFileSync('mosquitto_passwd', ['-b', file, user, password], { stdio: 'pipe' });
  }

  #configuration(): string {
    const text = readFileSync(new URL('mosquitto.conf', shipped), 'utf8')
      .replace('listener 8883', `listener ${this.port} 127.0.0.1`)
      .replaceAll('/mosquitto/secrets', this.folder)
      .replace('/mosquitto/config/acl', new URL('acl', shipped).pathname)
      .replace('/mosquitto/data', `${this.folder}/data`);
    // Started as root, Mosquitto gives that up, and then it can't read a folder of root.
    return process.getuid?.() === 0 ? `${text}user root\n` : text;
  }
}

async function startShipped(t: ExecutionContext): Promise<ShippedBroker | undefined> {
  const program = requireServer(t, 'mosquitto', ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto']);
  if (!program || !requireServer(t, 'openssl', ['/usr/bin/openssl', '/usr/local/bin/openssl']))
    return undefined;
  const folder = mkdtempSync(`${tmpdir()}/redtide-broker-`);
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const broker = new ShippedBroker(program, folder, await freePort());
  t.teardown(() => broker.end('SIGKILL'));
  await broker.start();
  return broker;
}

function options(broker: ShippedBroker, user: User): IClientOptions {
  return {
    protocolVersion: 5,
    username: user,
    password: users[user],
    ca: broker.ca,
    reconnectPeriod: 0,
    clientId: `${user}-${Math.random()}`,
  };
}

async function connectAs(
  t: ExecutionContext,
  broker: ShippedBroker,
  user: User,
  more: IClientOptions = {},
): Promise<MqttClient> {
  const client = await mqtt.connectAsync(`mqtts://127.0.0.1:${broker.port}`, {
    ...options(broker, user),
    ...more,
  });
  t.teardown(() => client.endAsync(true));
  return client;
}

/** The reason code of the broker's refusal; 0 where it took the message. */
async function publishCode(client: MqttClient, topic: string): Promise<number> {
  return client.publishAsync(topic, '{}', { qos: 1 }).then(
    () => 0,
    (error: { code: number }) => error.code,
  );
}

async function grantOf(client: MqttClient, filter: string): Promise<number> {
  return client.subscribeAsync(filter, { qos: 1 }).then(
    ([grant]) => grant!.qos,
    (error: { code: number }) => error.code,
  );
}

const notAuthorized = 135;

test('a station publishes as itself, and as nobody else', async (t) => {
  const broker = await startShipped(t);
  if (!broker) return;
  const redtide = await connectAs(t, broker, 'redtide');
  const received: string[] = [];
  redtide.on('message', (topic) => received.push(topic));
  t.is(await grantOf(redtide, 'buoys/+/telemetry'), 1);
  const station = await connectAs(t, broker, 'B01');
  t.is(await publishCode(station, 'buoys/B02/telemetry'), notAuthorized);
  t.is(await publishCode(station, 'buoys/B01/other'), notAuthorized);
  t.is(await publishCode(station, 'redtide/alerts/events/B01/bloom'), notAuthorized);
  t.is(await publishCode(station, 'buoys/B01/telemetry'), 0);
  while (received.length === 0) await sleep(10);
  t.deepEqual(received, ['buoys/B01/telemetry']);
});

test('a station is asked on its own topic, by redtide alone', async (t) => {
  const broker = await startShipped(t);
  if (!broker) return;
  const [first, second] = [await connectAs(t, broker, 'B01'), await connectAs(t, broker, 'B02')];
  const heard: string[] = [];
  for (const [name, client] of Object.entries({ first, second })) {
    client.on('message', (topic) => heard.push(`${name} ${topic}`));
    for (const station of ['B01', 'B02']) await grantOf(client, `buoys/${station}/backfill`);
  }
  t.is(await publishCode(second, 'buoys/B01/backfill'), notAuthorized);
  const redtide = await connectAs(t, broker, 'redtide');
  for (const station of ['B01', 'B02']) t.is(await publishCode(redtide, `buoys/${station}/backfill`), 0);
  while (heard.length < 2) await sleep(10);
  t.deepEqual(heard.toSorted(), ['first buoys/B01/backfill', 'second buoys/B02/backfill']);
});

test('a 3.1.1 station, which is told nothing of a refusal, is refused all the same', async (t) => {
  const broker = await startShipped(t);
  if (!broker) return;
  const redtide = await connectAs(t, broker, 'redtide');
  const received: string[] = [];
  redtide.on('message', (topic) => received.push(topic));
  await grantOf(redtide, 'buoys/+/telemetry');
  const station = await connectAs(t, broker, 'B01', { protocolVersion: 4 });
  for (const topic of ['buoys/B02/telemetry', 'buoys/B01/telemetry'])
    await station.publishAsync(topic, '{}', { qos: 1 });
  while (received.length === 0) await sleep(10);
  t.deepEqual(received, ['buoys/B01/telemetry']);
});

test('only redtide reads telemetry and writes warnings; an agency reads warnings', async (t) => {
  const broker = await startShipped(t);
  if (!broker) return;
  const redtide = await connectAs(t, broker, 'redtide');
  const station = await connectAs(t, broker, 'B01');
  const agency = await connectAs(t, broker, 'agency');
  t.is(await grantOf(redtide, '$SYS/broker/publish/messages/dropped'), 1);
  const heard: string[] = [];
  for (const client of [station, agency]) {
    client.on('message', (topic) => heard.push(topic));
    for (const filter of ['#', 'buoys/#', 'buoys/B02/telemetry']) await grantOf(client, filter);
  }
  t.is(await grantOf(agency, 'redtide/alerts/#'), 1);
  t.is(await publishCode(agency, 'redtide/alerts/events/B01/bloom'), notAuthorized);
  t.is(await publishCode(await connectAs(t, broker, 'B02'), 'buoys/B02/telemetry'), 0);
  t.is(await publishCode(redtide, 'redtide/alerts/events/B01/bloom'), 0);
  while (heard.length === 0) await sleep(10);
  t.deepEqual(new Set(heard), new Set(['redtide/alerts/events/B01/bloom']));
});

test('only the trainer leaves versions of the model, and redtide reads them', async (t) => {
  const broker = await startShipped(t);
  if (!broker) return;
  const [redtide, trainer] = [
    await connectAs(t, broker, 'redtide'),
    await connectAs(t, broker, 'trainer', { clientId: 'retrain' }),
  ];
  const heard: string[] = [];
  redtide.on('message', (topic) => heard.push(topic));
  t.is(await grantOf(redtide, 'redtide/models/harbour'), 1);
  t.is(await publishCode(redtide, 'redtide/models/harbour'), notAuthorized);
  t.is(await publishCode(trainer, 'redtide/alerts/events/B01/bloom'), notAuthorized);
  t.is(await publishCode(trainer, 'buoys/B01/telemetry'), notAuthorized);
  t.is(await publishCode(trainer, 'redtide/models/harbour'), 0);
  while (heard.length === 0) await sleep(10);
  t.deepEqual(heard, ['redtide/models/harbour']);
});

test('nobody comes in without a password, with a wrong one, or without TLS', async (t) => {
  const broker = await startShipped(t);
  if (!broker) return;
  const attempt = (url: string, more: IClientOptions) =>
    mqtt.connectAsync(url, { ...options(broker, 'B01'), connectTimeout: 2000, ...more }, false);
  const tls = `mqtts://127.0.0.1:${broker.port}`;
  await t.throwsAsync(attempt(tls, { username: '', password: '' }), { message: /Not authorized/ });
  await t.throwsAsync(attempt(tls, { password: users.B02 }), { message: /Not authorized/ });
  await t.throwsAsync(attempt(`mqtt://127.0.0.1:${broker.port}`, {}));
  await t.throwsAsync(attempt(tls, { ca: '' }), { message: /certificate/ });
  await t.notThrowsAsync(async () => (await attempt(tls, {})).endAsync(true));
  t.is(await handshake(broker, 'TLSv1.1'), 'refused');
  t.is(await handshake(broker, 'TLSv1.2'), 'TLSv1.2');
});

function handshake({ port, ca }: ShippedBroker, version: 'TLSv1.1' | 'TLSv1.2'): Promise<string> {
  const ciphers = 'DEFAULT@SECLEVEL=0';
  return new Promise((resolve) => {
    const socket = connect({
      port,
      host: '127.0.0.1',
      ca,
      ciphers,
      minVersion: version,
      maxVersion: version,
    });
    socket.on('error', () => resolve('refused'));
    socket.on('secureConnect', () => {
      resolve(socket.getProtocol() ?? 'none');
      socket.destroy();
    });
  });
}

for (const [how, signal] of [
  ['stopped', 'SIGTERM'],
  ['killed after it saved', 'SIGKILL'],
] as const)
  test(`what was acknowledged while redtide was away is there after the broker was ${how}`, async (t) => {
    const count = 3000;
    const broker = await startShipped(t);
    if (!broker) return;
    const session = { clientId: 'redtide-edge', clean: false, properties: { sessionExpiryInterval: 600 } };
    const before = await connectAs(t, broker, 'redtide', session);
    await grantOf(before, 'buoys/+/telemetry');
    await before.endAsync();
    const station = await connectAs(t, broker, 'B01');
    const sent = Array.from({ length: count }, (_, n) =>
      station.publishAsync('buoys/B01/telemetry', `${n}`, { qos: 1 }),
    );
    await Promise.all(sent);
    if (signal === 'SIGKILL') await broker.saved();
    await broker.end(signal);
    await broker.start();

    const received = new Set<string>();
    const url = `mqtts://127.0.0.1:${broker.port}`;
    const after = mqtt.connect(url, { ...options(broker, 'redtide'), ...session });
    t.teardown(() => after.endAsync(true));
    after.on('message', (_, payload) => received.add(String(payload)));
    for (let tries = 0; received.size < count && tries < 500; tries++) await sleep(10);
    t.is(received.size, count);
  });
