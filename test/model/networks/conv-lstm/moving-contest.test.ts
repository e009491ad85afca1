import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import { movingMnist } from '../../../../src/model/networks/conv-lstm/moving-digits.ts';
import { chooseTfjs } from '../../../../src/model/tfjs-runtime.ts';
import { contend } from './moving-contest.ts';

// The short form of `npm run bench -- moving-mnist`: one small digit that moves fast.
test('at equal steps ConvLSTM beats FC-LSTM, and a state kernel of 3x3 one of 1x1', async (t) => {
  t.timeout(180_000);
  await chooseTfjs('wasm');
  const before = tf.memory().numTensors;
  const contest = {
    digits: { ...movingMnist, frame: 32, digit: 10, count: 1, steps: 5, speed: [3, 4], drawn: 100 },
    ...{ patch: 4, batch: 4, steps: 200, learningRate: 1e-2, held: 64, seen: 2 },
  } as const;
  const wide = contend({ hidden: [12], inputKernel: 3, stateKernel: 3 }, contest);
  const pointwise = contend({ hidden: [12], inputKernel: 3, stateKernel: 1 }, contest);
  const flat = contend({ hidden: [64], inputKernel: 1, stateKernel: 1, flat: true }, contest);
  t.log(`cross-entropy ${wide.toFixed(1)} beside ${pointwise.toFixed(1)} and ${flat.toFixed(1)}`);
  t.true(wide < pointwise);
  t.true(wide < flat);
  t.is(tf.memory().numTensors, before);
});
