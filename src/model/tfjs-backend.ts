// tfjs-core's build for Node registers no gradients; loading the layers does, for all.
import '@tensorflow/tfjs-layers';
import * as tf from '@tensorflow/tfjs-core';
import { checkSpec, checkWeights, type LstmSpec, type Weights, weightNames } from './engine/spec.ts';
import type { Fitting, LoadedNetwork, LstmBackend } from './lstm-backend.ts';
import { forward, meanSquaredError, type Parameters, tensorsOf } from './networks/tfjs-lstm.ts';

/** LSTMs on the backend of TensorFlow.js that is set (tfjs-runtime.ts). All of it is synchronous. */
export function tfjsBackend(name: string): LstmBackend {
  return { name, load, fitting };
}

function load(spec: LstmSpec, weights: Weights, lookback: number): LoadedNetwork {
  checkSpec(spec);
  checkWeights(spec, weights);
  const parameters = tensorsOf(spec, weights);
  return {
    forward: (x, batch) => run(spec, parameters, x, batch, lookback),
    dispose: () => tf.dispose(parameters),
  };
}

function fitting(spec: LstmSpec, weights: Weights, lookback: number, learningRate: number): Fitting {
  const start = tensorsOf(spec, weights);
  const variables = Object.fromEntries(weightNames.map((name) => [name, tf.variable(start[name])])) as Record<
    keyof Weights,
    tf.Variable
  >;
  tf.dispose(start);
  const optimizer = tf.train.adam(learningRate, 0.9, 0.999, 1e-8);
  return {
    step: (x, y, batch) =>
      tf.tidy(() => {
        const inputs = tf.tensor3d(x, [batch, lookback, spec.inputs]);
        const targets = tf.tensor2d(y, [batch, spec.outputs]);
        const loss = optimizer.minimize(
          () => meanSquaredError(spec, variables, inputs, targets),
          true,
          Object.values(variables),
        );
        return loss!.dataSync()[0]!;
      }),
    forward: (x, batch) => run(spec, variables, x, batch, lookback),
    weights: () =>
      Object.fromEntries(
        weightNames.map((name) => [name, variables[name].dataSync().slice()]),
      ) as unknown as Weights,
    dispose: () => {
      tf.dispose(variables);
      optimizer.dispose();
    },
  };
}

function run(
  spec: LstmSpec,
  parameters: Parameters,
  x: Float32Array,
  batch: number,
  lookback: number,
): Float32Array {
  return tf.tidy(() => {
    const inputs = tf.tensor3d(x, [batch, lookback, spec.inputs]);
    return forward(spec, parameters, inputs).dataSync<'float32'>().slice();
  });
}
