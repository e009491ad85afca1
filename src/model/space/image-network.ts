import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { type Artifact, ArtifactRefused, type Manifest } from '../artifact.ts';
import { ConvLstm } from '../networks/conv-lstm/conv-lstm.ts';
import { LocalRelation } from '../networks/local-relation/local-relation.ts';
import { LocalAttention } from '../networks/self-attention/local-attention.ts';
import type { Scene } from './scene.ts';
import type { Raster, SpaceBody } from './space-artifact.ts';
import type { SpaceNetwork } from './space-network.ts';

/** What an image network is built for. */
export interface ImageShape {
  readonly network: string;
  readonly lookback: number;
  readonly raster: Raster;
  /** Channels of the hidden layers: a multiple of 4. */
  readonly hidden: number;
  readonly horizons: number;
  readonly seed: number;
}

/** Extent of what a cell sees around it. */
const extent = 5;

/** The study's layers, each between the frames, [batch, lookback, rows, columns, 2], and a head. */
const bodies: Readonly<
  Record<string, (frames: layers.SymbolicTensor, shape: ImageShape) => layers.SymbolicTensor>
> = {
  'conv-lstm': (frames, { hidden, seed }) =>
    apply(new ConvLstm({ filters: hidden, stateKernel: 3, inputKernel: 3, seed }), frames),
  'self-attention': (frames, shape) => {
    const { hidden, seed } = shape;
    const attention = new LocalAttention({ filters: hidden, extent, heads: 2, seed: seed + 10 });
    return relu(apply(attention, embedded(frames, shape)));
  },
  'local-relation': (frames, shape) => {
    const { hidden, seed } = shape;
    const relation = new LocalRelation({ filters: hidden, extent, sharing: 1, seed: seed + 10 });
    return relu(apply(relation, embedded(frames, shape)));
  },
};

const apply = (layer: layers.layers.Layer, to: layers.SymbolicTensor) =>
  layer.apply(to) as layers.SymbolicTensor;

const relu = (to: layers.SymbolicTensor) => apply(layers.layers.reLU(), to);

/** All frames of a cell as its channels, through a linear map and ReLU. */
function embedded(
  frames: layers.SymbolicTensor,
  { raster, lookback, hidden, seed }: ImageShape,
): layers.SymbolicTensor {
  const beside = apply(layers.layers.permute({ dims: [2, 3, 1, 4] }), frames);
  const targetShape = [raster.rows, raster.columns, 2 * lookback];
  const flat = apply(layers.layers.reshape({ targetShape }), beside);
  const kernelInitializer = layers.initializers.glorotUniform({ seed });
  return apply(layers.layers.dense({ units: hidden, activation: 'relu', kernelInitializer }), flat);
}

/** From [batch, lookback, rows, columns, 2] (value and mask) to [batch, rows, columns, horizons]; it begins as 0. */
export function buildImageModel(shape: ImageShape): layers.LayersModel {
  const { raster, lookback } = shape;
  const frames = layers.input({ shape: [lookback, raster.rows, raster.columns, 2] });
  const head = layers.layers.dense({ units: shape.horizons, kernelInitializer: 'zeros' });
  return layers.model({ inputs: frames, outputs: apply(head, bodies[shape.network]!(frames, shape)) });
}

/** Scenes as frames: the value and the mask of each cell, both 0 where there is no node. */
export function framesOf(scenes: readonly Scene[], { rows, columns, cells }: Raster): tf.Tensor5D {
  const lookback = scenes[0]!.lookback;
  const size = rows * columns * 2;
  const data = new Float32Array(scenes.length * lookback * size);
  scenes.forEach(({ values, mask, nodes }, s) => {
    for (let row = 0; row < lookback; row++)
      for (let n = 0; n < nodes; n++) {
        const at = (s * lookback + row) * size + cells[n]! * 2;
        data[at] = values[row * nodes + n]!;
        data[at + 1] = mask[row * nodes + n]!;
      }
  });
  return tf.tensor5d(data, [scenes.length, lookback, rows, columns, 2]);
}

/** What a model says of scenes, by node: [nodes, horizons] for each. */
export function saidOf(
  model: layers.LayersModel,
  scenes: readonly Scene[],
  raster: Raster,
  horizons: number,
): Float64Array[] {
  const size = raster.rows * raster.columns * horizons;
  return blocksOf(scenes).flatMap((some) => {
    const data = tf.tidy(() => (model.apply(framesOf(some, raster)) as tf.Tensor).dataSync());
    return some.map((_, s) =>
      Float64Array.from(
        { length: raster.cells.length * horizons },
        (_, at) => data[s * size + raster.cells[Math.floor(at / horizons)]! * horizons + (at % horizons)]!,
      ),
    );
  });
}

/** Few enough at a time that they fit into memory. */
function blocksOf(scenes: readonly Scene[]): Scene[][] {
  const blocks: Scene[][] = [];
  for (let at = 0; at < scenes.length; at += 16) blocks.push(scenes.slice(at, at + 16));
  return blocks;
}

/** Numbers of all weights, one layer after the other. */
export const weightsOf = (model: layers.LayersModel): Float32Array =>
  Float32Array.from(model.getWeights().flatMap((weight) => [...weight.dataSync()]));

export function setWeights(model: layers.LayersModel, numbers: Float32Array): void {
  tf.tidy(() => {
    let at = 0;
    model.setWeights(
      model.getWeights().map(({ shape, size }) => {
        at += size;
        return tf.tensor(numbers.subarray(at - size, at), shape);
      }),
    );
  });
}

/** @throws {ArtifactRefused} where the weights are not as many as its layers have. */
export function openImageNetwork({ manifest, weights }: Artifact<SpaceBody>, at: number): SpaceNetwork {
  const { offset, parameters } = manifest.body.variables[at]!;
  const model = buildImageModel(shapeOf(manifest));
  try {
    if (model.countParams() !== parameters)
      throw new ArtifactRefused(
        `model ${manifest.id}: body/variables/${at}/parameters is ${parameters}, its layers have ${model.countParams()}`,
      );
    const view = new DataView(weights.buffer, weights.byteOffset + offset, parameters * 4);
    setWeights(
      model,
      Float32Array.from({ length: parameters }, (_, i) => view.getFloat32(4 * i, true)),
    );
  } catch (error) {
    model.dispose();
    throw error;
  }
  return {
    forward: (scenes) => saidOf(model, scenes, manifest.body.raster!, manifest.horizons.length),
    dispose: () => {
      model.dispose();
    },
  };
}

const shapeOf = ({ network, lookback, horizons, body }: Manifest<SpaceBody>): ImageShape => ({
  network,
  lookback,
  raster: body.raster!,
  hidden: body.hidden,
  horizons: horizons.length,
  seed: 1,
});
