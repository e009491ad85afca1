import * as tf from '@tensorflow/tfjs-core';
import { convolve } from '../convolve.ts';
import {
  DeclaredLayer,
  type DeclaredLayerOptions,
  type DeclaredWeight,
  type Sizes,
} from '../declared-layer.ts';

export interface ConvLstmOptions extends DeclaredLayerOptions {
  /** Hidden channels. */
  readonly filters: number;
  /** Extent of the kernel over the state; odd. */
  readonly stateKernel: number;
  /** Extent of the kernel over the input; odd. By default that of the state. */
  readonly inputKernel?: number;
  /** Give the hidden state of every step, [batch, steps, height, width, filters], rather than of the last alone. */
  readonly returnSequences?: boolean;
  /** Give the last hidden state and the last cell as second and third outputs. */
  readonly returnState?: boolean;
  /** Without an input: so many steps from a given state. The inputs are then [hidden, cell]. */
  readonly steps?: number;
}

/**
 * ConvLSTM with peepholes (Shi et al. 2015, arXiv 1506.04214, equation 3):
 *
 *     i = sigmoid(Wxi * x + Whi * h + Pi c + bi)        f = sigmoid(Wxf * x + Whf * h + Pf c + bf)
 *     c' = f c + i tanh(Wxc * x + Whc * h + bc)         o = sigmoid(Wxo * x + Who * h + Po c' + bo)
 *     h' = o tanh(c')
 *
 * where * convolves with zeroes beyond the border, and the rest is by element. The peepholes P are one weight a
 * channel, shared over space: no other reading gives the published numbers of parameters. Gates lie in the order
 * i, f, c, o. On images of 1 by 1 it is the FC-LSTM with peepholes that the paper compares with.
 *
 * Inputs: x [batch, steps, height, width, channels], from zero states; or [x, h, c], from states given
 * [batch, height, width, filters]; or [h, c] with `steps`. Outputs [batch, height, width, filters], or with a second
 * axis of steps.
 */
export class ConvLstm extends DeclaredLayer<ConvLstmOptions> {
  static className = 'RedtideConvLstm';

  constructor(options: ConvLstmOptions) {
    super(options);
    for (const extent of [options.stateKernel, options.inputKernel ?? 1])
      if (extent % 2 !== 1) throw new Error(`ConvLSTM: kernels must be odd, not ${extent}`);
  }

  override weightsFor(inputs: readonly Sizes[]): DeclaredWeight[] {
    const { filters, stateKernel, inputKernel = stateKernel, steps } = this.options;
    const gates = 4 * filters;
    const fromInput: DeclaredWeight = {
      name: 'input',
      shape: [inputKernel, inputKernel, inputs[0]!.at(-1)!, gates],
      start: 'glorot',
    };
    return [
      ...(steps === undefined ? [fromInput] : []),
      { name: 'state', shape: [stateKernel, stateKernel, filters, gates], start: 'glorot' },
      { name: 'bias', shape: [gates], start: 'zeros' },
      { name: 'peepholes', shape: [3, filters], start: 'zeros' },
    ];
  }

  override outputsFor([first]: readonly Sizes[]): Sizes[] {
    const { filters, returnSequences, returnState, steps } = this.options;
    const batch = first![0]!;
    const space = [...first!.slice(-3, -1), filters];
    const hidden = returnSequences ? [batch, steps ?? first![1]!, ...space] : [batch, ...space];
    return returnState ? [hidden, [batch, ...space], [batch, ...space]] : [hidden];
  }

  override run(inputs: tf.Tensor[]): tf.Tensor[] {
    const { returnSequences, returnState } = this.options;
    const fromInput = this.#fromInput(inputs);
    let { h, c } = this.#start(inputs);
    const hidden: tf.Tensor[] = [];
    for (const x of fromInput) {
      ({ h, c } = this.#step(x, h, c));
      if (returnSequences) hidden.push(h);
    }
    const out = returnSequences ? tf.stack(hidden, 1) : h;
    return returnState ? [out, h, c] : [out];
  }

  /** What the input adds to the gates, by step: one convolution for all steps. */
  #fromInput([x]: tf.Tensor[]): (tf.Tensor | undefined)[] {
    if (this.options.steps !== undefined) return Array(this.options.steps).fill(undefined);
    const [batch, steps, height, width, channels] = x!.shape as [number, number, number, number, number];
    const gates = convolve(tf.reshape(x!, [batch * steps, height, width, channels]), this.weight('input'));
    return tf.unstack(tf.reshape(gates, [batch, steps, height, width, 4 * this.options.filters]), 1);
  }

  #start(inputs: tf.Tensor[]): { h: tf.Tensor; c: tf.Tensor } {
    const [h, c] = inputs.slice(-2);
    if (inputs.length > 1) return { h: h!, c: c! };
    const [batch, , height, width] = inputs[0]!.shape as [number, number, number, number];
    const zeros = tf.zeros([batch, height, width, this.options.filters]);
    return { h: zeros, c: zeros };
  }

  #step(x: tf.Tensor | undefined, h: tf.Tensor, c: tf.Tensor): { h: tf.Tensor; c: tf.Tensor } {
    const fromState = tf.add(convolve(h, this.weight('state')), this.weight('bias'));
    const [zi, zf, zc, zo] = tf.split(x ? tf.add(fromState, x) : fromState, 4, 3) as Gates<tf.Tensor>;
    const [pi, pf, po] = tf.unstack(this.weight('peepholes')) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const i = tf.sigmoid(tf.add(zi, tf.mul(c, pi)));
    const f = tf.sigmoid(tf.add(zf, tf.mul(c, pf)));
    const next = tf.add(tf.mul(f, c), tf.mul(i, tf.tanh(zc)));
    const o = tf.sigmoid(tf.add(zo, tf.mul(next, po)));
    return { h: tf.mul(o, tf.tanh(next)), c: next };
  }
}

type Gates<T> = [T, T, T, T];

tf.serialization.registerClass(ConvLstm as never);
