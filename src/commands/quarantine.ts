import { userInfo } from 'node:os';
import { claimFolder } from '../claim.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { Disk } from '../disk.ts';
import { openJournal } from '../ingest/journal.ts';
import { found, openQuarantine, type QuarantinedMessage, replayQuarantined } from '../ingest/quarantine.ts';
import { RefusedPoints } from '../store/lmdb-refused.ts';
import { type Command, exit, flag, type Io, UsageError, type Values } from './command.ts';
import { askEdge } from './door.ts';
import { folderOf, openData, readData } from './shore.ts';

type Action = (config: Config, sequences: readonly number[], values: Values, io: Io) => Promise<void>;

const actions: Record<string, Action> = { list, show, replay };

export const command: Command = {
  summary: 'messages that could not be understood, and points that the store refused',
  usage: 'list FILE | show FILE SEQUENCE | replay FILE [SEQUENCE ...]',
  about: `list: one line for each message in quarantine, with its sequence in the journal and the reasons, then each point
that the store refused. show: one message as it came. Both read beside a running edge.
replay: puts messages (all, unless sequences are given) at the end of the journal again, with their time of receipt,
and takes them out of quarantine; they are read anew, after a change of the configuration, say. Values that were
understood the first time count as duplicates. A running edge is asked to do it.
FILE is the configuration.`,
  options: { json: { type: 'boolean', help: 'list and show: one JSON object a line' } },
  async run(values, [name = '', file, ...rest], io) {
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (!action) throw new UsageError(`"${name}" is none of ${Object.keys(actions).join(', ')}`);
    if (!file) throw new UsageError('needs a configuration file');
    await action(loadConfig(file), rest.map(sequenceOf), values, io);
    return exit.ok;
  },
};

function sequenceOf(given: string): number {
  const sequence = Number(given);
  if (Number.isSafeInteger(sequence) && sequence > 0) return sequence;
  throw new UsageError(`${given} is no sequence; quarantine list shows them`);
}

async function list(config: Config, _: readonly number[], values: Values, io: Io): Promise<void> {
  await reading(config, (disk) => {
    for (const line of openQuarantine(disk).list()) {
      const { sequence, topic, receivedAt, bytes, rejections } = line;
      const why = rejections.map(({ reason, detail }) => `${reason}: ${detail}`).join('; ');
      const text = `${sequence}  ${iso(receivedAt)}  ${topic}  ${bytes} bytes  ${why}`;
      io.out.write(`${flag(values, 'json') ? JSON.stringify(line) : text}\n`);
    }
    for (const { point, reason } of new RefusedPoints(disk).list()) {
      const line = JSON.stringify({ point, reason });
      io.out.write(flag(values, 'json') ? `${line}\n` : `refused by the store  ${reason}  ${line}\n`);
    }
  });
}

async function show(config: Config, sequences: readonly number[], values: Values, io: Io): Promise<void> {
  if (sequences.length === 0) throw new UsageError('show needs a sequence');
  await reading(config, (disk) => {
    const quarantine = openQuarantine(disk);
    for (const sequence of sequences) {
      const { payload, ...about } = found(quarantine, sequence);
      const text = Buffer.from(payload).toString();
      const whole = { ...about, payload: Buffer.from(payload).toString('base64'), text };
      io.out.write(`${flag(values, 'json') ? JSON.stringify(whole) : described(about, text)}\n`);
    }
  });
}

/** By the edge, where one runs on the folder; else straight into the journal. */
async function replay(config: Config, sequences: readonly number[], _: Values, io: Io): Promise<void> {
  const order = { action: 'replay-quarantine', author: userInfo().username, details: { sequences } };
  const answer = await askEdge(folderOf(config), order);
  if (answer) io.out.write(`${answer['replayed']} messages are in the journal again\n`);
  else
    io.out.write(
      `${await replayStopped(config, sequences)} messages are in the journal again; start the edge\n`,
    );
}

async function replayStopped(config: Config, sequences: readonly number[]): Promise<number> {
  const disk = openData(config);
  try {
    const claim = await claimFolder(disk.folder);
    const journal = openJournal(disk);
    const count = await replayQuarantined(openQuarantine(disk), journal, sequences);
    await journal.close();
    await claim.release();
    return count;
  } finally {
    await disk.close();
  }
}

async function reading(config: Config, look: (disk: Disk) => void): Promise<void> {
  const disk = readData(config);
  try {
    look(disk);
  } finally {
    await disk.close();
  }
}

function described(about: Omit<QuarantinedMessage, 'payload'>, text: string): string {
  const { sequence, topic, receivedAt, rejections } = about;
  const why = rejections.map(({ reason, detail }) => `${reason}: ${detail}`);
  return [`${sequence}  ${iso(receivedAt)}  ${topic}`, ...why, text].join('\n');
}

const iso = (time: number) => new Date(time).toISOString();
