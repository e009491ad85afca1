import * as tf from '@tensorflow/tfjs-core';
import { input, type LayersModel, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { ConvLstm } from '../../src/model/networks/conv-lstm/conv-lstm.ts';
import { LocalRelation } from '../../src/model/networks/local-relation/local-relation.ts';
import { LocalAttention } from '../../src/model/networks/self-attention/local-attention.ts';
import { chooseTfjs, type TfjsName, tfjsNames } from '../../src/model/tfjs-runtime.ts';

/**
 * Forward and training time of the study's networks on each backend that loads here, side by side: 2 samples of 16 by 16
 * places, 16 channels, one layer and a 1x1 map to one channel; Adam on the mean squared error. The LSTM of 32 units over
 * 24 steps of a station stands beside them. ROUNDS says how often each is timed; the median counts. BACKENDS and NETWORKS
 * (a comma between) narrow it.
 */
const [batch, side, channels, steps] = [2, 16, 16, 5];

const shapes = { field: [side, side, channels], fields: [steps, side, side, channels], series: [24, 1] };

const networks: Readonly<
  Record<string, readonly [keyof typeof shapes, () => InstanceType<typeof layers.Layer>]>
> = {
  'convolution 3x3': ['field', () => layers.conv2d({ filters: channels, kernelSize: 3, padding: 'same' })],
  'self-attention 7x7': ['field', () => new LocalAttention({ filters: channels, seed: 1 })],
  'local relation 7x7': ['field', () => new LocalRelation({ filters: channels, seed: 1 })],
  'ConvLSTM 3x3': ['fields', () => new ConvLstm({ filters: channels, stateKernel: 3, seed: 1 })],
  'LSTM of layers': ['series', () => layers.lstm({ units: 32, recurrentInitializer: 'glorotUniform' })],
};

export async function run(print: (line: object) => void): Promise<void> {
  const rounds = Number(process.env['ROUNDS'] ?? 5);
  const backends = (process.env['BACKENDS']?.split(',') ?? tfjsNames) as readonly TfjsName[];
  const names = process.env['NETWORKS']?.split(',') ?? Object.keys(networks);
  for (const backend of backends)
    try {
      await chooseTfjs(backend);
      for (const name of names) print({ backend, network: name, ...timed(name, rounds) });
    } catch (error) {
      print({ backend, absent: (error as Error).message });
    }
}

function timed(name: string, rounds: number): object {
  const [kind, layer] = networks[name]!;
  const network = build(shapes[kind], layer());
  const optimizer = tf.train.adam(1e-3);
  const x = tf.randomUniform([batch, ...shapes[kind]], 0, 1, 'float32', 1);
  const y = tf.zeros(network.outputs[0]!.shape.with(0, batch) as number[]);
  const forward = () => (network.predict(x) as tf.Tensor).dataSync();
  const loss = () => tf.mean(tf.square(tf.sub(network.apply(x) as tf.Tensor, y))) as tf.Scalar;
  const training = () => optimizer.minimize(loss, true)!.dataSync();
  const times = { forwardMs: millis(forward, rounds), trainingMs: millis(training, rounds) };
  tf.dispose([x, y]);
  optimizer.dispose();
  network.dispose();
  return { parameters: network.countParams(), ...times };
}

function build(shape: number[], layer: InstanceType<typeof layers.Layer>): LayersModel {
  const inputs = input({ shape });
  const hidden = layer.apply(inputs) as SymbolicTensor;
  return model({ inputs, outputs: layers.dense({ units: 1 }).apply(hidden) as SymbolicTensor });
}

/** The median of the rounds after a first one, which compiles. */
function millis(act: () => unknown, rounds: number): number {
  const times = Array.from({ length: rounds + 1 }, () => {
    const begun = performance.now();
    tf.tidy(() => {
      act();
    });
    return performance.now() - begun;
  });
  return Number(median(times.slice(1)).toFixed(2));
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
