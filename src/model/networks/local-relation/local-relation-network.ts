import type { LayersModel } from '@tensorflow/tfjs-layers';
import { bottleneckNetwork, convolutionStem } from '../residual/bottleneck-network.ts';
import { type ImageNetwork, residual } from '../residual/resnet.ts';
import { LocalRelation } from './local-relation.ts';

/** Blocks of each stage; the 26 of this paper is not the 26 of the attention networks. */
export const relationBlocks = { 26: [2, 2, 2, 2], 50: [3, 4, 6, 3] } as const;

/**
 * ResNet with local relation layers for its 3x3 convolutions (Hu et al. 2019), its blocks widened so that the cost is
 * that of ResNet. How it halves the image is not in what we have of the paper: an average pool here, which has no
 * parameters.
 */
export function localRelationNetwork(
  depth: keyof typeof relationBlocks,
  { image, classes, start }: ImageNetwork,
): LayersModel {
  return bottleneckNetwork({
    ...{ image, classes, start, blocks: relationBlocks[depth] },
    widths: [100, 200, 400, 800],
    outputs: residual.outputs,
    stem: convolutionStem(start),
    spatial: (filters) => new LocalRelation({ filters, start: start === 'zeros' ? 'zeros' : 'glorot' }),
    stride: 'average-pool',
  });
}
