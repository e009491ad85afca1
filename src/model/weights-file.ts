import { type LstmSpec, type Weights, weightNames } from './engine/spec.ts';

/** What a weights file holds of one tensor: row-major float32, little-endian, at a byte offset. */
export interface TensorPlace {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
}

type Shape = Pick<LstmSpec, 'inputs' | 'hidden' | 'outputs'>;

/** Shapes in PyTorch's layout, gates i, f, g, o. */
export function shapesOf({ inputs, hidden, outputs }: Shape): Readonly<Record<keyof Weights, number[]>> {
  return {
    weight_ih: [4 * hidden, inputs],
    weight_hh: [4 * hidden, hidden],
    bias_ih: [4 * hidden],
    bias_hh: [4 * hidden],
    head_weight: [outputs, hidden],
    head_bias: [outputs],
  };
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

/** Lays tensors of several networks of one shape one after the other; answers the bytes and where each one is. */
export function packTensors(
  networks: readonly Weights[],
  shape: Shape,
): { readonly weights: Uint8Array; readonly places: TensorPlace[][] } {
  const shapes = shapesOf(shape);
  const each = weightNames.reduce((sum, name) => sum + sizeOf(shapes[name]), 0);
  const view = new DataView(new ArrayBuffer(networks.length * each * 4));
  let offset = 0;
  const places = networks.map((tensors) =>
    weightNames.map((name) => {
      const place = { name, shape: shapes[name], offset };
      for (const value of tensors[name]) {
        view.setFloat32(offset, value, true);
        offset += 4;
      }
      return place;
    }),
  );
  return { weights: new Uint8Array(view.buffer), places };
}

/** Tensors of one network, copied out of the file. */
export function tensorsOf(places: readonly TensorPlace[], file: Uint8Array): Weights {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  return Object.fromEntries(
    places.map(({ name, shape, offset }) => [
      name,
      Float32Array.from({ length: sizeOf(shape) }, (_, i) => view.getFloat32(offset + 4 * i, true)),
    ]),
  ) as unknown as Weights;
}

/** Why the places are not those of a network of this shape in a file of so many bytes; the first fault. */
export function placesFault(places: readonly TensorPlace[], shape: Shape, bytes: number): string | undefined {
  const shapes = shapesOf(shape);
  for (const name of weightNames) {
    const found = places.find((one) => one.name === name);
    if (!found) return `has no ${name}`;
    if (found.shape?.join() !== shapes[name].join())
      return `/${name}/shape is [${found.shape}], not [${shapes[name]}]`;
    if (!Number.isInteger(found.offset) || found.offset < 0)
      return `/${name}/offset is ${found.offset}, not a number of bytes`;
    const end = found.offset + sizeOf(shapes[name]) * 4;
    if (end > bytes) return `/${name} ends at byte ${end} of weights.bin, which has ${bytes}`;
  }
  return undefined;
}
