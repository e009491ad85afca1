import { type Artifact, ArtifactRefused } from './artifact.ts';
import { baselineNames } from './baselines/baseline.ts';
import { baselinePredictor } from './baselines/baseline-predictor.ts';
import { guarded } from './guarded-predictor.ts';
import { lineUpPredictor } from './line-up/line-up-predictor.ts';
import { lstmPredictor } from './lstm-predictor.ts';
import type { OpenNetwork, OpenOptions, Predictor } from './predictor.ts';
import { redtidePredictor } from './redtide/redtide-predictor.ts';
import { openGraphNetwork } from './space/graph-network.ts';
import { imageNames, isImage, loadImages, openImage } from './space/image-runtime.ts';
import { openNothing } from './space/space-network.ts';
import { spacePredictor } from './space/space-predictor.ts';

/** Every kind of artifact that can serve, by the `network` of its manifest. A new kind is a line here. */
const networks: Readonly<Record<string, OpenNetwork>> = {
  'line-up': (artifact, options) => lineUpPredictor(artifact, options, openPredictor),
  redtide: redtidePredictor,
  graph: (artifact, options) => spacePredictor(artifact, options, openGraphNetwork),
  'own-past': (artifact, options) => spacePredictor(artifact, options, openNothing),
  ...Object.fromEntries(imageNames.map((name) => [name, imagePredictor])),
  'study-lstm': lstmPredictor,
  'original-lstm': lstmPredictor,
  ...Object.fromEntries(baselineNames.map((name) => [name, baselinePredictor])),
};

export const networkNames: readonly string[] = Object.keys(networks);

function imagePredictor(artifact: Artifact, options: OpenOptions): Predictor {
  return spacePredictor(artifact, options, openImage);
}

/** Loads what artifacts need before they can be opened: TensorFlow.js for networks over images, and nothing else. */
export async function prepare(artifacts: Iterable<Artifact>): Promise<void> {
  for (const { manifest } of artifacts) if (isImage(manifest.network)) await loadImages();
}

/** @throws {ArtifactRefused} where the network is not known here, or refuses the body. */
export function openPredictor(artifact: Artifact, options: OpenOptions): Predictor {
  const { id, network } = artifact.manifest;
  if (!Object.hasOwn(networks, network))
    throw new ArtifactRefused(
      `model ${id}: network ${JSON.stringify(network)} is none of ${networkNames.join(', ')}`,
    );
  return guarded(networks[network]!(artifact, options), artifact.manifest);
}
