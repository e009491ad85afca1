import * as tf from '@tensorflow/tfjs-core';
import { type LstmSpec, targetsOf, type Weights, weightNames } from '../engine/spec.ts';
import { shapesOf } from '../weights-file.ts';

/**
 * The LSTM with a dense head as TensorFlow.js defines it: what the fused engine is checked against. Gates in the order
 * i, f, g, o; c' = f c + i g; h' = o tanh(c'); zero state before the first step. Two bias vectors, as in PyTorch.
 */
export type Parameters = Readonly<Record<keyof Weights, tf.Tensor>>;

/** Weights as tensors; each is the caller's to dispose of. */
export function tensorsOf(spec: LstmSpec, weights: Weights): Record<keyof Weights, tf.Tensor> {
  const shapes = shapesOf(spec);
  return Object.fromEntries(
    weightNames.map((name) => [name, tf.tensor(weights[name], shapes[name])]),
  ) as Record<keyof Weights, tf.Tensor>;
}

/** x [batch, steps, inputs] to [batch, outputs]. */
export function forward(spec: LstmSpec, parameters: Parameters, x: tf.Tensor3D): tf.Tensor2D {
  return tf.tidy(() => {
    const [batch, steps] = x.shape;
    const bias = tf.add(parameters.bias_ih, parameters.bias_hh);
    let h: tf.Tensor = tf.zeros([batch, spec.hidden]);
    let c: tf.Tensor = tf.zeros([batch, spec.hidden]);
    for (let t = 0; t < steps; t++) {
      const xt = tf.reshape(tf.slice(x, [0, t, 0], [batch, 1, spec.inputs]), [batch, spec.inputs]);
      const fromInput = tf.matMul(xt as tf.Tensor2D, parameters.weight_ih as tf.Tensor2D, false, true);
      const fromState = tf.matMul(h as tf.Tensor2D, parameters.weight_hh as tf.Tensor2D, false, true);
      const [i, f, g, o] = tf.split(tf.add(tf.add(fromInput, fromState), bias), 4, 1) as [
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
      ];
      c = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)));
      h = tf.mul(tf.sigmoid(o), tf.tanh(c));
    }
    const head = tf.add(
      tf.matMul(h as tf.Tensor2D, parameters.head_weight as tf.Tensor2D, false, true),
      parameters.head_bias,
    );
    return (spec.head === 'relu' ? tf.relu(head) : head) as tf.Tensor2D;
  });
}

/** The mean over batch and outputs of the squared error. y [batch, outputs]. */
export function meanSquaredError(
  spec: LstmSpec,
  parameters: Parameters,
  x: tf.Tensor3D,
  y: tf.Tensor2D,
): tf.Scalar {
  if (spec.quantiles) throw new Error(`quantile heads with ${targetsOf(spec)} targets train on the engine`);
  return tf.tidy(() => tf.mean(tf.square(tf.sub(forward(spec, parameters, x), y))) as tf.Scalar);
}
