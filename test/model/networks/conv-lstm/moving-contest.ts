import * as tf from '@tensorflow/tfjs-core';
import {
  type EncoderForecasterSpec,
  encoderForecaster,
} from '../../../../src/model/networks/conv-lstm/encoder-forecaster.ts';
import { type MovingDigits, movingDigits } from '../../../../src/model/networks/conv-lstm/moving-digits.ts';
import { toPatches } from '../../../../src/model/networks/conv-lstm/patches.ts';

export interface Contest {
  readonly digits: MovingDigits;
  /** Pixels on a side of the squares that become channels. */
  readonly patch: number;
  readonly batch: number;
  readonly steps: number;
  readonly learningRate: number;
  /** Sequences that nothing was trained on. */
  readonly held: number;
  readonly seen: number;
  readonly onStep?: (step: number, loss: number) => void;
}

export interface Shape {
  readonly hidden: readonly number[];
  readonly inputKernel: number;
  readonly stateKernel: number;
  /** Frames as one vector, as the FC-LSTM reads them. */
  readonly flat?: true;
}

export function specOf(shape: Shape, { digits, patch, seen }: Contest): EncoderForecasterSpec {
  const places = digits.frame / patch;
  const { hidden, inputKernel, stateKernel, flat } = shape;
  return {
    frame: flat ? [1, 1, digits.frame ** 2] : [places, places, patch ** 2],
    ...{ seen, ahead: digits.steps - seen, hidden, inputKernel, stateKernel },
    ...{ head: flat ? 'lowest' : 'all', activation: 'linear', seed: 1 },
  };
}

/**
 * Trains one network on sequences that never repeat, by RMSProp, and gives its cross-entropy on sequences held out:
 * summed over the pixels of all frames ahead, mean over sequences, as in table 1 of Shi et al. 2015.
 */
export function contend(shape: Shape, contest: Contest): number {
  const spec = specOf(shape, contest);
  const network = encoderForecaster(spec);
  const optimizer = tf.train.rmsprop(contest.learningRate, 0.9);
  const next = source(spec, contest, contest.digits.seed);
  for (let step = 1; step <= contest.steps; step++) {
    const loss = tf.tidy(() => {
      const { x, y } = next(contest.batch);
      return optimizer.minimize(() => crossEntropy(network.apply(x) as tf.Tensor, y), true)!.dataSync()[0]!;
    });
    contest.onStep?.(step, loss);
  }
  // Another seed draws other digits too.
  const unseen = source(spec, contest, contest.digits.seed + 1);
  const losses = Array.from({ length: contest.held / contest.batch }, () =>
    tf.tidy(() => {
      const { x, y } = unseen(contest.batch);
      return crossEntropy(network.predict(x) as tf.Tensor, y).dataSync()[0]!;
    }),
  );
  optimizer.dispose();
  network.dispose();
  return losses.reduce((a, b) => a + b, 0) / losses.length;
}

function source(spec: EncoderForecasterSpec, { digits, patch, seen }: Contest, seed: number) {
  const sequences = movingDigits({ ...digits, seed });
  return (batch: number) => {
    const all = tf.tensor(toPatches(sequences(batch), digits.frame, patch), [
      batch,
      digits.steps,
      ...spec.frame,
    ]);
    const [x, y] = tf.split(all, [seen, digits.steps - seen], 1) as [tf.Tensor, tf.Tensor];
    return { x, y };
  };
}

/** Of frames with the logits z, summed over all but the batch. */
function crossEntropy(z: tf.Tensor, y: tf.Tensor): tf.Scalar {
  const each = tf.add(tf.sub(tf.relu(z), tf.mul(z, y)), tf.softplus(tf.neg(tf.abs(z))));
  return tf.div(tf.sum(each), z.shape[0]!) as tf.Scalar;
}
