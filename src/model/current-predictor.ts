import type { ArtifactStore } from './artifact-store.ts';
import type { LstmBackend } from './lstm-backend.ts';
import { lstmPredictor, type PredictorOptions } from './lstm-predictor.ts';
import type { Predictor } from './predictor.ts';

/** Holds the version in service. The next one is loaded and tried before the present one goes. */
export class CurrentPredictor {
  readonly #artifacts: ArtifactStore;
  readonly #backend: LstmBackend;
  readonly #options: PredictorOptions;
  #current: Predictor | undefined;

  constructor(artifacts: ArtifactStore, backend: LstmBackend, options: PredictorOptions) {
    this.#artifacts = artifacts;
    this.#backend = backend;
    this.#options = options;
  }

  get current(): Predictor | undefined {
    return this.#current;
  }

  /** @throws {ArtifactRefused} where the version is not there or not whole; the present one then stays. */
  async activate(id: string): Promise<void> {
    if (id === this.#current?.id) return;
    const next = lstmPredictor(await this.#artifacts.read(id), this.#backend, this.#options);
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
