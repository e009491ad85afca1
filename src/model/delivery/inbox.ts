import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { absent, writeSynced } from '../version-files.ts';
import { type Parcel, sha256 } from './description.ts';
import { pieceFault } from './pieces.ts';

/** What became of the last description that was taken up: it is not taken up again. */
export interface Handled {
  /** Hash of the description. */
  readonly description: string;
  readonly id: string | undefined;
  readonly outcome: 'taken' | 'refused';
  readonly reason?: string | undefined;
  /** ms since the epoch. */
  readonly time: number;
}

/**
 * A folder for pieces that have come, so that neither a broken link nor an end of this process has them come again.
 * They are not synced: each has its hash, and one that a power cut has spoilt comes again.
 */
export class Inbox {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async handled(): Promise<Handled | undefined> {
    const text = await readFile(join(this.#folder, 'handled.json'), 'utf8').catch(absent);
    try {
      return text === undefined ? undefined : (JSON.parse(text) as Handled);
    } catch {
      return undefined;
    }
  }

  /** What came of other descriptions goes. */
  async settle(handled: Handled): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const draft = join(this.#folder, 'handled.draft');
    await writeSynced(draft, JSON.stringify(handled));
    await rename(draft, join(this.#folder, 'handled.json'));
    for (const name of await readdir(this.#folder)) if (name !== 'handled.json') await this.#remove(name);
  }

  /** The pieces that are here, by number; what is not whole is as good as absent. */
  async pieces(parcel: Parcel): Promise<Map<number, Buffer>> {
    const place = this.#place(parcel);
    const found = new Map<number, Buffer>();
    for (let n = 0; n < parcel.chunks; n++) {
      const piece = await readFile(join(place, `${n}`)).catch(absent);
      if (piece && pieceFault(parcel, n, piece) === undefined) found.set(n, piece);
    }
    return found;
  }

  async keep(parcel: Parcel, n: number, piece: Uint8Array): Promise<void> {
    const place = this.#place(parcel);
    await mkdir(place, { recursive: true });
    await writeFile(join(place, `${n}.draft`), piece);
    await rename(join(place, `${n}.draft`), join(place, `${n}`));
  }

  #remove(name: string): Promise<void> {
    return rm(join(this.#folder, name), { recursive: true, force: true });
  }

  /** Of the same content, cut the same, whatever description names it. */
  #place({ id, manifest, weights, chunk }: Parcel): string {
    const cut = sha256(`${manifest.sha256} ${weights.sha256} ${chunk}`).slice(0, 12);
    return join(this.#folder, `${id}-${cut}`);
  }
}
