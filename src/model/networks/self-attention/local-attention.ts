import * as tf from '@tensorflow/tfjs-core';
import { pointwise } from '../convolve.ts';
import {
  DeclaredLayer,
  type DeclaredLayerOptions,
  type DeclaredWeight,
  type Sizes,
} from '../declared-layer.ts';
import { checkExtent, neighbourhood } from '../neighbourhood.ts';

export interface LocalAttentionOptions extends DeclaredLayerOptions {
  /** Output channels: a multiple of twice the heads. */
  readonly filters: number;
  /** Each position attends to extent x extent around it; odd. 7 in the paper. */
  readonly extent?: number;
  /** 8 in the paper. */
  readonly heads?: number;
}

/**
 * Stand-alone self-attention (Ramachandran et al. 2019, arXiv 1906.05909, equation 3): with q, k and v linear in x,
 *
 *     y_ij = sum over ab of softmax_ab(q_ij . k_ab + q_ij . r_(a-i, b-j)) v_ab
 *
 * over the neighbourhood of ij, in each head for itself, without a scale. r holds an embedding of the row offset in its
 * first half, one of the column offset in its second; in every head, so that each sees both. Each head maps all input
 * channels: the text has the contrary, but only so come out the published numbers of parameters. Beyond the border the
 * keys and values are zero.
 *
 * x [batch, height, width, channels] to [batch, height, width, filters].
 */
export class LocalAttention extends DeclaredLayer<LocalAttentionOptions> {
  static className = 'RedtideLocalAttention';
  readonly extent: number;
  readonly heads: number;

  constructor(options: LocalAttentionOptions) {
    super(options);
    this.extent = options.extent ?? 7;
    this.heads = options.heads ?? 8;
    checkExtent(this.extent);
    if (options.filters % (2 * this.heads) !== 0)
      throw new Error(`attention: filters must be a multiple of ${2 * this.heads}, not ${options.filters}`);
  }

  override weightsFor([x]: readonly Sizes[]): DeclaredWeight[] {
    const { filters } = this.options;
    const map = [x!.at(-1)!, filters];
    const embedding = [this.extent, filters / 2];
    const shapes = { query: map, key: map, value: map, rows: embedding, columns: embedding };
    return Object.entries(shapes).map(([name, shape]) => ({ name, shape, start: 'glorot' }));
  }

  override outputsFor([x]: readonly Sizes[]): Sizes[] {
    return [[...x!.slice(0, -1), this.options.filters]];
  }

  override run([x]: tf.Tensor[]): tf.Tensor[] {
    const { filters } = this.options;
    const [positions, around, perHead] = [-1, this.extent ** 2, filters / this.heads];
    const near = (name: string) =>
      tf.reshape(neighbourhood(pointwise(x!, this.weight(name)) as tf.Tensor4D, this.extent), [
        around,
        positions,
        filters,
      ]);
    const query = tf.reshape(pointwise(x!, this.weight('query')), [1, positions, filters]);
    const products = tf.mul(query, tf.add(near('key'), this.#relative()));
    const logits = tf.sum(tf.reshape(products, [around, positions, this.heads, perHead]), 3);
    const share = tf.transpose(tf.softmax(tf.transpose(logits, [1, 2, 0])), [2, 0, 1]);
    const values = tf.reshape(near('value'), [around, positions, this.heads, perHead]);
    const y = tf.sum(tf.mul(tf.expandDims(share, 3), values), 0);
    return [tf.reshape(y, [...x!.shape.slice(0, -1), filters])];
  }

  /** r for each neighbour: [extent * extent, 1, filters]. */
  #relative(): tf.Tensor {
    const [k, n, half] = [this.extent, this.heads, this.options.filters / this.heads / 2];
    const rows = tf.tile(tf.reshape(this.weight('rows'), [k, 1, n, half]), [1, k, 1, 1]);
    const columns = tf.tile(tf.reshape(this.weight('columns'), [1, k, n, half]), [k, 1, 1, 1]);
    return tf.reshape(tf.concat([rows, columns], 3), [k * k, 1, this.options.filters]);
  }
}

tf.serialization.registerClass(LocalAttention as never);
