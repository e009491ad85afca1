import * as tf from '@tensorflow/tfjs-core';
import { pointwise } from '../convolve.ts';
import {
  DeclaredLayer,
  type DeclaredLayerOptions,
  type DeclaredWeight,
  type Sizes,
} from '../declared-layer.ts';

export interface AttentionStemOptions extends DeclaredLayerOptions {
  /** Output channels: a multiple of the heads. */
  readonly filters: number;
  /** Attention stays inside blocks of block x block positions; 4 in the paper. */
  readonly block?: number;
  /** 4 in the paper. */
  readonly heads?: number;
  /** Maps of the values that are mixed by position; 4 in the paper. */
  readonly mixtures?: number;
}

/**
 * The attention stem (Ramachandran et al. 2019, section 3.2), for pixels, whose colours say little of where an edge
 * is: attention among the positions of each block, with values that know their position in it:
 *
 *     v_ab = (sum over m of p(a, b, m) Wv_m) x_ab,  p(a, b, m) = softmax_m((row(a) + column(b)) . nu_m)
 *
 * p is shared by the heads. Batch normalisation and a max-pool of the block follow as layers of their own. The paper
 * gives the keys no position here.
 *
 * x [batch, height, width, channels], height and width multiples of the block, to [batch, height, width, filters].
 */
export class AttentionStem extends DeclaredLayer<AttentionStemOptions> {
  static className = 'RedtideAttentionStem';
  readonly block: number;
  readonly heads: number;

  constructor(options: AttentionStemOptions) {
    super(options);
    this.block = options.block ?? 4;
    this.heads = options.heads ?? 4;
    if (options.filters % this.heads !== 0)
      throw new Error(`attention stem: filters must be a multiple of ${this.heads}, not ${options.filters}`);
  }

  override weightsFor([x]: readonly Sizes[]): DeclaredWeight[] {
    const { filters, mixtures = 4 } = this.options;
    const channels = x!.at(-1)!;
    const embedding = filters / this.heads;
    const shapes = {
      query: [channels, filters],
      key: [channels, filters],
      values: [mixtures, channels * filters],
      rows: [this.block, embedding],
      columns: [this.block, embedding],
      nu: [embedding, mixtures],
    };
    return Object.entries(shapes).map(([name, shape]) => ({ name, shape, start: 'glorot' }));
  }

  override outputsFor([x]: readonly Sizes[]): Sizes[] {
    const uneven = x!.slice(1, 3).find((size) => size !== null && size % this.block !== 0);
    if (uneven !== undefined)
      throw new Error(`attention stem: height and width must be multiples of ${this.block}, not ${uneven}`);
    return [[...x!.slice(0, -1), this.options.filters]];
  }

  override run([x]: tf.Tensor[]): tf.Tensor[] {
    const [batch, height, width] = x!.shape as [number, number, number];
    const blocks = this.#toBlocks(x!);
    const [query, key] = ['query', 'key'].map((name) =>
      this.#toHeads(pointwise(blocks, this.weight(name))),
    ) as [tf.Tensor, tf.Tensor];
    const share = tf.softmax(tf.matMul(query, key, false, true));
    const y = this.#fromHeads(tf.matMul(share, this.#toHeads(this.#values(blocks))));
    return [this.#fromBlocks(y, batch, height, width)];
  }

  /** [blocks, positions, channels] */
  #toBlocks(x: tf.Tensor): tf.Tensor {
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    const b = this.block;
    const split = tf.reshape(x, [(batch * height) / b, b, width / b, b * channels]);
    return tf.reshape(tf.transpose(split, [0, 2, 1, 3]), [-1, b * b, channels]);
  }

  #fromBlocks(y: tf.Tensor, batch: number, height: number, width: number): tf.Tensor {
    const [b, { filters }] = [this.block, this.options];
    const split = tf.reshape(y, [(batch * height) / b, width / b, b, b * filters]);
    return tf.reshape(tf.transpose(split, [0, 2, 1, 3]), [batch, height, width, filters]);
  }

  /** [blocks, positions, filters] to [blocks * heads, positions, filters / heads] */
  #toHeads(x: tf.Tensor): tf.Tensor {
    const [blocks, positions, filters] = x.shape as [number, number, number];
    const own = filters / this.heads;
    const split = tf.transpose(tf.reshape(x, [blocks, positions, this.heads, own]), [0, 2, 1, 3]);
    return tf.reshape(split, [blocks * this.heads, positions, own]);
  }

  #fromHeads(y: tf.Tensor): tf.Tensor {
    const [all, positions, own] = y.shape as [number, number, number];
    const split = tf.reshape(y, [all / this.heads, this.heads, positions, own]);
    return tf.reshape(tf.transpose(split, [0, 2, 1, 3]), [all / this.heads, positions, this.heads * own]);
  }

  /** Each position of a block has a map of its own: [blocks, positions, filters]. */
  #values(blocks: tf.Tensor): tf.Tensor {
    const [, positions, channels] = blocks.shape as [number, number, number];
    const maps = tf.reshape(pointwise(this.#mixture(), this.weight('values')), [positions, channels, -1]);
    return tf.transpose(tf.matMul(tf.transpose(blocks, [1, 0, 2]), maps), [1, 0, 2]);
  }

  /** p: [positions, mixtures] */
  #mixture(): tf.Tensor {
    const [rows, columns] = [this.weight('rows'), this.weight('columns')];
    const place = tf.add(tf.expandDims(rows, 1), tf.expandDims(columns, 0));
    return tf.softmax(pointwise(tf.reshape(place, [this.block ** 2, -1]), this.weight('nu')));
  }
}

tf.serialization.registerClass(AttentionStem as never);
