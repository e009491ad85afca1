import test from 'ava';
import fc from 'fast-check';
import { type Artifact, ArtifactRefused, open } from '../../src/model/artifact.ts';
import { weightNames } from '../../src/model/engine/spec.ts';
import { recipes } from '../../src/model/networks/recipes.ts';
import { tensorsOf } from '../../src/model/weights-file.ts';
import { artifactOf, changed, textOf } from './samples.ts';

const artifact = artifactOf();

test('what was written is read, every weight to the bit', (t) => {
  const read = open(textOf(artifact), artifact.weights, 'models/x');
  t.deepEqual(read, artifact);
  t.is(artifact.weights.length, 2 * 4579 * 4);
  for (const [i, { tensors }] of read.manifest.variables.entries()) {
    const want = recipes['study-lstm'].start(1 + i);
    const got = tensorsOf(tensors, read.weights);
    for (const name of weightNames) t.deepEqual(got[name], want[name], name);
  }
});

test('weights are read from anywhere in a larger buffer, as files come from a pool', (t) => {
  const pool = new Uint8Array(artifact.weights.length + 3);
  pool.set(artifact.weights, 3);
  const { tensors } = artifact.manifest.variables[1]!;
  t.deepEqual(tensorsOf(tensors, pool.subarray(3)), tensorsOf(tensors, artifact.weights));
});

test('weights lie as little-endian float32', (t) => {
  const [place] = artifact.manifest.variables[0]!.tensors;
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
      return refusal(textOf(artifact), broken).includes('weights.bin was changed or cut');
    }),
    { numRuns: 50 },
  );
  t.regex(refusal(textOf(artifact), weights.subarray(0, -4)), /^models\/x\/manifest.json: id/);
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

const { variables } = artifact.manifest;
const [first, second] = variables as [(typeof variables)[number], (typeof variables)[number]];
const otherTensor = (name: string, change: object) =>
  changed(artifact, {
    variables: [
      first,
      { ...second, tensors: second.tensors.map((one) => (one.name === name ? { ...one, ...change } : one)) },
    ],
  });

const refused: Record<string, [Artifact, RegExp]> = {
  'a schema of another time': [
    changed(artifact, { schema: 'redtide.artifact/2' }),
    /schema "redtide.artifact\/2" is not redtide.artifact\/1; train it again/,
  ],
  'a network that nobody knows': [changed(artifact, { network: 'gru' }), /network "gru" is not known/],
  'a network named like what every object has': [
    changed(artifact, { network: 'constructor' }),
    /network "constructor"/,
  ],
  'no lookback': [
    changed(artifact, { lookback: undefined }),
    /lookback must be a whole number, not undefined/,
  ],
  'half a unit': [changed(artifact, { hidden: 16.5 }), /hidden must be a whole number, not 16.5/],
  'other units': [
    changed(artifact, { hidden: 16 }),
    /variables\/0\/tensors\/weight_ih\/shape is \[128,1\], not \[64,1\]/,
  ],
  'a step of no length': [changed(artifact, { step: 0 }), /step must be a whole number, not 0/],
  'horizons that fall': [changed(artifact, { horizons: [3, 2, 1] }), /horizons must be rising .* \[3,2,1\]/],
  'more horizons than outputs': [
    changed(artifact, { horizons: [1, 2, 3, 4] }),
    /variables\/0\/tensors\/head_weight\/shape is \[3,32\], not \[4,32\]/,
  ],
  'no variables': [changed(artifact, { variables: [] }), /variables is empty/],
  'a scaling without width': [
    changed(artifact, { variables: [first, { ...second, scaling: { minimum: 2, maximum: 2 } }] }),
    /variables\/1 must have a name and a scaling with minimum < maximum/,
  ],
  'a variable that is none': [changed(artifact, { variables: [null] }), /variables\/0 must have .*: null/],
  'a variable without scaling': [
    changed(artifact, { variables: [{ ...first, scaling: undefined }] }),
    /variables\/0 must have/,
  ],
  'a tensor that is not there': [
    otherTensor('bias_hh', { name: 'bias' }),
    /variables\/1\/tensors has no bias_hh/,
  ],
  'a tensor beyond the end': [
    otherTensor('head_bias', { offset: artifact.weights.length - 8 }),
    /variables\/1\/tensors\/head_bias ends at byte 36636 of weights.bin, which has 36632/,
  ],
  'a tensor before the beginning': [otherTensor('head_bias', { offset: -4 }), /head_bias\/offset is -4/],
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
