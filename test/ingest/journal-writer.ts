/** Appends 1, 2, 3 and so on to a journal, 20 under way, and prints each that is durable; ends when it can't. */
import { openDisk } from '../../src/disk.ts';
import { openJournal } from '../../src/ingest/journal.ts';

const [folder] = process.argv.slice(2) as [string];
const journal = openJournal(openDisk(folder));
let next = 1;
const append = async () => {
  for (;;) {
    const text = String(next++);
    await journal.append({ kind: 'command', time: 0, text: text.padEnd(2000) });
    process.stdout.write(`${text}\n`);
  }
};
const lanes = await Promise.allSettled(Array.from({ length: 20 }, append));
const reasons = new Set(lanes.map((lane) => (lane.status === 'rejected' ? `${lane.reason}` : 'ended')));
process.stdout.write(`${journal.state}: ${[...reasons].join(' | ')}\n`);
