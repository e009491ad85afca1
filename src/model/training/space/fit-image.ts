import { setImmediate as turn } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import type * as layers from '@tensorflow/tfjs-layers';
import { uniform } from '../../engine/initial.ts';
import { buildImageModel, framesOf, saidOf, setWeights, weightsOf } from '../../space/image-network.ts';
import type { ImageName } from '../../space/image-runtime.ts';
import type { Raster } from '../../space/space-artifact.ts';
import type { Leftover } from './own-past.ts';
import type { SpaceFit, SpaceOptions, SpaceTask } from './space-recipe.ts';

const defaults = { epochs: 15, learningRate: 0.01 };
const batch = 8;

/**
 * Adam on the mean squared error over the cells whose value now and then is known, batches in an order drawn from the
 * seed; the weights of the epoch with the least error on the validation.
 */
export async function fitImage(
  network: ImageName,
  task: SpaceTask,
  options: SpaceOptions,
): Promise<SpaceFit> {
  const { epochs = defaults.epochs, learningRate = defaults.learningRate, seed } = options;
  const { lookback, horizons, onProgress, signal } = options;
  const raster = task.body.raster!;
  const { hidden } = task.body;
  const count = horizons.length;
  const model = buildImageModel({ network, lookback, raster, hidden, horizons: count, seed });
  const optimizer = tf.train.adam(learningRate);
  const losses: number[] = [];
  let best = { error: Number.POSITIVE_INFINITY, epoch: 0, weights: weightsOf(model) };
  try {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      losses.push(runEpoch(model, optimizer, shuffled(task.fit, seed + epoch), raster, count));
      if (!Number.isFinite(losses.at(-1)!))
        throw new Error(`the loss of epoch ${epoch} is ${losses.at(-1)}; lower the learning rate`);
      onProgress?.({ variable: task.variable, epoch, loss: losses.at(-1)! });
      const error = errorOf(task.validation, model, raster, count);
      if (error < best.error) best = { error, epoch, weights: weightsOf(model) };
      await turn();
      signal?.throwIfAborted();
    }
    setWeights(model, best.weights);
    const said = saidOf(model, scenesOf(task.validation), raster, count);
    return { weights: best.weights, said, epochs, epoch: horizons.map(() => best.epoch), losses };
  } finally {
    model.dispose();
    optimizer.dispose();
  }
}

const scenesOf = (left: readonly Leftover[]) => left.map(({ scene }) => scene);

function runEpoch(
  model: layers.LayersModel,
  optimizer: tf.Optimizer,
  left: readonly Leftover[],
  raster: Raster,
  horizons: number,
): number {
  let [sum, batches] = [0, 0];
  for (let at = 0; at < left.length; at += batch, batches++)
    sum += step(model, optimizer, left.slice(at, at + batch), raster, horizons);
  return sum / batches;
}

function step(
  model: layers.LayersModel,
  optimizer: tf.Optimizer,
  some: readonly Leftover[],
  raster: Raster,
  horizons: number,
): number {
  return tf.tidy(() => {
    const frames = framesOf(scenesOf(some), raster);
    const target = imageOf(some, 'values', raster, horizons);
    const known = imageOf(some, 'known', raster, horizons);
    const count = tf.maximum(tf.sum(known), 1);
    const loss = () => {
      const said = model.apply(frames, { training: true }) as tf.Tensor;
      const errors = tf.mul(known, tf.square(tf.sub(said, target)));
      return tf.div(tf.sum(errors), count) as tf.Scalar;
    };
    return optimizer.minimize(loss, true, variablesOf(model))!.dataSync()[0]!;
  });
}

/** [scenes, rows, columns, horizons] */
function imageOf(
  some: readonly Leftover[],
  what: 'values' | 'known',
  { rows, columns, cells }: Raster,
  horizons: number,
): tf.Tensor {
  const size = rows * columns * horizons;
  const data = new Float32Array(some.length * size);
  some.forEach((one, s) => {
    one[what].forEach((value, at) => {
      data[s * size + cells[Math.floor(at / horizons)]! * horizons + (at % horizons)] = value;
    });
  });
  return tf.tensor(data, [some.length, rows, columns, horizons]);
}

/** The layers' variables; TensorFlow.js hides them from its types. */
const variablesOf = (model: layers.LayersModel) =>
  model.trainableWeights.map((weight) => (weight as unknown as { readonly val: tf.Variable }).val);

function errorOf(
  left: readonly Leftover[],
  model: layers.LayersModel,
  raster: Raster,
  horizons: number,
): number {
  let [sum, count] = [0, 0];
  saidOf(model, scenesOf(left), raster, horizons).forEach((said, s) => {
    said.forEach((value, at) => {
      if (!left[s]!.known[at]) return;
      sum += (value - left[s]!.values[at]!) ** 2;
      count++;
    });
  });
  return sum / Math.max(1, count);
}

function shuffled<T>(all: readonly T[], seed: number): T[] {
  const next = uniform(seed);
  return all
    .map((one) => ({ one, at: next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
}
