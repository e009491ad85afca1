import { type Artifact, ArtifactRefused } from '../model/artifact.ts';
import type { ArtifactStore } from '../model/artifact-store.ts';
import { membersOf } from '../model/line-up/line-up.ts';
import { openPredictor, prepare } from '../model/open-predictor.ts';
import type { OpenOptions } from '../model/predictor.ts';

/** The version in service, as a contest meets it. */
export interface Champion {
  /** Absent where nothing serves. */
  readonly id?: string;
  /** Absent where it can't be judged, either. */
  readonly artifact?: Artifact;
  /** Versions that a line-up is made of. */
  readonly members?: ReadonlyMap<string, Artifact>;
  /** Why it can't be judged; no edge could load it. */
  readonly refused?: string;
}

/** @throws where the folder can't be read: another time it may be. */
export async function championIn(artifacts: ArtifactStore, options: OpenOptions): Promise<Champion> {
  const id = await artifacts.current();
  if (id === undefined) return {};
  try {
    const artifact = await artifacts.read(id);
    const read = async (one: string) => [one, await artifacts.read(one)] as const;
    const members = new Map(await Promise.all(membersOf(artifact).map(read)));
    await prepare([artifact, ...members.values()]);
    openPredictor(artifact, { ...options, members }).dispose();
    return { id, artifact, members };
  } catch (error) {
    if (!(error instanceof ArtifactRefused)) throw error;
    return { id, refused: error.message };
  }
}
