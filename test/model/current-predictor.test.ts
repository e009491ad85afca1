import test from 'ava';
import { type Artifact, ArtifactRefused } from '../../src/model/artifact.ts';
import type { ArtifactStore } from '../../src/model/artifact-store.ts';
import { CurrentPredictor } from '../../src/model/current-predictor.ts';
import { engineBackend } from '../../src/model/engine-backend.ts';
import type { LstmBackend } from '../../src/model/lstm-backend.ts';
import { artifactOf, windowOf, withWeights } from './samples.ts';

function storeOf(...artifacts: Artifact[]): ArtifactStore {
  return {
    list: async () => artifacts.map(({ manifest }) => manifest.id),
    read: async (id) => {
      const found = artifacts.find(({ manifest }) => manifest.id === id);
      if (!found) throw new ArtifactRefused(`${id}: is not there`);
      return found;
    },
    publish: async () => {},
    serve: async () => {},
    current: async () => artifacts.at(-1)?.manifest.id,
  };
}

/** The engine, with a count of the networks that live, and of those that were ever loaded. */
function counting() {
  const count = { living: 0, loaded: 0 };
  const inner = engineBackend();
  const backend: LstmBackend = {
    ...inner,
    load: (...given) => {
      const network = inner.load(...given);
      count.living++;
      count.loaded++;
      return {
        forward: (x, batch) => network.forward(x, batch),
        dispose: () => {
          count.living--;
          network.dispose();
        },
      };
    },
  };
  return { count, backend };
}

const options = { coverage: 0 };
const [one, two] = [artifactOf({ seed: 1 }), artifactOf({ seed: 2 })];

test('a version takes the place of the one before, which goes', async (t) => {
  const { count, backend } = counting();
  const current = new CurrentPredictor(storeOf(one, two), { ...options, backend });
  t.is(current.current, undefined);
  t.is(await current.wanted(), two.manifest.id);
  await current.activate(one.manifest.id);
  t.is(current.current?.id, one.manifest.id);
  const before = current.current!.predict([windowOf(1)]);
  await current.activate(two.manifest.id);
  t.is(current.current?.id, two.manifest.id);
  t.is(count.living, 2);
  t.notDeepEqual(current.current!.predict([windowOf(1)]), before);
  await current.activate(one.manifest.id);
  t.deepEqual(current.current!.predict([windowOf(1)]), before);
  current.dispose();
  t.is(count.living, 0);
  t.is(current.current, undefined);
});

test('the version in service is not loaded again', async (t) => {
  const { count, backend } = counting();
  const current = new CurrentPredictor(storeOf(one), { ...options, backend });
  await current.activate(one.manifest.id);
  const serving = current.current;
  await current.activate(one.manifest.id);
  t.is(current.current, serving);
  t.is(count.loaded, 2);
});

test('a version that is not there, or gives no numbers, leaves the present one in service', async (t) => {
  const { count, backend } = counting();
  const broken = withWeights(two, { head_bias: Number.POSITIVE_INFINITY });
  const current = new CurrentPredictor(storeOf(one, broken), { ...options, backend });
  await current.activate(one.manifest.id);
  const before = current.current!.predict([windowOf(1)]);
  await t.throwsAsync(current.activate('abcdefabcdef'), { instanceOf: ArtifactRefused });
  await t.throwsAsync(current.activate(broken.manifest.id), { instanceOf: ArtifactRefused });
  t.is(current.current?.id, one.manifest.id);
  t.deepEqual(current.current!.predict([windowOf(1)]), before);
  t.is(count.living, 2);
});
