import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import test, { type ExecutionContext } from 'ava';
import {
  localRelationNetwork,
  relationBlocks,
} from '../../../../src/model/networks/local-relation/local-relation-network.ts';
import { resNet } from '../../../../src/model/networks/residual/resnet.ts';
import {
  attentionBlocks,
  attentionResNet,
} from '../../../../src/model/networks/self-attention/attention-resnet.ts';
import { chooseTfjs } from '../../../../src/model/tfjs-runtime.ts';

const imageNet = { image: 224, classes: 1000, start: 'zeros' } as const;

test.before(async () => {
  await chooseTfjs('cpu');
});

function holds(t: ExecutionContext, make: () => LayersModel, millions: number, within: number): void {
  const before = tf.memory().numTensors;
  const network = make();
  // Published numbers leave out the running means and variances, which are not trained.
  const count = network.trainableWeights.reduce(
    (sum, { shape }) => sum + shape.reduce((product: number, size) => product * size!, 1),
    0,
  );
  t.log(`${count}`);
  t.true(Math.abs(count / 1e6 - millions) <= within, `${count}`);
  network.dispose();
  t.is(tf.memory().numTensors, before);
}

for (const [name, blocks, millions] of [
  ['ResNet-50', attentionBlocks[50], 25.557],
  ['ResNet-26', attentionBlocks[26], 13.7],
  ['ResNet-38', attentionBlocks[38], 19.6],
  ['the other ResNet-26', relationBlocks[26], 16.0],
] as const)
  test.serial(`${name} with convolutions has ${millions} million parameters`, (t) => {
    holds(t, () => resNet(blocks, imageNet), millions, name === 'ResNet-50' ? 0.0005 : 0.05);
  });

for (const [depth, millions] of [
  [26, 10.3],
  [38, 14.1],
  [50, 18.0],
] as const)
  test.serial(`attention ResNet-${depth} has ${millions} million, with either stem`, (t) => {
    holds(t, () => attentionResNet(depth, 'convolution', imageNet), millions, 0.1);
    holds(t, () => attentionResNet(depth, 'attention', imageNet), millions, 0.1);
  });

for (const [depth, millions] of [
  [26, 14.7],
  [50, 23.3],
] as const)
  test.serial(`the local relation network of ${depth} layers has ${millions} million within 1 %`, (t) => {
    holds(t, () => localRelationNetwork(depth, imageNet), millions, millions / 100);
  });

for (const [name, make] of [
  ['attention', () => attentionResNet(26, 'attention', { image: 32, classes: 3, start: 'glorotUniform' })],
  ['local relation', () => localRelationNetwork(26, { image: 32, classes: 3, start: 'glorotUniform' })],
] as const)
  test.serial(`a ${name} network answers a small image with probabilities`, async (t) => {
    await chooseTfjs('wasm');
    const network = make();
    const answer = tf.tidy(() => [
      ...(network.predict(tf.randomUniform([1, 32, 32, 3], 0, 1, 'float32', 1)) as tf.Tensor).dataSync(),
    ]);
    t.is(answer.length, 3);
    t.true(Math.abs(answer.reduce((a, b) => a + b) - 1) < 1e-5, `${answer}`);
    network.dispose();
  });
