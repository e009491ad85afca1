import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type Shape } from '@tensorflow/tfjs-layers';

/** Sizes of an input or a weight; `null` is a size that is known when data come, such as the batch. */
export type Sizes = readonly (number | null)[];

export interface DeclaredWeight {
  readonly name: string;
  readonly shape: readonly number[];
  /** What it begins as: `glorot` for maps, `zeros` for biases and peepholes. */
  readonly start: 'glorot' | 'zeros';
}

export interface DeclaredLayerOptions {
  readonly name?: string;
  /** Shape of one sample, for the first layer of a sequential model. */
  readonly inputShape?: Sizes;
  /** Of the initial weights: the same seed gives the same weights. Without it they differ from run to run. */
  readonly seed?: number;
  /** `zeros` skips the drawing of initial weights, where they are loaded afterwards or only counted. */
  readonly start?: 'glorot' | 'zeros';
}

/**
 * A layer of TensorFlow.js that says which weights it has before it makes them, so that the parameters of a network too
 * large for this machine can be counted from the layers that it would be built of.
 */
export abstract class DeclaredLayer<Options extends DeclaredLayerOptions> extends layers.Layer {
  readonly options: Options;
  readonly #made = new Map<string, { read(): tf.Tensor }>();

  constructor(options: Options) {
    super(options as unknown as ConstructorParameters<typeof layers.Layer>[0]);
    this.options = options;
  }

  /** The weights for inputs of these shapes, batch included. */
  abstract weightsFor(inputs: readonly Sizes[]): DeclaredWeight[];
  /** The shapes of the outputs for inputs of these shapes, batch included. */
  abstract outputsFor(inputs: readonly Sizes[]): Sizes[];
  abstract run(inputs: tf.Tensor[]): tf.Tensor[];

  override build(inputShape: Shape | Shape[]): void {
    for (const [n, { name, shape, start }] of this.weightsFor(listOf(inputShape)).entries())
      this.#made.set(
        name,
        this.addWeight(
          name,
          [...shape],
          'float32',
          this.options.start === 'zeros' || start === 'zeros' ? initializers.zeros() : this.#glorot(n),
        ),
      );
    this.built = true;
  }

  #glorot(n: number) {
    const { seed } = this.options;
    return initializers.glorotUniform(seed === undefined ? ({} as { seed: number }) : { seed: seed + n });
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    const outputs = this.outputsFor(listOf(inputShape)) as Shape[];
    return outputs.length === 1 ? outputs[0]! : outputs;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor | tf.Tensor[] {
    return tf.tidy(() => {
      const outputs = this.run(Array.isArray(inputs) ? inputs : [inputs]);
      return outputs.length === 1 ? outputs[0]! : outputs;
    });
  }

  /** A weight by its declared name. */
  weight(name: string): tf.Tensor {
    return this.#made.get(name)!.read();
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { inputShape: _, ...own } = this.options;
    return { ...super.getConfig(), ...(own as unknown as tf.serialization.ConfigDict), name: this.name };
  }
}

/** Parameters in the weights that a layer declares for inputs of these shapes; nothing is allocated. */
export const declaredParameters = (
  layer: DeclaredLayer<DeclaredLayerOptions>,
  inputs: readonly Sizes[],
): number =>
  layer
    .weightsFor(inputs)
    .map(({ shape }) => shape.reduce((product, size) => product * size, 1))
    .reduce((sum, size) => sum + size, 0);

const listOf = (shape: Shape | Shape[]): Sizes[] =>
  (Array.isArray(shape[0]) ? shape : [shape]) as unknown as Sizes[];
