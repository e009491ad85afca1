import type { Correction, HoldMemory } from './ingest/held-records.ts';
import type { Codec, Keep } from './stream/kept.ts';

interface Remembered {
  corrections: readonly Correction[];
}

const codec: Codec<Remembered> = {
  encode: (remembered) => Buffer.from(JSON.stringify(remembered)),
  decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()),
};

/** What is known of a hold, in the checkpoint: a start may fall between records that have gone through and others. */
export function holdMemory(keep: Keep): HoldMemory {
  const kept = keep.map('clock-hold', codec);
  return {
    read: () => kept.get('')?.corrections ?? [],
    write: (corrections) => {
      kept.change('', () => ({ corrections })).corrections = corrections;
    },
  };
}
