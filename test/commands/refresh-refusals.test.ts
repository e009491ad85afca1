import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import mqtt from 'mqtt';
import { privateKeyOf, signatureOf } from '../../src/model/signature.ts';
import { retained, topic, trainerAt } from '../model/delivery/delivery.ts';
import { artifactOf } from '../model/samples.ts';
import { redtide, temporaryFolder, until } from '../process.ts';
import { type ServerProcess, startMosquitto } from '../servers.ts';
import {
  bay,
  buoyAt,
  currentOf,
  hours,
  inService,
  type Key,
  keyIn,
  live,
  measurements,
  replayed,
  served,
} from './bay.ts';

test('a trainer that is killed while it trains promotes nothing, and the next run goes on with what was finished', async (t) => {
  t.timeout(300_000);
  const shore = await bay(t);
  if (!shore) return;
  await replayed(t, shore, measurements());
  const [versions, candidates] = ['versions', 'trainer/candidates'].map((name) => join(shore.folder, name));
  const plain = await redtide(t, 'train', '--config', shore.trainer, '--network', 'persistence').ended;
  t.is(plain.code, 0, plain.err);
  const first = currentOf(versions!);
  const config = shore.retrainer('long', { networks: ['study-lstm'], epochs: 12 });

  const killed = redtide(t, 'retrain', config, '--once');
  const finished = () =>
    existsSync(candidates!)
      ? (readdirSync(candidates!, { recursive: true }) as string[]).filter((name) =>
          name.endsWith('manifest.json'),
        )
      : [];
  await until('a candidate', () => finished().length > 0, 120_000);
  await killed.stop('SIGKILL');
  const kept = finished().map((name) => [name, statSync(join(candidates!, name)).mtimeMs] as const);
  await until('the end of what trained', () => !trains(config), 120_000);
  t.is(currentOf(versions!), first);

  const busy = await redtide(t, 'retrain', config, '--once').ended;
  t.regex(busy.err, /process \d+, is training for this folder/, 'it cannot know that the other is dead');
  const longAgo = new Date(Date.now() - 3 * 60_000);
  utimesSync(join(versions!, 'training.lease'), longAgo, longAgo);
  const again = await redtide(t, 'retrain', config, '--once').ended;
  t.is(again.code, 0, again.err);
  t.not(currentOf(versions!), first);
  const runs = (await redtide(t, 'retrain', config, '--runs').ended).out;
  t.deepEqual(
    [...runs.matchAll(/attempt 1 {2}(\w+) {2}\S+ {2}(model|it was killed|\S+, process)/g)].map(
      ([, ...found]) => found,
    ),
    [
      ['done', 'model'],
      ['failed', runs.match(/\S+, process/)![0]],
      ['failed', 'it was killed'],
    ],
  );
  for (const [name, time] of kept)
    t.is(statSync(join(candidates!, name)).mtimeMs, time, `${name} is fitted once`);
});

test('what is not to be trusted or proves nothing is refused with its reason, and the present model goes on', async (t) => {
  t.timeout(300_000);
  const shore = await bay(t);
  const elsewhere = await startMosquitto(t);
  if (!shore || !elsewhere) return;
  const values = measurements();
  await replayed(t, shore, values);
  const versions = join(shore.folder, 'versions');
  const edge = redtide(t, 'edge', shore.edge);
  await edge.line(/"state":"connected"/);
  const plain = await redtide(t, 'train', '--config', shore.trainer, '--network', 'persistence').ended;
  t.is(plain.code, 0, plain.err);
  const first = currentOf(versions);

  const short = shore.retrainer('short', { history: '30d' });
  const few = await redtide(t, 'retrain', short, '--once').ended;
  t.is(few.code, 3);
  t.regex(few.out, new RegExp(`${first} stays: .*too few data`));
  const onCpu = shore.retrainer('on-cpu', { backend: 'engine' });
  const required = await redtide(t, 'retrain', onCpu, '--once', '--require-gpu').ended;
  t.is(required.code, 1);
  t.regex(required.err, /a GPU is required/);
  t.is(currentOf(versions), first);
  await edge.line(inService(first));

  const signed = trainerAt(t, elsewhere.url, { key: shore.key.pem });
  const foreign = trainerAt(t, elsewhere.url, { key: keyIn(temporaryFolder(t)).pem });
  const refused = async (reason: RegExp, sent: Promise<unknown>, spoil = (_: Map<string, Buffer>) => {}) => {
    await sent;
    const messages = await retained(t, elsewhere.url);
    spoil(messages);
    await leave(t, shore.broker, messages);
    await edge.line(new RegExp(`${reason.source}.*"model refused"`));
  };
  await refused(/its signature is of none of the 1 keys/, foreign.promote(artifactOf({ seed: 1 })));
  const older = artifactOf({ seed: 2 });
  await refused(/redtide.artifact\/1.* is not redtide.artifact/, signed.promote(older), (messages) =>
    makeOlder(messages, older.manifest.id, shore.key),
  );
  const spoilt = artifactOf({ seed: 3 });
  await refused(/piece 1 of \d+ is not what its hash says/, signed.promote(spoilt), (messages) => {
    messages.get(`${spoilt.manifest.id}/0`)![100]! ^= 1;
  });

  const buoy = await buoyAt(t, shore, values);
  await buoy.says(hours - live, hours);
  await until('forecasts', async () => (await buoy.forecasts()).size > 10, 60_000);
  t.deepEqual([...new Set((await buoy.forecasts()).values())], [first]);
  t.deepEqual(served(edge), [first]);
});

/** What a trainer of another time with the same key would have left: no trainer of today publishes that schema. */
function makeOlder(messages: Map<string, Buffer>, id: string, { pem }: Key): void {
  const { versions, ...rest } = JSON.parse(`${messages.get('')}`);
  const content = messages.get(`${id}/0`)!.subarray(32);
  const bytes = versions[0].manifest.bytes as number;
  const manifest = content.subarray(0, bytes).toString().replace('redtide.artifact/2', 'redtide.artifact/1');
  const whole = Buffer.concat([Buffer.from(manifest), content.subarray(bytes)]);
  const hash = (of: Buffer | string) => createHash('sha256').update(of).digest();
  const signature = signatureOf(manifest, privateKeyOf(pem));
  const version = { ...versions[0], signature, manifest: { bytes, sha256: hash(manifest).toString('hex') } };
  messages.set(`${id}/0`, Buffer.concat([hash(whole), whole]));
  messages.set('', Buffer.from(JSON.stringify({ ...rest, versions: [version] })));
}

/** Retained at the broker, the description last. */
async function leave(t: ExecutionContext, { url }: ServerProcess, messages: ReadonlyMap<string, Buffer>) {
  const client = await mqtt.connectAsync(url);
  t.teardown(() => client.endAsync(true));
  for (const [rest, payload] of [...messages].sort(([a], [b]) => b.length - a.length))
    await client.publishAsync(rest === '' ? topic : `${topic}/${rest}`, payload, { qos: 1, retain: true });
}

/** Whether the process that trains by this configuration is there. */
const trains = (config: string) =>
  readdirSync('/proc').some((pid) => {
    const file = join('/proc', pid, 'cmdline');
    const words = /^\d+$/.test(pid) && existsSync(file) ? readFileSync(file, 'utf8').split('\0') : [];
    return words.includes('--contest') && words.includes(config);
  });
