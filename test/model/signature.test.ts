import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ArtifactRefused } from '../../src/model/artifact.ts';
import { CurrentPredictor } from '../../src/model/current-predictor.ts';
import { engineBackend } from '../../src/model/engine-backend.ts';
import { fileArtifactStore, signVersion } from '../../src/model/file-artifact-store.ts';
import { privateKeyOf, publicKeyOf } from '../../src/model/signature.ts';
import { artifactOf } from './samples.ts';

async function folderOf(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'redtide-signed-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const [own, foreign] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
const trusted = [own.publicKey];
const [one, two] = [artifactOf({ seed: 1 }), artifactOf({ seed: 2 })];

test('with trusted keys only what one of them signed is read', async (t) => {
  const folder = await folderOf(t);
  const open = fileArtifactStore(folder);
  const strict = fileArtifactStore(folder, { trusted: [foreign.publicKey, own.publicKey] });
  await open.publish(one);
  const { id } = one.manifest;
  await t.throwsAsync(strict.read(id), { instanceOf: ArtifactRefused, message: /is not signed/ });
  await signVersion(folder, id, own.privateKey);
  t.deepEqual((await strict.read(id)).manifest, one.manifest);
  await t.throwsAsync(fileArtifactStore(folder, { trusted: [foreign.publicKey] }).read(id), {
    instanceOf: ArtifactRefused,
    message: /of none of the 1 keys/,
  });
  t.deepEqual((await open.read(id)).manifest, one.manifest);
});

test('a store with a private key signs what it publishes, also what was there unsigned', async (t) => {
  const folder = await folderOf(t);
  await fileArtifactStore(folder).publish(one);
  const signing = fileArtifactStore(folder, { signing: own.privateKey });
  for (const artifact of [one, two]) await signing.publish(artifact);
  const strict = fileArtifactStore(folder, { trusted });
  for (const { manifest } of [one, two]) t.deepEqual((await strict.read(manifest.id)).manifest, manifest);
});

test('a signature holds for its manifest and weights alone', async (t) => {
  const folder = await folderOf(t);
  const store = fileArtifactStore(folder, { signing: own.privateKey, trusted });
  for (const artifact of [one, two]) await store.publish(artifact);
  const at = (id: string, name: string) => join(folder, id, name);
  const { id } = one.manifest;
  const manifest = await readFile(at(id, 'manifest.json'), 'utf8');
  await writeFile(at(id, 'manifest.json'), manifest.replace('buoy-1', 'buoy-9'));
  await t.throwsAsync(store.read(id), { message: /or the manifest was changed/ });
  await writeFile(at(id, 'manifest.json'), manifest);
  const weights = await readFile(at(id, 'weights.bin'));
  weights[7]! ^= 1;
  await writeFile(at(id, 'weights.bin'), weights);
  await t.throwsAsync(store.read(id), { message: /not the hash of weights.bin/ });
  await writeFile(at(two.manifest.id, 'manifest.sig'), await readFile(at(id, 'manifest.sig')));
  await t.throwsAsync(store.read(two.manifest.id), { message: /of none of the 1 keys/ });
  for (const rubbish of ['', 'x', Buffer.alloc(64).toString('base64')]) {
    await writeFile(at(id, 'manifest.sig'), rubbish);
    await t.throwsAsync(store.read(id), { message: /of none of the 1 keys/ });
  }
});

test('a version that is not trusted leaves the present one in service', async (t) => {
  const folder = await folderOf(t);
  await fileArtifactStore(folder, { signing: own.privateKey }).publish(one);
  await fileArtifactStore(folder, { signing: foreign.privateKey }).publish(two);
  const current = new CurrentPredictor(fileArtifactStore(folder, { trusted }), {
    coverage: 0,
    backend: engineBackend(),
  });
  await current.activate(one.manifest.id);
  await t.throwsAsync(current.activate(two.manifest.id), { instanceOf: ArtifactRefused });
  t.is(current.current?.id, one.manifest.id);
  current.dispose();
});

test('keys are read as OpenSSL writes them, and others are refused', (t) => {
  const pem = own.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const middle = pem.split('\n')[1]!;
  t.regex(middle, /^MCowBQYDK2VwAyEA/);
  for (const text of [pem, middle]) t.true(publicKeyOf(text).equals(own.publicKey));
  const secret = own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  t.true(privateKeyOf(secret).equals(own.privateKey));
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const other = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  t.throws(() => publicKeyOf(other), { message: 'a key of ec is no public Ed25519 key in PEM' });
  t.throws(() => privateKeyOf('x'), { message: /what was given is no private Ed25519 key/ });
});
