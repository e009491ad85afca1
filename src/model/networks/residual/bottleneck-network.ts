import {
  input,
  layers as kinds,
  type LayersModel,
  model,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';

type Layer = InstanceType<typeof kinds.Layer>;

export interface BottleneckSpec {
  /** Height and width of the square images, three channels. */
  readonly image: number;
  readonly classes: number;
  /** Blocks of each of the four stages. */
  readonly blocks: readonly number[];
  /** Width inside the blocks of each stage. */
  readonly widths: readonly number[];
  /** Channels that the blocks of each stage give. */
  readonly outputs: readonly number[];
  /** From the image to a quarter of its height and width. */
  readonly stem: readonly Layer[];
  /** What stands where ResNet has its 3x3 convolution. */
  readonly spatial: (width: number) => Layer;
  /** The spatial layer has a stride of its own for the first block of a later stage, or an average pool follows it. */
  readonly stride: 'average-pool' | ((width: number) => Layer);
  readonly start: Start;
}

/** What kernels begin as: `zeros` where the network is only counted, or its weights are loaded. */
export type Start = 'glorotUniform' | 'zeros';

/**
 * A residual network of bottlenecks (He et al. 2016) whose 3x3 convolutions may be other layers: 1x1 to a smaller width,
 * the spatial layer, 1x1 back, each with batch normalisation, and the input added. x [batch, image, image, 3] to class
 * probabilities [batch, classes].
 */
export function bottleneckNetwork(spec: BottleneckSpec): LayersModel {
  const images = input({ shape: [spec.image, spec.image, 3] });
  let x = chain(images, spec.stem);
  for (const [stage, count] of spec.blocks.entries())
    for (let n = 0; n < count; n++) x = block(x, spec, stage, n === 0);
  const pooled = chain(x, [kinds.globalAveragePooling2d({}), dense(spec.classes, spec.start)]);
  return model({ inputs: images, outputs: pooled });
}

function block(x: SymbolicTensor, spec: BottleneckSpec, stage: number, first: boolean): SymbolicTensor {
  const [width, outputs] = [spec.widths[stage]!, spec.outputs[stage]!];
  const halves = first && stage > 0;
  const map = (filters: number, strides = 1) => convolution(spec.start, filters, 1, strides);
  const inner = chain(x, [
    ...[map(width), normalise(), relu()],
    ...spatialLayers(spec, width, halves),
    ...[normalise(), relu(), map(outputs), normalise()],
  ]);
  const past = first ? chain(x, [map(outputs, halves ? 2 : 1), normalise()]) : x;
  return chain(kinds.add().apply([inner, past]) as SymbolicTensor, [relu()]);
}

function spatialLayers({ spatial, stride }: BottleneckSpec, width: number, halves: boolean): Layer[] {
  if (!halves) return [spatial(width)];
  if (stride !== 'average-pool') return [stride(width)];
  return [spatial(width), kinds.averagePooling2d({ poolSize: 2, strides: 2, padding: 'same' })];
}

const chain = (x: SymbolicTensor, all: readonly Layer[]) =>
  all.reduce((below, layer) => layer.apply(below) as SymbolicTensor, x);

/** ResNet's stem: 7x7 with stride 2, then a max-pool with stride 2. */
export const convolutionStem = (start: Start, filters = 64): Layer[] => [
  convolution(start, filters, 7, 2),
  normalise(),
  relu(),
  kinds.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
];

export const convolution = (start: Start, filters: number, kernelSize: number, strides = 1): Layer =>
  kinds.conv2d({ filters, kernelSize, strides, padding: 'same', useBias: false, kernelInitializer: start });

export const normalise = (): Layer => kinds.batchNormalization({});
const dense = (units: number, start: Start) =>
  kinds.dense({ units, activation: 'softmax', kernelInitializer: start });
const relu = () => kinds.activation({ activation: 'relu' });
