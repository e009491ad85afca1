import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import type { ExecutionContext } from 'ava';
import type { DeclaredLayer, DeclaredLayerOptions } from '../../../src/model/networks/declared-layer.ts';
import { Doubles, random } from './float64.ts';

export type Given = Readonly<Record<string, Doubles>>;

export interface Claim {
  readonly layer: () => DeclaredLayer<DeclaredLayerOptions>;
  /** Shapes of the inputs, batch included. */
  readonly inputs: readonly (readonly number[])[];
  /** The first output by the formulas, in float64, of the weights by name and the inputs `0`, `1`, .... */
  readonly reference: (given: Given) => Doubles;
}

/**
 * Holds a layer to its reference: outputs, gradients by central differences of the reference, save and load, and
 * no tensor left.
 */
export async function prove(t: ExecutionContext, claim: Claim): Promise<void> {
  const before = tf.memory().numTensors;
  const layer = claim.layer();
  const inputs = claim.inputs.map((shape, n) => random(shape, 100 + n));
  const model = modelOf(layer, claim.inputs);
  const weights = Object.fromEntries(
    layer.weightsFor(claim.inputs).map(({ name, shape }, n) => [name, random(shape, 7 + n)]),
  );
  tf.tidy(() => model.setWeights(tensorsOf(Object.values(weights))));
  const given = { ...weights, ...Object.fromEntries(inputs.map((input, n) => [n, input])) };
  outputs(t, layer, claim, given, inputs);
  gradients(t, layer, claim, given, inputs);
  await saved(t, model, inputs);
  model.dispose();
  t.is(tf.memory().numTensors, before, 'tensors were left');
}

function modelOf(layer: DeclaredLayer<DeclaredLayerOptions>, shapes: Claim['inputs']): layers.LayersModel {
  const symbols = shapes.map((shape) => layers.input({ shape: shape.slice(1) }));
  const applied = layer.apply(symbols.length === 1 ? symbols[0]! : symbols) as layers.SymbolicTensor;
  return layers.model({ inputs: symbols, outputs: applied });
}

const tensorsOf = (all: readonly Doubles[]) =>
  all.map(({ data, shape }) => tf.tensor(Float32Array.from(data), [...shape]));

function outputs(
  t: ExecutionContext,
  layer: DeclaredLayer<DeclaredLayerOptions>,
  { reference }: Claim,
  given: Given,
  inputs: readonly Doubles[],
): void {
  const expected = reference(given);
  const got = tf.tidy(() => first(layer.apply(tensorsOf(inputs)) as tf.Tensor | tf.Tensor[]).arraySync());
  const values = (got as unknown[]).flat(9) as number[];
  t.deepEqual(shapeOf(got), [...expected.shape]);
  t.true(worst(values, expected.data) < 2e-5, `outputs differ by ${worst(values, expected.data)}`);
}

const first = (out: tf.Tensor | tf.Tensor[]) => (Array.isArray(out) ? out[0]! : out);
const shapeOf = (nested: unknown): number[] =>
  Array.isArray(nested) ? [nested.length, ...shapeOf(nested[0])] : [];

/** The largest difference, as a share of the largest value. */
function worst(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (got.length !== expected.length) return Number.POSITIVE_INFINITY;
  const scale = Math.max(0.1, ...Array.from(expected, Math.abs));
  const apart = Array.from(expected, (value, n) => Math.abs(value - got[n]!));
  return apart.every(Number.isFinite) ? Math.max(...apart) / scale : Number.POSITIVE_INFINITY;
}

/** Of the sum of the outputs, each times a number of its own. */
function gradients(
  t: ExecutionContext,
  layer: DeclaredLayer<DeclaredLayerOptions>,
  { reference }: Claim,
  given: Given,
  inputs: readonly Doubles[],
): void {
  const factors = random(reference(given).shape, 55);
  const loss = (now: Given) => {
    const { data } = reference(now);
    return data.reduce((total, value, n) => total + value * factors.data[n]!, 0);
  };
  for (const [name, values] of Object.entries(gradientsOf(layer, inputs, factors))) {
    const expected = differences(loss, given, name);
    const apart = worst(values, expected);
    t.true(apart < 1e-4, `the gradient of ${name} differs by ${apart}`);
  }
}

function gradientsOf(
  layer: DeclaredLayer<DeclaredLayerOptions>,
  inputs: readonly Doubles[],
  factors: Doubles,
): Record<string, ArrayLike<number>> {
  const names = layer.weightsFor(inputs.map(({ shape }) => shape)).map(({ name }) => name);
  return tf.tidy(() => {
    const variables = tensorsOf(inputs).map((tensor) => tf.variable(tensor));
    const weights = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const { grads } = tf.variableGrads(
      () =>
        tf.sum(
          tf.mul(first(layer.apply(variables as tf.Tensor[]) as tf.Tensor), tensorsOf([factors])[0]!),
        ) as tf.Scalar,
      [...weights, ...variables],
    );
    const read = (variable: tf.Variable) => grads[variable.name]!.dataSync().slice();
    const found = Object.fromEntries([
      ...weights.map((weight, n) => [names[n]!, read(weight)]),
      ...variables.map((variable, n) => [`${n}`, read(variable)]),
    ]);
    for (const variable of variables) variable.dispose();
    return found;
  });
}

function differences(loss: (given: Given) => number, given: Given, name: string): Float64Array {
  const { data, shape } = given[name]!;
  return data.map((value, n) => {
    const [above, below] = [1e-5, -1e-5].map((step) => {
      const moved = new Doubles(shape, data);
      moved.data[n] = value + step;
      return loss({ ...given, [name]: moved });
    });
    return (above! - below!) / 2e-5;
  });
}

async function saved(t: ExecutionContext, model: layers.LayersModel, inputs: readonly Doubles[]) {
  let kept: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      kept = artifacts;
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    }),
  );
  const again = await layers.loadLayersModel(tf.io.fromMemory(structuredClone(kept!)));
  const answer = (of: layers.LayersModel) =>
    tf.tidy(() => [...first(of.predict(tensorsOf(inputs)) as tf.Tensor).dataSync()]);
  t.deepEqual(answer(again), answer(model));
  again.dispose();
}
