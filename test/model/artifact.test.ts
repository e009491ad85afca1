import test from 'ava';
import fc from 'fast-check';
import { type Artifact, ArtifactRefused, open } from '../../src/model/artifact.ts';
import { weightNames } from '../../src/model/engine/spec.ts';
import { engineBackend } from '../../src/model/engine-backend.ts';
import { recipes } from '../../src/model/networks/recipes.ts';
import { openPredictor } from '../../src/model/open-predictor.ts';
import { tensorsOf } from '../../src/model/weights-file.ts';
import { artifactOf, changed, embodied, textOf } from './samples.ts';

const artifact = artifactOf();

test('what was written is read, every weight to the bit', (t) => {
  const read = open(textOf(artifact), artifact.weights, 'models/x');
  t.deepEqual(read, artifact);
  t.is(artifact.weights.length, 2 * 4579 * 4);
  for (const [i, { tensors }] of artifact.manifest.body.variables.entries()) {
    const want = recipes['study-lstm'].start(1 + i);
    const got = tensorsOf(tensors, read.weights);
    for (const name of weightNames) t.deepEqual(got[name], want[name], name);
  }
});

test('weights are read from anywhere in a larger buffer, as files come from a pool', (t) => {
  const pool = new Uint8Array(artifact.weights.length + 3);
  pool.set(artifact.weights, 3);
  const { tensors } = artifact.manifest.body.variables[1]!;
  t.deepEqual(tensorsOf(tensors, pool.subarray(3)), tensorsOf(tensors, artifact.weights));
});

test('weights lie as little-endian float32', (t) => {
  const [place] = artifact.manifest.body.variables[0]!.tensors;
  const view = new DataView(artifact.weights.buffer);
  t.is(view.getFloat32(place!.offset, true), recipes['study-lstm'].start(1).weight_ih[0]!);
});

test('the identity is that of the content, not of the order it is written in', (t) => {
  const upsideDown = (value: unknown): unknown =>
    value && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, own]) => [key, upsideDown(own)]),
        )
      : Array.isArray(value)
        ? value.map(upsideDown)
        : value;
  const text = JSON.stringify(upsideDown(artifact.manifest));
  t.not(text, JSON.stringify(artifact.manifest));
  t.is(open(text, artifact.weights, 'models/x').manifest.id, artifact.manifest.id);
  t.regex(refusal(text.replace('buoy-1', 'buoy-9'), artifact.weights), /manifest.json: id .* changed or cut/);
  t.is(artifactOf().manifest.id, artifact.manifest.id);
  t.not(artifactOf({ seed: 2 }).manifest.id, artifact.manifest.id);
  t.not(changed(artifact, { stations: ['buoy-2'] }).manifest.id, artifact.manifest.id);
  t.regex(artifact.manifest.id, /^[0-9a-f]{12}$/);
});

test('one bit that flips in the weights, or an end that is cut off, is noticed', (t) => {
  const { weights } = artifact;
  fc.assert(
    fc.property(fc.nat(weights.length - 1), fc.nat(7), (at, bit) => {
      const broken = weights.slice();
      broken[at]! ^= 1 << bit;
      return (
        refusal(textOf(artifact), broken).includes('weights.bin') &&
        refusal(textOf(artifact), broken).includes('changed or cut')
      );
    }),
    { numRuns: 50 },
  );
  t.regex(
    refusal(textOf(artifact), weights.subarray(0, -4)),
    /^models\/x\/manifest.json: weights [0-9a-f]{64} is not the hash of weights.bin/,
  );
});

const refusal = (text: string, weights: Uint8Array): string => {
  try {
    open(text, weights, 'models/x');
    return 'opened';
  } catch (error) {
    if (!(error instanceof ArtifactRefused)) throw error;
    return error.message;
  }
};

const { variables } = artifact.manifest.body;
const [first, second] = variables as [(typeof variables)[number], (typeof variables)[number]];
const otherTensor = (name: string, change: object) =>
  embodied(artifact, {
    variables: [
      first,
      { ...second, tensors: second.tensors.map((one) => (one.name === name ? { ...one, ...change } : one)) },
    ],
  });

const otherSchema = {
  ...artifact.manifest,
  schema: 'redtide.artifact/1',
} as unknown as typeof artifact.manifest;

const refused: Record<string, [Artifact, RegExp]> = {
  'a schema of another time': [
    { ...artifact, manifest: otherSchema },
    /schema "redtide.artifact\/1" is not redtide.artifact\/2; train it again/,
  ],
  'a network without a name': [changed(artifact, { network: 3 }), /network must be a name, not 3/],
  'no lookback': [
    changed(artifact, { lookback: undefined }),
    /lookback must be a whole number, not undefined/,
  ],
  'a step of no length': [changed(artifact, { step: 0 }), /step must be a whole number, not 0/],
  'horizons that fall': [changed(artifact, { horizons: [3, 2, 1] }), /horizons must be rising .* \[3,2,1\]/],
  'no stations': [changed(artifact, { stations: 'B01' }), /stations must be a list, not "B01"/],
  'no variables': [changed(artifact, { variables: [] }), /variables is empty/],
  'a range without width': [
    changed(artifact, { variables: [{ name: 'a', unit: '', range: { minimum: 2, maximum: 2 } }] }),
    /variables\/0 must have a name, and a range with minimum < maximum/,
  ],
  'a promotion without reasons': [
    changed(artifact, { promotion: { skill: {}, others: [] } }),
    /promotion must have reasons, skill and others/,
  ],
  'a promotion without a skill': [
    changed(artifact, { promotion: { reasons: [], others: [] } }),
    /promotion must have reasons, skill and others/,
  ],
  'a promotion that is none': [changed(artifact, { promotion: null }), /promotion must have .* not null/],
  'a variable that is none': [changed(artifact, { variables: [null] }), /variables\/0 must have .*: null/],
};

for (const [what, [given, expected]] of Object.entries(refused))
  test(`refused, with the file and field: ${what}`, (t) => {
    t.regex(refusal(textOf(given), given.weights), expected);
    t.regex(refusal(textOf(given), given.weights), /^models\/x\/manifest.json: /);
  });

test('refused: what is no manifest at all', (t) => {
  t.regex(refusal('{', artifact.weights), /^models\/x\/manifest.json is not JSON/);
  for (const text of ['null', '[]', '"x"', '{}'])
    t.regex(refusal(text, artifact.weights), /schema undefined is not/);
});

const refusedBody: Record<string, [Artifact, RegExp]> = {
  'a network that nobody knows': [
    changed(artifact, { network: 'gru' }),
    /network "gru" is none of .*study-lstm/,
  ],
  'a network named like what every object has': [
    changed(artifact, { network: 'constructor' }),
    /network "constructor"/,
  ],
  'half a unit': [embodied(artifact, { hidden: 16.5 }), /body\/hidden must be a whole number, not 16.5/],
  'other units': [
    embodied(artifact, { hidden: 16 }),
    /body\/variables\/0\/tensors\/weight_ih\/shape is \[128,1\], not \[64,1\]/,
  ],
  'more horizons than outputs': [
    changed(artifact, { horizons: [1, 2, 3, 4] }),
    /body\/variables\/0\/tensors\/head_weight\/shape is \[3,32\], not \[4,32\]/,
  ],
  'no body': [changed(artifact, { body: null }), /body\/hidden must be/],
  'fewer networks than variables': [
    embodied(artifact, { variables: [first] }),
    /body\/variables must be those .* 2, not 1/,
  ],
  'a scaling without width': [
    embodied(artifact, { variables: [first, { ...second, scaling: { minimum: 2, maximum: 2 } }] }),
    /body\/variables\/1 must have a scaling with minimum < maximum/,
  ],
  'a variable that is none': [
    embodied(artifact, { variables: [first, null] }),
    /body\/variables\/1 must have .*: null/,
  ],
  'a tensor that is not there': [
    otherTensor('bias_hh', { name: 'bias' }),
    /body\/variables\/1\/tensors has no bias_hh/,
  ],
  'a tensor beyond the end': [
    otherTensor('head_bias', { offset: artifact.weights.length - 8 }),
    /body\/variables\/1\/tensors\/head_bias ends at byte 36636 of weights.bin, which has 36632/,
  ],
  'a tensor before the beginning': [otherTensor('head_bias', { offset: -4 }), /head_bias\/offset is -4/],
};

for (const [what, [given, expected]] of Object.entries(refusedBody))
  test(`refused when it is opened, with the model and field: ${what}`, (t) => {
    t.is(refusal(textOf(given), given.weights), 'opened');
    const error = t.throws(() => openPredictor(given, { coverage: 0, backend: engineBackend() }), {
      instanceOf: ArtifactRefused,
    });
    t.regex(error!.message, expected);
    t.true(error!.message.startsWith(`model ${given.manifest.id}: `));
  });
