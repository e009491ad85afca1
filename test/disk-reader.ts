/** Reads a data folder beside whoever writes it: `disk-reader.ts FOLDER` says what "kept" holds at each line of input. */
import { createInterface } from 'node:readline';
import { openDisk } from '../src/disk.ts';

const disk = openDisk(process.argv[2]!, { readOnly: true });
const kept = disk.database<string, number>('kept');
const say = () => process.stdout.write(`${JSON.stringify([...kept.getRange()])}\n`);
for await (const _ of createInterface({ input: process.stdin })) say();
await disk.close();
