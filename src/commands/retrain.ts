import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import cron from 'node-cron';
import type { Logger } from 'pino';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { openDisk } from '../disk.ts';
import { type Cause, decideRun, newestDue, type Run, type RunState } from '../model/training/due.ts';
import { isHolder, lease } from '../model/training/lease.ts';
import { RunLedger } from '../model/training/run-ledger.ts';
import { type Command, exit, flag, type Io, UsageError } from './command.ts';
import { openLog } from './shore.ts';

export const command: Command = {
  summary: 'trains on a schedule and publishes to the folder that the edge watches',
  usage: 'FILE [--once | --runs]',
  about: `Runs redtide train in a child process on the cron schedule of retrain/schedule in the configuration FILE (UTC), on the
store's history of the last retrain/history, and publishes the artifact into model/folder. A running edge that watches
that folder takes it without a restart. Every attempt is in a ledger in retrain/data: what was missed while the trainer
was down is made up for once, what failed is tried again, and only one trainer at a time is at work on a model folder,
on whichever host. With --once it trains now and ends, for systemd timers and Kubernetes.`,
  options: {
    once: { type: 'boolean', help: 'train now, and end' },
    runs: { type: 'boolean', help: 'show the ledger, newest first, and end' },
  },
  async run(values, [file], io) {
    if (!file) throw new UsageError('needs a configuration file');
    const config = loadConfig(file);
    if (!cron.validate(config.retrain.schedule))
      throw new UsageError(`retrain/schedule "${config.retrain.schedule}" is no cron expression`);
    const disk = openDisk(config.retrain.data);
    const trainer = new Trainer(file, config, new RunLedger(disk), io);
    try {
      if (flag(values, 'runs')) return trainer.show();
      if (flag(values, 'once')) return await trainer.run(Date.now(), 'asked', 1);
      await trainer.follow(openLog(config.log, io.out));
      return exit.ok;
    } finally {
      await disk.close();
    }
  },
};

const policy = { attempts: 3, wait: 300_000, grace: 60_000 };
/** ms between two looks at what is due. */
const look = 1000;

class Trainer {
  readonly #file: string;
  readonly #config: Config;
  readonly #ledger: RunLedger;
  readonly #io: Io;

  constructor(file: string, config: Config, ledger: RunLedger, io: Io) {
    this.#file = file;
    this.#config = config;
    this.#ledger = ledger;
    this.#io = io;
  }

  async follow(log: Logger): Promise<void> {
    const { schedule } = this.#config.retrain;
    const task = cron.createTask(schedule, () => {}, { timezone: 'UTC' });
    const matcher = { matches: (date: Date) => task.match(date), seconds: cron.parse(schedule).second };
    let after = await this.#ledger.since(Date.now());
    let due: number | undefined;
    let said: string | undefined;
    log.info({ schedule, next: task.getNextRun() }, 'waiting');
    while (!this.#io.signal.aborted) {
      const now = Date.now();
      due = newestDue(matcher, Math.max(after, this.#ledger.last?.due ?? 0), now) ?? due;
      after = now;
      const decision = decideRun(due, this.#ledger.last, policy, now);
      if ('start' in decision) await this.#attempt(decision.start, log);
      else if (decision.wait !== said) log.debug((said = decision.wait));
      await sleep(look, undefined, { signal: this.#io.signal }).catch(() => {});
    }
  }

  async #attempt(start: { due: number; cause: Cause; attempt: number }, log: Logger): Promise<void> {
    log.info({ ...start, due: iso(start.due) }, 'training');
    const code = await this.run(start.due, start.cause, start.attempt);
    if (code === exit.ok) log.info('trained and published');
    else log.error({ code, reason: this.#ledger.last?.outcome }, 'training failed; the present model stays');
  }

  /** One attempt, written into the ledger before and after; resolves with the child's exit code. */
  async run(due: number, cause: Cause, attempt: number): Promise<number> {
    const run: Run = { due, cause, attempt, state: 'running', host: hostname(), startedAt: Date.now() };
    mkdirSync(this.#config.model.folder, { recursive: true });
    const release = await lease(this.#config.model.folder);
    if (isHolder(release)) {
      const outcome = `${release.host}, process ${release.pid}, is training for this folder`;
      this.#io.err.write(`redtide retrain: ${outcome}\n`);
      await this.#ledger.put({ ...run, state: 'failed', endedAt: Date.now(), outcome });
      return exit.failed;
    }
    await this.#ledger.put(run);
    const { code, outcome } = await trainInChild(this.#file, this.#config, this.#io);
    await this.#ledger.put({ ...run, state: stateOf(code), endedAt: Date.now(), outcome });
    await release();
    return code;
  }

  show(): number {
    for (const { startedAt, due, cause, attempt, state, host, outcome = '' } of this.#ledger.list())
      this.#io.out.write(
        `${iso(startedAt)}  due ${iso(due)}  ${cause}, attempt ${attempt}  ${state}  ${host}  ${outcome}\n`,
      );
    return exit.ok;
  }
}

const iso = (time: number) => new Date(time).toISOString();

const stateOf = (code: number): RunState =>
  code === exit.ok ? 'done' : code === exit.refused ? 'refused' : 'failed';

interface ChildEnd {
  readonly code: number;
  /** The last line it said. */
  readonly outcome: string;
}

/** Training blocks an event loop for minutes and may leave memory behind: a process of its own ends with all of it. */
function trainInChild(file: string, { retrain }: Config, io: Io): Promise<ChildEnd> {
  const from = new Date(Date.now() - retrain.history).toISOString();
  const { network, epochs, learningRate, seed, key } = retrain;
  const options = { from, network, epochs, 'learning-rate': learningRate, seed, key };
  const args = [
    'train',
    '--config',
    file,
    ...Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : `--${name}=${value}`)),
  ];
  const child = spawn(process.execPath, [...process.execArgv, program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const pass = (text: Buffer, to: NodeJS.WritableStream) => {
    said = (said + text.toString()).slice(-4000);
    to.write(text);
  };
  child.stdout.on('data', (text) => pass(text, io.out));
  child.stderr.on('data', (text) => pass(text, io.err));
  const stop = () => child.kill('SIGTERM');
  io.signal.addEventListener('abort', stop, { once: true });
  return new Promise((resolve) => {
    const end = (code: number | null, why?: string) => {
      io.signal.removeEventListener('abort', stop);
      const first = said.trim().split('\n')[code === exit.ok ? 0 : said.trim().split('\n').length - 1];
      resolve({ code: code ?? exit.failed, outcome: why ?? first ?? '' });
    };
    child.once('error', (error) => end(null, error.message));
    child.once('close', (code, signal) => end(code, signal ? `ended by ${signal}` : undefined));
  });
}

/** The entry that this process was started with runs the child as well. */
const program = process.argv[1]!;
