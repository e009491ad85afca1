import * as tf from '@tensorflow/tfjs-core';
import { pointwise } from '../convolve.ts';
import {
  DeclaredLayer,
  type DeclaredLayerOptions,
  type DeclaredWeight,
  type Sizes,
} from '../declared-layer.ts';
import { checkExtent, neighbourhood, offsets, within } from '../neighbourhood.ts';

/** How alike a query q and a key k are, both scalars: -(q - k)^2, -|q - k| or q k. */
export type Similarity = 'squared-difference' | 'absolute-difference' | 'product';

export interface LocalRelationOptions extends DeclaredLayerOptions {
  /** Output channels. */
  readonly filters: number;
  /** Each position is related to extent x extent around it; odd. 7 in the paper. */
  readonly extent?: number;
  /** Neighbouring channels that share one aggregation weight; 8 in the paper. The last group may be smaller. */
  readonly sharing?: number;
  readonly similarity?: Similarity;
}

/** Logit of a neighbour beyond the border, as in the authors' kernel: a mask, where zeroes would have a share. */
export const beyondBorder = -100;

/**
 * Local relation layer (Hu et al. 2019, arXiv 1904.11491):
 *
 *     w_g(p, p') = softmax over p' of (Phi(query_g(p), key_g(p')) + geometry_g(p' - p))
 *     y_c(p) = sum over p' of w_g(p, p') x_c(p'),  g = floor(c / sharing)
 *
 * with a scalar query and key for each group of channels, the geometry prior a network of two layers on the offset
 * (dx, dy), without the last bias, which the softmax would cancel; and a linear map of y at the end.
 *
 * x [batch, height, width, channels] to [batch, height, width, filters].
 */
export class LocalRelation extends DeclaredLayer<LocalRelationOptions> {
  static className = 'RedtideLocalRelation';
  readonly extent: number;
  readonly sharing: number;

  constructor(options: LocalRelationOptions) {
    super(options);
    this.extent = options.extent ?? 7;
    this.sharing = options.sharing ?? 8;
    checkExtent(this.extent);
    const { similarity = 'product' } = options;
    if (!(similarity in similarities)) throw new Error(`local relation: no similarity ${similarity}`);
  }

  override weightsFor([x]: readonly Sizes[]): DeclaredWeight[] {
    const channels = x!.at(-1)!;
    const groups = Math.ceil(channels / this.sharing);
    return [
      { name: 'query', shape: [channels, groups], start: 'glorot' },
      { name: 'key', shape: [channels, groups], start: 'glorot' },
      { name: 'geometry1', shape: [2, groups], start: 'glorot' },
      { name: 'geometry1Bias', shape: [groups], start: 'zeros' },
      { name: 'geometry2', shape: [groups, groups], start: 'glorot' },
      { name: 'output', shape: [channels, this.options.filters], start: 'glorot' },
    ];
  }

  override outputsFor([x]: readonly Sizes[]): Sizes[] {
    return [[...x!.slice(0, -1), this.options.filters]];
  }

  override run([x]: tf.Tensor[]): tf.Tensor[] {
    const share = this.#share(x as tf.Tensor4D);
    const [around, , , groups] = share.shape as [number, number, number, number];
    const [batch, height, width, channels] = x!.shape as [number, number, number, number];
    const spare = groups * this.sharing - channels;
    const near = neighbourhood(tf.pad(x!, [...whole, [0, spare]]) as tf.Tensor4D, this.extent);
    const values = tf.reshape(near, [around, -1, groups, this.sharing]);
    const y = tf.sum(tf.mul(tf.reshape(share, [around, -1, groups, 1]), values), 0);
    const shared = tf.reshape(y, [batch, height, width, groups * this.sharing]);
    const own = spare > 0 ? tf.slice(shared, [0, 0, 0, 0], [batch, height, width, channels]) : shared;
    return [pointwise(own, this.weight('output'))];
  }

  /** The share of each neighbour: [extent * extent, batch, height * width, groups]. */
  #share(x: tf.Tensor4D): tf.Tensor {
    const [batch, height, width] = x.shape;
    const [around, places] = [this.extent ** 2, height * width];
    const key = neighbourhood(pointwise(x, this.weight('key')) as tf.Tensor4D, this.extent);
    const groups = key.shape[4];
    const query = tf.reshape(pointwise(x, this.weight('query')), [1, batch, places, groups]);
    const alike = similarities[this.options.similarity ?? 'product'](
      query,
      tf.reshape(key, [around, batch, places, groups]),
    );
    const inside = tf.reshape(within(height, width, this.extent), [around, 1, places, 1]);
    const prior = tf.reshape(this.#geometry(), [around, 1, 1, groups]);
    const logits = tf.mul(inside, tf.add(alike, prior));
    const masked = tf.add(logits, tf.mul(tf.sub(1, inside), beyondBorder));
    return tf.transpose(tf.softmax(tf.transpose(masked, [1, 2, 3, 0])), [3, 0, 1, 2]);
  }

  /** The prior of each neighbour: [extent * extent, groups]. */
  #geometry(): tf.Tensor {
    const at = offsets(this.extent).map(([row, column]) => [column, row]);
    const hidden = tf.relu(
      tf.add(pointwise(tf.tensor2d(at), this.weight('geometry1')), this.weight('geometry1Bias')),
    );
    return pointwise(hidden, this.weight('geometry2'));
  }
}

const whole: [number, number][] = [
  [0, 0],
  [0, 0],
  [0, 0],
];

const similarities: Record<Similarity, (q: tf.Tensor, k: tf.Tensor) => tf.Tensor> = {
  'squared-difference': (q, k) => tf.neg(tf.square(tf.sub(q, k))),
  'absolute-difference': (q, k) => tf.neg(tf.abs(tf.sub(q, k))),
  product: (q, k) => tf.mul(q, k),
};

tf.serialization.registerClass(LocalRelation as never);
