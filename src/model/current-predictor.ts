import type { ArtifactStore } from './artifact-store.ts';
import { openPredictor } from './open-predictor.ts';
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
    const next = openPredictor(await this.#artifacts.read(id), this.#options);
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
