import type { Artifact } from './artifact.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { asLineUp } from './line-up/line-up.ts';
import { openPredictor, prepare } from './open-predictor.ts';
import type { OpenOptions, Predictor } from './predictor.ts';

/** Holds the version in service. The next one is loaded and tried before the present one goes. */
export class CurrentPredictor {
  readonly #artifacts: ArtifactStore;
  readonly #options: OpenOptions;
  #current: Predictor | undefined;

  constructor(artifacts: ArtifactStore, options: OpenOptions) {
    this.#artifacts = artifacts;
    this.#options = options;
  }

  get current(): Predictor | undefined {
    return this.#current;
  }

  /** @throws {ArtifactRefused} where the version is not there or not whole; the present one then stays. */
  async activate(id: string): Promise<void> {
    if (id === this.#current?.id) return;
    const artifact = await this.#artifacts.read(id);
    const members = await membersOf(artifact, this.#artifacts);
    await prepare([artifact, ...members.values()]);
    const next = openPredictor(artifact, { ...this.#options, members });
    this.#current?.dispose();
    this.#current = next;
  }

  wanted(): Promise<string | undefined> {
    return this.#artifacts.current();
  }

  dispose(): void {
    this.#current?.dispose();
    this.#current = undefined;
  }
}

/** What a line-up is made of, each checked as any version is. */
async function membersOf(artifact: Artifact, artifacts: ArtifactStore): Promise<Map<string, Artifact>> {
  if (artifact.manifest.network !== 'line-up') return new Map();
  const { members } = asLineUp(artifact).manifest.body;
  return new Map(await Promise.all(members.map(async ({ id }) => [id, await artifacts.read(id)] as const)));
}
