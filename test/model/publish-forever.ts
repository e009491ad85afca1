// Publishes version after version into the folder, until it is killed; the first one is told.
import { fileArtifactStore } from '../../src/model/file-artifact-store.ts';
import { artifactOf } from './samples.ts';

const [folder, seed] = process.argv.slice(2) as [string, string];
const store = fileArtifactStore(folder);
for (let n = Number(seed); ; n++) {
  const artifact = artifactOf({ seed: n, variables: ['chlorophyll'] });
  await store.publish(artifact);
  if (n === Number(seed)) console.log(artifact.manifest.id);
}
