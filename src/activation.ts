import type { Logger } from 'pino';
import type { Journal } from './ingest/journal.ts';
import type { Clock } from './ingest/message.ts';
import type { Manifest } from './model/artifact.ts';
import type { Predictor } from './model/predictor.ts';
import type { Codec, Keep, Kept } from './stream/kept.ts';

/** The model in service, and how another one comes in. */
export interface Model {
  readonly current: Predictor | undefined;
  /** What the current one says of itself. */
  readonly manifest?: Manifest | undefined;
  /** Loads a version and puts it in the place of the current one; rejects, and changes nothing, where it can't. */
  activate(id: string): Promise<void>;
  /** The version that should be in service; undefined where there is none. */
  wanted(): Promise<string | undefined>;
  dispose(): void;
}

export interface ActivationParts {
  readonly model: Model;
  readonly journal: Journal;
  readonly keep: Keep;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Refusal {
  readonly id: string;
  readonly reason: string;
  /** ms since the epoch */
  readonly time: number;
}

interface Version {
  id: string;
}

const codec: Codec<Version> = {
  encode: ({ id }) => Buffer.from(id),
  decode: (bytes) => ({ id: Buffer.from(bytes).toString() }),
};

/**
 * Which version serves is decided by records of the journal, so that a replay forecasts with the same ones. A version
 * that can't be loaded leaves the present one in service, and says so.
 */
export class Activation {
  readonly #parts: ActivationParts;
  readonly #serving: Kept<Version>;
  #asked: string | undefined;
  #refused: Refusal | undefined;

  constructor(parts: ActivationParts) {
    this.#parts = parts;
    this.#serving = parts.keep.map('model', codec);
  }

  /** The last version that could not go into service, until another one does. */
  get refused(): Refusal | undefined {
    return this.#refused;
  }

  /** At a start: what served when the checkpoint was written. */
  async restore(): Promise<void> {
    const version = this.#serving.get('');
    if (version) await this.#load(version.id);
  }

  /** At a model record of the journal. */
  async activate(id: string): Promise<void> {
    if (await this.#load(id)) this.#serving.change('', () => ({ id })).id = id;
  }

  /** Looks which version is wanted, and has the journal say so where it is another than before. */
  async refresh(): Promise<void> {
    const { model, journal, clock } = this.#parts;
    const id = await model.wanted();
    if (id === undefined || id === this.#asked) return;
    this.#asked = id;
    if (id !== model.current?.id) await journal.append({ kind: 'model', time: clock(), id });
  }

  async #load(id: string): Promise<boolean> {
    const { model, log, clock } = this.#parts;
    try {
      await model.activate(id);
      this.#refused = undefined;
      log.info({ model: id, backend: model.current?.backend }, 'model in service');
      return true;
    } catch (error) {
      const serving = model.current?.id ?? 'none';
      const reason = (error as Error).message;
      this.#refused = { id, reason, time: clock() };
      log.error({ model: id, serving, reason }, 'model refused');
      return false;
    }
  }
}
