import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Config } from '../config/schema.ts';
import { unproven } from '../model/training/contest/promotion.ts';
import { exit, type Io } from './command.ts';
import type { Decision } from './contest.ts';

export interface ChildEnd {
  readonly code: number;
  /** In a line: what was decided, or why it failed. */
  readonly outcome: string;
  readonly decision?: Decision | undefined;
}

/** Training blocks an event loop for minutes and may leave memory behind: a process of its own ends with all of it. */
export function trainInChild(
  file: string,
  { retrain }: Config,
  io: Io,
  requireGpu: boolean,
): Promise<ChildEnd> {
  const from = new Date(Date.now() - retrain.history).toISOString();
  const args = [...process.execArgv, program, 'retrain', file, '--contest', `--from=${from}`];
  if (requireGpu) args.push('--require-gpu');
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const { stdout, stderr } = child as ChildProcessByStdio<null, Readable, Readable>;
  let [out, err] = ['', ''];
  stdout.on('data', (text) => (out += text));
  stderr.on('data', (text) => {
    err = (err + text).slice(-4000);
    io.err.write(text);
  });
  const stop = () => child.kill('SIGTERM');
  io.signal.addEventListener('abort', stop, { once: true });
  return new Promise((resolve) => {
    const end = (code: number | null, why?: string) => {
      io.signal.removeEventListener('abort', stop);
      const decision = decisionIn(out);
      const outcome = why ?? (decision && code !== exit.failed ? describe(decision) : lastOf(err));
      resolve({ code: code ?? exit.failed, outcome, decision });
    };
    child.once('error', (error) => end(null, error.message));
    child.once('close', (code, signal) => end(code, signal ? `ended by ${signal}` : undefined));
  });
}

/** In the child: aborted also when the trainer is gone, since nobody would write down what is decided after that. */
export function withParent(io: Io): Io {
  if (!process.connected) return io;
  const gone = new AbortController();
  process.once('disconnect', () => gone.abort(new Error('the trainer that started this is gone')));
  process.channel?.unref();
  return { ...io, signal: AbortSignal.any([io.signal, gone.signal]) };
}

function decisionIn(out: string): Decision | undefined {
  const line = out.trim().split('\n').at(-1) ?? '';
  return line.startsWith('{') ? (JSON.parse(line) as Decision) : undefined;
}

const lastOf = (text: string) => text.trim().split('\n').at(-1) ?? '';

function describe({ promoted, champion, championRefused, challengers }: Decision): string {
  if (promoted === undefined) {
    const stays = champion === undefined ? 'no model serves' : `${champion} stays`;
    const [first] = challengers;
    return `${stays}: ${first ? `${first.network}: ${first.reasons.join('; ')}` : 'there is no candidate'}`;
  }
  const own = challengers.find(({ network, promote }) => promote && network === promoted.network);
  const why = own ? own.reasons.join('; ') : unproven;
  const refused = championRefused === undefined ? '' : `, which was refused (${championRefused})`;
  return `model ${promoted.id}, ${promoted.network}, replaces ${champion ?? 'none'}${refused}: ${why}`;
}

/** The entry that this process was started with runs the child as well. */
const program = process.argv[1]!;
