import { statfsSync } from 'node:fs';

export interface GateOptions {
  /** The data folder, and the bytes that its file system is to have left. */
  readonly folder: string;
  readonly reserve: number;
  /** Whether the room for points that wait for the store is used up. */
  readonly full: () => boolean;
  /** Told when the gate closes, with the reason, and when it is open again. */
  readonly onChange: (reason: string | undefined) => void;
}

const full = 'the room for points that wait for the store is used up (store: waiting)';

/**
 * Whether messages are taken in. While they are not they wait at the broker, unacknowledged, and what was taken in goes its
 * way: the journal's own clock ticks on, people are told, the store is written.
 */
export class Gate {
  readonly #options: GateOptions;
  #short: string | undefined;
  #before: string | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
    this.look();
  }

  /** Why messages wait; undefined where nothing is in the way. Asked for each message, so it looks at no disk. */
  get reason(): string | undefined {
    return this.#options.full() ? full : this.#short;
  }

  /** Looks at the disk. */
  look(): void {
    const { folder, reserve, onChange } = this.#options;
    this.#short = shortOf(folder, reserve);
    if ((this.reason === undefined) === (this.#before === undefined)) return;
    this.#before = this.reason;
    onChange(this.reason);
  }
}

function shortOf(folder: string, reserve: number): string | undefined {
  const { bavail, bsize } = statfsSync(folder);
  const [left, wanted] = [bavail * bsize, reserve].map((bytes) => Math.floor(bytes / 1024 / 1024));
  return bavail * bsize < reserve
    ? `the disk has ${left} MiB left, and ${wanted} MiB are to stay free (journal: reserve)`
    : undefined;
}
