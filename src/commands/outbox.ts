import { userInfo } from 'node:os';
import { type DeadLetter, OutboxTables } from '../alerts/lmdb-outbox.ts';
import { instant } from '../alerts/wording.ts';
import { claimFolder } from '../claim.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { Disk } from '../disk.ts';
import { type Command, exit, flag, type Io, Refused, UsageError, type Values } from './command.ts';
import { askEdge } from './door.ts';
import { folderOf, openData, readData } from './shore.ts';

type Action = (config: Config, names: readonly string[], values: Values, io: Io) => Promise<void>;

const actions: Record<string, Action> = { list, resend, receipt };

export const command: Command = {
  summary: 'messages that wait for a channel, that were given up, and receipts',
  usage: 'list FILE | resend FILE [CHANNEL [ID]] | receipt FILE ID [CHANNEL]',
  about: `list: one line for each message that waits, whose receipt is waited for, or that was given up, with the reason;
it reads beside a running edge. resend: queues what was given up again, all, that of a channel, or one message.
receipt: notes that the message of that identifier has been read, so that nobody else is told for want of a receipt.
A running edge is asked to do it. FILE is the configuration.`,
  options: { json: { type: 'boolean', help: 'list: one JSON object a line' } },
  async run(values, [name = '', file, ...rest], io) {
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (!action) throw new UsageError(`"${name}" is none of ${Object.keys(actions).join(', ')}`);
    if (!file) throw new UsageError('needs a configuration file');
    await action(loadConfig(file), rest, values, io);
    return exit.ok;
  },
};

async function list(config: Config, _: readonly string[], values: Values, io: Io): Promise<void> {
  const disk = readData(config);
  try {
    for (const line of linesOf(new OutboxTables(disk)))
      io.out.write(`${flag(values, 'json') ? JSON.stringify(line) : textOf(line)}\n`);
  } finally {
    await disk.close();
  }
}

interface Line {
  readonly state: 'waiting' | 'unanswered' | 'dead';
  readonly channel: string;
  readonly id: string;
  /** Queued at, receipt due at, given up at; ISO 8601. */
  readonly time: string;
  readonly reason?: string;
}

function linesOf(tables: OutboxTables): Line[] {
  return [
    ...tables
      .waiting()
      .map(({ channel, id, at }): Line => ({ state: 'waiting', channel, id, time: instant(at) })),
    ...tables.awaited().map(({ channel, due, letter: { transition } }): Line => {
      const id = `${transition.id}/${transition.sequence}`;
      return { state: 'unanswered', channel, id, time: instant(due) };
    }),
    ...tables.dead().map(({ channel, id, since, reason }): Line => {
      return { state: 'dead', channel, id, time: instant(since), reason };
    }),
  ];
}

const since = { waiting: 'since', unanswered: 'receipt due', dead: 'given up' } as const;

function textOf({ state, channel, id, time, reason }: Line): string {
  return `${state}  ${channel}  ${id}  ${since[state]} ${time}${reason ? `  ${reason}` : ''}`;
}

async function resend(config: Config, [channel, id]: readonly string[], _: Values, io: Io): Promise<void> {
  const details = { ...(channel !== undefined && { channel }), ...(id !== undefined && { id }) };
  const answer = await askEdge(folderOf(config), { action: 'resend', author: userInfo().username, details });
  const chosen = (letter: DeadLetter) =>
    (channel === undefined || letter.channel === channel) && (id === undefined || letter.id === id);
  const count = answer ? answer['resent'] : await withStopped(config, (disk) => resendStopped(disk, chosen));
  io.out.write(`${count} messages wait again${answer ? '' : '; start the edge'}\n`);
}

async function resendStopped(disk: Disk, chosen: (letter: DeadLetter) => boolean): Promise<number> {
  const tables = new OutboxTables(disk);
  const letters = tables.dead().filter(chosen);
  await disk.transaction(() => {
    for (const letter of letters) tables.resend(letter, Date.now());
  });
  return letters.length;
}

async function receipt(config: Config, [id, channel]: readonly string[], _: Values, io: Io): Promise<void> {
  if (id === undefined) throw new UsageError('receipt needs the identifier of a message');
  const details = { id, ...(channel !== undefined && { channel }) };
  const answer = await askEdge(folderOf(config), { action: 'receipt', author: userInfo().username, details });
  if (!answer)
    throw new Refused('no edge runs on this data folder, and only a running one waits for receipts');
  io.out.write(`${id}: noted\n`);
}

async function withStopped<T>(config: Config, action: (disk: Disk) => Promise<T>): Promise<T> {
  const disk = openData(config);
  try {
    const claim = await claimFolder(disk.folder);
    try {
      return await action(disk);
    } finally {
      await claim.release();
    }
  } finally {
    await disk.close();
  }
}
