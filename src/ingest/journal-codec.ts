import { crc32 } from 'node:zlib';
import type { Entry, JournalRecord } from './journal-record.ts';

/**
 * The journal's bytes. What is committed together is one block: its records, one after the other. Big-endian:
 *
 *     crc32 4 | length of the rest 4 | sequence 6 | records that follow in the block 4 | kind 1 | time 8 | body
 *
 * The checksum (CRC-32 of IEEE 802.3) covers everything behind it. The count of those that follow makes a block
 * that was cut at the end of a record tell. A message's body is the length of its topic (2), topic and payload.
 */
const head = 27;
const kinds = ['', 'message', 'tick', 'model', 'configuration', 'command', 'clock'] as const;

/** A record or block of the journal is not what was written. */
export class JournalDamaged extends Error {
  override readonly name = 'JournalDamaged';
  constructor(sequence: number, what: string) {
    super(
      `journal record ${sequence} is damaged: ${what}; nothing from it on is used. Keep a copy of the data folder, ` +
        'check the disk, and restore the folder from a backup or start with an empty one',
    );
  }
}

/** Bytes that the entry takes in a block. */
export function encodedLength(entry: Entry): number {
  return head + bodyLength(entry);
}

function bodyLength(entry: Entry): number {
  if (entry.kind === 'message') return 2 + Buffer.byteLength(entry.topic) + entry.payload.length;
  return entry.kind === 'tick' ? 0 : Buffer.byteLength(entry.kind === 'model' ? entry.id : entry.text);
}

/** Entries, from sequence `first` on, as one block. */
export function encodeBlock(first: number, entries: readonly Entry[]): Buffer {
  const lengths = entries.map(encodedLength);
  const block = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (let index = 0; index < entries.length; index++) {
    const record = block.subarray(at, (at += lengths[index]!));
    writeRecord(record, first + index, entries.length - index - 1, entries[index]!);
  }
  return block;
}

function writeRecord(target: Buffer, sequence: number, following: number, entry: Entry): void {
  target.writeUInt32BE(target.length - 8, 4);
  target.writeUIntBE(sequence, 8, 6);
  target.writeUInt32BE(following, 14);
  target.writeUInt8(kinds.indexOf(entry.kind), 18);
  target.writeDoubleBE(entry.kind === 'message' ? entry.receivedAt : entry.time, 19);
  writeBody(target, entry);
  target.writeUInt32BE(crc32(target.subarray(4)), 0);
}

function writeBody(target: Buffer, entry: Entry): void {
  if (entry.kind === 'message') {
    const topicLength = target.write(entry.topic, head + 2);
    target.writeUInt16BE(topicLength, head);
    target.set(entry.payload, head + 2 + topicLength);
  } else if (entry.kind !== 'tick') target.write(entry.kind === 'model' ? entry.id : entry.text, head);
}

/**
 * The records of a block whose first must have the sequence `first`. Payloads are views into `block`.
 *
 * @throws {JournalDamaged} unless the block is, to the byte, one that was written there.
 */
export function decodeBlock(first: number, block: Buffer): JournalRecord[] {
  const records: JournalRecord[] = [];
  let at = 0;
  let following = -1;
  do {
    const sequence = first + records.length;
    const record = wholeRecord(block, at, sequence);
    const stated = record.readUInt32BE(14);
    if (following >= 0 && stated !== following - 1) throw new JournalDamaged(sequence, 'the block has a gap');
    following = stated;
    records.push(readRecord(record, sequence));
    at += record.length;
  } while (following > 0);
  if (at !== block.length) throw new JournalDamaged(first + records.length, 'bytes follow the last record');
  return records;
}

function wholeRecord(block: Buffer, at: number, sequence: number): Buffer {
  if (block.length - at < head) throw new JournalDamaged(sequence, 'the block is cut off');
  const end = at + 8 + block.readUInt32BE(at + 4);
  if (end > block.length || end - at < head) throw new JournalDamaged(sequence, 'its length is impossible');
  const record = block.subarray(at, end);
  if (crc32(record.subarray(4)) !== record.readUInt32BE(0))
    throw new JournalDamaged(sequence, 'its checksum differs');
  if (record.readUIntBE(8, 6) !== sequence)
    throw new JournalDamaged(sequence, 'another record is in its place');
  return record;
}

function readRecord(record: Buffer, sequence: number): JournalRecord {
  const kind = kinds[record.readUInt8(18)];
  const time = record.readDoubleBE(19);
  if (kind === 'message') return readMessage(record, sequence, time);
  const text = record.toString('utf8', head);
  if (kind === 'tick') return { kind, sequence, time };
  if (kind === 'model') return { kind, sequence, time, id: text };
  if (kind === 'configuration' || kind === 'command' || kind === 'clock')
    return { kind, sequence, time, text };
  throw new JournalDamaged(sequence, 'a newer Redtide wrote it');
}

function readMessage(record: Buffer, sequence: number, receivedAt: number): JournalRecord {
  const body = head + 2 + record.readUInt16BE(head);
  const topic = record.toString('utf8', head + 2, body);
  return { kind: 'message', sequence, topic, payload: record.subarray(body), receivedAt };
}
