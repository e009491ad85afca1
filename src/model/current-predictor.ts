import type { Manifest } from './artifact.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { membersOf } from './line-up/line-up.ts';
import { openPredictor, prepare } from './open-predictor.ts';
import type { OpenOptions, Predictor } from './predictor.ts';
import { trial } from './trial.ts';

/** Holds the version in service. The next one is loaded and tried before the present one goes. */
export class CurrentPredictor {
  readonly #artifacts: ArtifactStore;
  readonly #options: OpenOptions;
  #current: Predictor | undefined;
  #manifest: Manifest | undefined;

  constructor(artifacts: ArtifactStore, options: OpenOptions) {
    this.#artifacts = artifacts;
    this.#options = options;
  }

  get current(): Predictor | undefined {
    return this.#current;
  }

  /** What the version in service says of itself. */
  get manifest(): Manifest | undefined {
    return this.#manifest;
  }

  /** @throws {ArtifactRefused} where the version is not there or not whole; the present one then stays. */
  async activate(id: string): Promise<void> {
    if (id === this.#current?.id) return;
    const { next, manifest } = await this.#open(id);
    this.#current?.dispose();
    this.#current = next;
    this.#manifest = manifest;
  }

  /** @throws {ArtifactRefused} where the version could not go into service here; nothing changes either way. */
  async tryOut(id: string): Promise<void> {
    if (id !== this.#current?.id) (await this.#open(id)).next.dispose();
  }

  /** Loaded, and warm: it has forecast once. */
  async #open(id: string): Promise<{ next: Predictor; manifest: Manifest }> {
    const artifact = await this.#artifacts.read(id);
    const read = async (one: string) => [one, await this.#artifacts.read(one)] as const;
    const members = new Map(await Promise.all(membersOf(artifact).map(read)));
    await prepare([artifact, ...members.values()]);
    const next = openPredictor(artifact, { ...this.#options, members });
    try {
      trial(next, artifact.manifest);
    } catch (error) {
      next.dispose();
      throw error;
    }
    return { next, manifest: artifact.manifest };
  }

  wanted(): Promise<string | undefined> {
    return this.#artifacts.current();
  }

  dispose(): void {
    this.#current?.dispose();
    this.#current = undefined;
    this.#manifest = undefined;
  }
}
