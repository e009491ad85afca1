import { Checkpoint } from '../../src/checkpoint.ts';
import { openDisk } from '../../src/disk.ts';
import { openJournal } from '../../src/ingest/journal.ts';
import type { Codec } from '../../src/stream/kept.ts';

/** Prints what a start finds in a folder: the position, each kept text, and each journal record; or why it refuses. */

const [folder = ''] = process.argv.slice(2);
const codec: Codec<string> = {
  encode: (text) => Buffer.from(text),
  decode: (bytes) => Buffer.from(bytes).toString(),
};

try {
  const disk = openDisk(folder);
  const extras = () => ({ unsaved: [], spilled: [], forget: () => {} });
  const checkpoint = new Checkpoint({ disk, now: () => 0, extras });
  const kept = [...checkpoint.keep.map('texts', codec).entries()].sort();
  const journal = openJournal(disk);
  const records = [...journal.read(1)].map((record) =>
    record.kind === 'message' ? Buffer.from(record.payload).toString() : record.kind,
  );
  process.stdout.write(JSON.stringify({ position: checkpoint.position, kept, records }));
} catch (error) {
  process.stdout.write(JSON.stringify({ refused: (error as Error).message }));
}
