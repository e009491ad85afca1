import { type Artifact, ArtifactRefused } from '../artifact.ts';
import type { SpaceBody } from './space-artifact.ts';
import type { OpenSpaceNetwork } from './space-network.ts';

/** Networks over images: on TensorFlow.js, which is loaded for them alone. */
export const imageNames = ['conv-lstm', 'self-attention', 'local-relation'] as const;
export type ImageName = (typeof imageNames)[number];

export const isImage = (network: string): network is ImageName => imageNames.some((name) => name === network);

let open: OpenSpaceNetwork | undefined;

/**
 * Loads TensorFlow.js, and chooses its backend where none is set yet. One thread: what is learned is the same bits then.
 * To be awaited before an image network is fitted or opened.
 */
export async function loadImages(): Promise<typeof import('./image-network.ts')> {
  const [tf, runtime, network] = await Promise.all([
    import('@tensorflow/tfjs-core'),
    import('../tfjs-runtime.ts'),
    import('./image-network.ts'),
  ]);
  if (!tf.getBackend()) await runtime.chooseTfjs('auto');
  open = network.openImageNetwork;
  return network;
}

/** @throws {ArtifactRefused} before `loadImages`. */
export const openImage: OpenSpaceNetwork = (artifact: Artifact<SpaceBody>, at: number) => {
  if (!open) throw new ArtifactRefused(`model ${artifact.manifest.id}: TensorFlow.js is not loaded`);
  return open(artifact, at);
};
