import type { Artifact } from './artifact.ts';

/**
 * PORT. Versions of the model, and which one should serve. A version never changes once published.
 */
export interface ArtifactStore {
  /** Identities of the versions there are, in no order. */
  list(): Promise<string[]>;
  /** Throws ArtifactRefused where it is not there, not whole, or not signed by who must. */
  read(id: string): Promise<Artifact>;
  /** Resolves once the version is durable and is the current one. Publishing it again is harmless. */
  publish(artifact: Artifact): Promise<void>;
  /** Has another version be the current one: how one goes back. */
  serve(id: string): Promise<void>;
  /** The version that should serve; undefined where none was published. */
  current(): Promise<string | undefined>;
}
