import type { LayersModel } from '@tensorflow/tfjs-layers';
import {
  type BottleneckSpec,
  bottleneckNetwork,
  convolution,
  convolutionStem,
  type Start,
} from './bottleneck-network.ts';

export interface ImageNetwork {
  readonly image: number;
  readonly classes: number;
  readonly start: Start;
}

/** What the residual networks of 256 to 2048 channels have in common. */
export const residual = {
  widths: [64, 128, 256, 512],
  outputs: [256, 512, 1024, 2048],
} satisfies Partial<BottleneckSpec>;

/** ResNet with its 3x3 convolutions: what the attention and local relation networks are compared with. */
export const resNet = (blocks: readonly number[], { image, classes, start }: ImageNetwork): LayersModel =>
  bottleneckNetwork({
    ...residual,
    ...{ image, classes, start, blocks },
    stem: convolutionStem(start),
    spatial: (width) => convolution(start, width, 3),
    stride: (width) => convolution(start, width, 3, 2),
  });
