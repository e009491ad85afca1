import { layers as kinds, type LayersModel } from '@tensorflow/tfjs-layers';
import { bottleneckNetwork, convolutionStem, normalise, type Start } from '../residual/bottleneck-network.ts';
import { type ImageNetwork, residual } from '../residual/resnet.ts';
import { AttentionStem } from './attention-stem.ts';
import { LocalAttention } from './local-attention.ts';

/** Blocks of each stage (Ramachandran et al. 2019, section 4.1). */
export const attentionBlocks = { 26: [1, 2, 4, 1], 38: [2, 3, 5, 2], 50: [3, 4, 6, 3] } as const;

/**
 * ResNet with local attention of extent 7 and 8 heads for its 3x3 convolutions, an average pool after it where the
 * convolution had a stride; its stem is ResNet's, or attention inside blocks of 4x4 with a max-pool of each block.
 */
export function attentionResNet(
  depth: keyof typeof attentionBlocks,
  stem: 'convolution' | 'attention',
  { image, classes, start }: ImageNetwork,
): LayersModel {
  return bottleneckNetwork({
    ...residual,
    ...{ image, classes, start, blocks: attentionBlocks[depth] },
    stem: stem === 'attention' ? attentionStem(start) : convolutionStem(start),
    spatial: (filters) => new LocalAttention({ filters, ...ours(start) }),
    stride: 'average-pool',
  });
}

const attentionStem = (start: Start) => [
  new AttentionStem({ filters: 64, ...ours(start) }),
  normalise(),
  kinds.maxPooling2d({ poolSize: 4, strides: 4 }),
];

const ours = (start: Start) => ({ start: start === 'zeros' ? ('zeros' as const) : ('glorot' as const) });
