import { generateKeyPairSync } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import mqtt from 'mqtt';
import { lineUpOf } from '../../../src/model/line-up/line-up.ts';
import { until } from '../../process.ts';
import { startMosquitto } from '../../servers.ts';
import { artifactOf, changed, windowOf } from '../samples.ts';
import { BreakingLink, edgeAt, retained, topic, trainerAt } from './delivery.ts';

const [one, two, three] = [1, 2, 3].map((seed) => artifactOf({ seed })) as [
  ReturnType<typeof artifactOf>,
  ReturnType<typeof artifactOf>,
  ReturnType<typeof artifactOf>,
];
const idOf = ({ manifest }: { manifest: { id: string } }) => manifest.id;
const pemOf = () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    trusted: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  };
};

test('a small version goes in one message, signed, and what comes is what was sent, byte for byte', async (t) => {
  const broker = await startMosquitto(t);
  if (!broker) return;
  const { key, trusted } = pemOf();
  const trainer = trainerAt(t, broker.url, { key });
  const edge = await edgeAt(t, broker.url, { trusted: [trusted] });
  t.regex((await trainer.promote(one))!, /in 1 piece of at most 65536 bytes$/);
  await edge.gets(one);
  for (const name of ['manifest.json', 'manifest.sig', 'weights.bin']) {
    const read = (folder: string) => readFile(join(folder, idOf(one), name));
    t.deepEqual(await read(edge.folder), await read(trainer.folder), name);
  }
  t.deepEqual([...(await retained(t, broker.url)).keys()].sort(), ['', `${idOf(one)}/0`]);
  t.is(await trainer.deliver(), undefined, 'it is there already');
  await edge.predictor.activate(idOf(one));
  const told = edge.predictor.current!.predict([windowOf(1)]);
  await broker.kill();
  t.deepEqual((await edge.artifacts.read(idOf(one))).manifest, one.manifest, 'it needs no broker');
  t.deepEqual(edge.predictor.current!.predict([windowOf(1)]), told);
});

for (const [how, limit, most] of [
  ['a broker that says how large a packet may be', 'max_packet_size 3000', 3000],
  ['a broker that only refuses what is larger', 'message_size_limit 3000', 3000],
] as const)
  test(`${how} gets pieces that it takes`, async (t) => {
    const broker = await startMosquitto(t, limit);
    if (!broker) return;
    const trainer = trainerAt(t, broker.url);
    const [said] = [await trainer.promote(one)];
    const kept = await retained(t, broker.url);
    t.true(kept.size > 10, said);
    t.true([...kept.values()].every(({ length }) => length <= most));
    const edge = await edgeAt(t, broker.url);
    await edge.gets(one);
    t.deepEqual((await edge.artifacts.read(idOf(one))).manifest, one.manifest);
  });

test('a broker that takes only packets in which no description fits is told of', async (t) => {
  const broker = await startMosquitto(t, 'max_packet_size 300');
  if (!broker) return;
  await t.throwsAsync(trainerAt(t, broker.url).promote(one), {
    message: /the description of the version has \d+ bytes, and the broker takes packets of at most 300/,
  });
});

test('over links that break again and again it comes all the same', async (t) => {
  const broker = await startMosquitto(t);
  if (!broker) return;
  const [up, down] = await Promise.all([
    BreakingLink.start(t, broker.port, 15_000),
    BreakingLink.start(t, broker.port, 15_000),
  ]);
  const trainer = trainerAt(t, up.url, { chunk: '4 KiB' });
  await trainer.promote(one);
  t.true(up.cuts > 1, `${up.cuts} cuts`);
  const edge = await edgeAt(t, down.url);
  await edge.gets(one);
  t.true(down.cuts > 1, `${down.cuts} cuts`);
  t.deepEqual((await edge.artifacts.read(idOf(one))).manifest, one.manifest);
});

test('an edge that was stopped in the middle goes on with the pieces that it has', async (t) => {
  const broker = await startMosquitto(t);
  if (!broker) return;
  const trainer = trainerAt(t, broker.url, { chunk: '1 KiB' });
  await trainer.promote(one);
  const client = await mqtt.connectAsync(broker.url);
  t.teardown(() => client.endAsync(true));
  const whole = await retained(t, broker.url);
  const last = `${idOf(one)}/${whole.size - 2}`;
  await client.publishAsync(`${topic}/${last}`, '', { qos: 1, retain: true });
  const edge = await edgeAt(t, broker.url);
  await until('all pieces but one', () => edge.receiver.status.received === whole.size - 2);
  t.like(edge.receiver.status, { state: 'fetching', id: idOf(one), of: whole.size - 1 });
  await edge.stop();
  // What it has must not be needed again; the last piece comes late.
  for (let n = 0; n < whole.size - 2; n++)
    await client.publishAsync(`${topic}/${idOf(one)}/${n}`, '', { qos: 1, retain: true });
  const again = await edgeAt(t, broker.url, { folder: edge.folder });
  await until('the pieces of before', () => again.receiver.status.received === whole.size - 2);
  await client.publishAsync(`${topic}/${last}`, whole.get(last)!, { qos: 1, retain: true });
  await again.gets(one);
  t.deepEqual(await readdir(join(edge.folder, '.incoming')), ['handled.json']);
});

test('going back comes the same way, and only this version and the one before stay at the broker', async (t) => {
  const broker = await startMosquitto(t);
  if (!broker) return;
  const trainer = trainerAt(t, broker.url, { chunk: '8 KiB' });
  const edge = await edgeAt(t, broker.url);
  for (const artifact of [one, two, three]) {
    await trainer.promote(artifact);
    await edge.gets(artifact);
  }
  const heldBy = async () =>
    [...new Set([...(await retained(t, broker.url)).keys()].map((key) => key.split('/')[0]))].sort();
  t.deepEqual(await heldBy(), ['', idOf(two), idOf(three)].sort());
  await trainer.artifacts.serve(idOf(two));
  await trainer.deliver();
  await edge.gets(two);
  t.deepEqual(await heldBy(), ['', idOf(two), idOf(three)].sort());
});

test('fewer pieces than before leave none of the others', async (t) => {
  const broker = await startMosquitto(t);
  if (!broker) return;
  const trainer = trainerAt(t, broker.url, { chunk: '1 KiB' });
  await trainer.promote(one);
  const many = (await retained(t, broker.url)).size;
  t.true(many > 10, `${many}`);
  await trainer.deliver({ again: true, chunk: '64 KiB' });
  t.is((await retained(t, broker.url)).size, 2);
});

test('a line-up comes with its members', async (t) => {
  const broker = await startMosquitto(t);
  if (!broker) return;
  const trainer = trainerAt(t, broker.url, { chunk: '4 KiB' });
  await trainer.artifacts.publish(one);
  const lineUp = lineUpOf([one], [], ['study-lstm']);
  await trainer.promote(lineUp);
  const edge = await edgeAt(t, broker.url);
  await edge.gets(lineUp);
  t.deepEqual((await edge.artifacts.list()).sort(), [idOf(one), idOf(lineUp)].sort());
  await edge.predictor.activate(idOf(lineUp));
  t.is(edge.predictor.current!.id, idOf(lineUp));
});

test('what is corrupted, of a wrong key, schema or network, or too large is refused with its reason, once, and the present one stays', async (t) => {
  const broker = await startMosquitto(t);
  if (!broker) return;
  const { key, trusted } = pemOf();
  const trainer = trainerAt(t, broker.url, { key, chunk: '4 KiB' });
  let edge = await edgeAt(t, broker.url, { trusted: [trusted], maximum: '100 KiB' });
  await trainer.promote(one);
  await edge.gets(one);
  const client = await mqtt.connectAsync(broker.url);
  t.teardown(() => client.endAsync(true));
  const put = (at: string, payload: Buffer | string) =>
    client.publishAsync(at === '' ? topic : `${topic}/${at}`, payload, { qos: 1, retain: true });
  const refused = async (what: string, reason: RegExp, send: () => Promise<unknown>) => {
    const before = edge.receiver.status.last?.description;
    await send();
    await until(what, () => {
      const { last } = edge.receiver.status;
      return last !== undefined && last.description !== before;
    });
    t.is(edge.receiver.status.last!.outcome, 'refused', what);
    t.regex(edge.receiver.status.last!.reason!, reason, what);
    t.is(await edge.artifacts.current(), idOf(one), what);
  };

  await refused('no JSON', /the description is not JSON/, () => put('', 'no JSON'));
  await refused('another format', /format "redtide.delivery\/9" is not redtide.delivery\/1/, () =>
    put('', JSON.stringify({ format: 'redtide.delivery/9' })),
  );
  const foreign = trainerAt(t, broker.url, { key: pemOf().key, chunk: '4 KiB' });
  await refused('a foreign key', /its signature is of none of the 1 keys/, () => foreign.promote(two));
  const unsigned = trainerAt(t, broker.url);
  await refused('no signature', /is not signed/, () => unsigned.promote(two));
  const odd = changed(three, { network: 'oracle' });
  await refused('an unknown network', /network "oracle" is none of/, () => trainer.promote(odd));
  const unfit = changed(three, { body: { ...three.manifest.body, hidden: 7 } });
  await refused('a body that does not fit', /shape/, () => trainer.promote(unfit));
  const large = artifactOf({ seed: 5, variables: [...'abcdefghijklmnop'] });
  await refused('a large one', /has \d+ bytes, more than the 102400 that model\/mqtt\/maximum allows/, () =>
    trainer.promote(large),
  );

  // A piece that was spoilt at the broker; the description is of the next version, sent before it was.
  await refused('a spoilt piece', /piece 1 of \d+ is not what its hash says/, async () => {
    const other = trainerAt(t, broker.url, { key, chunk: '4 KiB' });
    await edge.stop();
    await other.promote(two);
    const piece = Buffer.from((await retained(t, broker.url)).get(`${idOf(two)}/0`)!);
    piece[100]! ^= 1;
    await put(`${idOf(two)}/0`, piece);
    edge = await edgeAt(t, broker.url, { trusted: [trusted], folder: edge.folder });
  });
  const seen = edge.receiver.status.last!;
  await edge.stop();
  const again = await edgeAt(t, broker.url, { trusted: [trusted], folder: edge.folder });
  await until('the same description', () => again.receiver.status.last !== undefined);
  t.deepEqual(again.receiver.status.last, seen, 'it was looked at once');
  await trainerAt(t, broker.url, { key, chunk: '4 KiB' }).promote(two);
  await until('the same version, sent again', () => again.receiver.status.last?.outcome === 'taken');
  t.is(await again.artifacts.current(), idOf(two));
});
