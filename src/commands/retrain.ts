import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import cron from 'node-cron';
import type { Logger } from 'pino';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { type Disk, openDisk } from '../disk.ts';
import { type Cause, decideRun, newestDue, type Run, type RunState } from '../model/training/due.ts';
import { isHolder, lease } from '../model/training/lease.ts';
import { RunLedger } from '../model/training/run-ledger.ts';
import { type Command, exit, flag, type Io, UsageError } from './command.ts';
import { type Decision, holdContest } from './contest.ts';
import { deliverModel } from './delivery.ts';
import { changeText } from './promote.ts';
import { openLog } from './shore.ts';

export const command: Command = {
  summary: 'trains on a schedule and publishes to the folder that the edge watches',
  usage: 'FILE [--once | --runs]',
  about: `On the cron schedule of retrain/schedule in the configuration FILE (UTC), a child process fits the candidates
(retrain/networks and the plain baselines) on the store's history of the last retrain/history, and judges them beside the
model in service on a recent and on an older hold-out that none of them learned from. The best that is proven better is
published into model/folder, and a running edge that watches it takes it without a restart; else the present model
stays. docs/retrainer.md says how it is judged. Every attempt, with the numbers and reasons of its decision, is in a ledger in retrain/data: what was missed while the trainer
was down is made up for once, what failed is tried again, and only one trainer at a time is at work on a model folder,
on whichever host. With --once it trains now and ends, for systemd timers and Kubernetes;
exit code 3 says that the present model stays.`,
  options: {
    once: { type: 'boolean', help: 'train now, and end' },
    runs: { type: 'boolean', help: 'show the ledger, newest first, with the reasons, and end' },
    json: { type: 'boolean', help: '--runs: one JSON object a line, with all numbers' },
    contest: { type: 'boolean', help: 'what the child does: fit, judge, publish' },
    from: { type: 'string', value: 'TIME', help: '--contest: history from here on' },
  },
  async run(values, [file], io) {
    if (!file) throw new UsageError('needs a configuration file');
    const config = loadConfig(file);
    if (!cron.validate(config.retrain.schedule))
      throw new UsageError(`retrain/schedule "${config.retrain.schedule}" is no cron expression`);
    if (flag(values, 'contest')) return holdContest(config, values, io);
    const disk = openDisk(config.retrain.data);
    const trainer = new Trainer(file, config, disk, io);
    try {
      if (flag(values, 'runs')) return trainer.show(flag(values, 'json'));
      if (flag(values, 'once')) {
        const code = await trainer.run(Date.now(), 'asked', 1);
        await trainer.deliverOnce();
        return code;
      }
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
  readonly #disk: Disk;
  readonly #ledger: RunLedger;
  readonly #io: Io;

  constructor(file: string, config: Config, disk: Disk, io: Io) {
    this.#file = file;
    this.#config = config;
    this.#disk = disk;
    this.#ledger = new RunLedger(disk);
    this.#io = io;
  }

  async follow(log: Logger): Promise<void> {
    const { schedule } = this.#config.retrain;
    const task = cron.createTask(schedule, () => {}, { timezone: 'UTC' });
    const matcher = { matches: (date: Date) => task.match(date), seconds: cron.parse(schedule).second };
    let after = await this.#ledger.since(Date.now());
    let due: number | undefined;
    let said: string | undefined;
    const deliver = this.#delivery();
    log.info({ schedule, next: task.getNextRun() }, 'waiting');
    while (!this.#io.signal.aborted) {
      const now = Date.now();
      due = newestDue(matcher, Math.max(after, this.#ledger.last?.due ?? 0), now) ?? due;
      after = now;
      const decision = decideRun(due, this.#ledger.last, policy, now);
      if ('start' in decision) await this.#attempt(decision.start, log);
      else if (decision.wait !== said) log.debug((said = decision.wait));
      await deliver(log);
      await sleep(look, undefined, { signal: this.#io.signal }).catch(() => {});
    }
  }

  /** What serves is left at the broker, whoever put it into service; where that fails, it is tried again. */
  #delivery(): (log: Logger) => Promise<void> {
    let after = 0;
    return async (log) => {
      if (performance.now() < after) return;
      try {
        const done = await deliverModel(this.#config, this.#disk, { signal: this.#io.signal });
        if (done) log.info({ reason: done }, 'model delivered');
      } catch (error) {
        after = performance.now() + policy.grace;
        if (!this.#io.signal.aborted)
          log.error(
            { reason: (error as Error).message },
            'the model was not delivered, and will be tried again',
          );
      }
    };
  }

  /** For a single run: what was not delivered is by the next. */
  async deliverOnce(): Promise<void> {
    const say = (what: string) => this.#io.err.write(`redtide retrain: ${what}\n`);
    const done = deliverModel(this.#config, this.#disk, { signal: this.#io.signal });
    await done.then(
      (what) => what && say(what),
      (error: Error) => say(`the model was not delivered, the next run will: ${error.message}`),
    );
  }

  async #attempt(start: { due: number; cause: Cause; attempt: number }, log: Logger): Promise<void> {
    log.info({ ...start, due: iso(start.due) }, 'training');
    const code = await this.run(start.due, start.cause, start.attempt);
    if (code === exit.ok) log.info({ reason: this.#ledger.last?.outcome }, 'trained and published');
    else if (code === exit.refused)
      log.warn({ reason: this.#ledger.last?.outcome }, 'no candidate is better; the present model stays');
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
    const { code, outcome, decision } = await trainInChild(this.#file, this.#config, this.#io);
    await this.#ledger.put({ ...run, state: stateOf(code), endedAt: Date.now(), outcome, decision });
    if (decision) this.#io.out.write(`${outcome}\n`);
    await release();
    return code;
  }

  show(json: boolean): number {
    const runs = this.#ledger.list().map((run) => ({ time: run.startedAt, entry: run, text: textOf(run) }));
    const byHand = this.#ledger
      .listByHand()
      .map((change) => ({ time: change.time, entry: change, text: `${changeText(change)}\n` }));
    for (const { entry, text } of [...runs, ...byHand].sort((a, b) => b.time - a.time))
      this.#io.out.write(json ? `${JSON.stringify(entry)}\n` : text);
    return exit.ok;
  }
}

function textOf({ startedAt, due, cause, attempt, state, host, outcome = '', decision }: Run): string {
  const head = `${iso(startedAt)}  due ${iso(due)}  ${cause}, attempt ${attempt}  ${state}  ${host}  ${outcome}\n`;
  const { challengers = [], failed = {} } = (decision ?? {}) as Partial<Decision>;
  const notFitted = Object.entries(failed).map(([network, why]) => `    ${network}  not fitted: ${why}\n`);
  return challengers.reduce(
    (text, { id, network, promote, reasons }) =>
      `${text}    ${network} ${id}  ${promote ? 'passes' : 'refused'}: ${reasons.join('; ')}\n`,
    head + notFitted.join(''),
  );
}

const iso = (time: number) => new Date(time).toISOString();

const stateOf = (code: number): RunState =>
  code === exit.ok ? 'done' : code === exit.refused ? 'refused' : 'failed';

interface ChildEnd {
  readonly code: number;
  /** In a line: what was decided, or why it failed. */
  readonly outcome: string;
  readonly decision?: Decision | undefined;
}

/** Training blocks an event loop for minutes and may leave memory behind: a process of its own ends with all of it. */
function trainInChild(file: string, { retrain }: Config, io: Io): Promise<ChildEnd> {
  const from = new Date(Date.now() - retrain.history).toISOString();
  const args = [...process.execArgv, program, 'retrain', file, '--contest', `--from=${from}`];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => {
    err = (err + text).slice(-4000);
    io.err.write(text);
  });
  const stop = () => child.kill('SIGTERM');
  io.signal.addEventListener('abort', stop, { once: true });
  return new Promise((resolve) => {
    const end = (code: number | null, why?: string) => {
      io.signal.removeEventListener('abort', stop);
      const decision = decisionIn(out);
      const outcome = why ?? (decision ? describe(decision) : (err.trim().split('\n').at(-1) ?? ''));
      resolve({ code: code ?? exit.failed, outcome, decision });
    };
    child.once('error', (error) => end(null, error.message));
    child.once('close', (code, signal) => end(code, signal ? `ended by ${signal}` : undefined));
  });
}

function decisionIn(out: string): Decision | undefined {
  const line = out.trim().split('\n').at(-1) ?? '';
  return line.startsWith('{') ? (JSON.parse(line) as Decision) : undefined;
}

function describe({ promoted, champion, challengers }: Decision): string {
  if (promoted === undefined) {
    const stays = champion === undefined ? 'no model serves' : `${champion} stays`;
    const [first] = challengers;
    return `${stays}: ${first ? `${first.network}: ${first.reasons.join('; ')}` : 'there is no candidate'}`;
  }
  const own = challengers.find(({ network, promote }) => promote && network === promoted.network);
  const why = own ? own.reasons.join('; ') : 'nothing is proven yet, and a baseline is better than none';
  return `model ${promoted.id}, ${promoted.network}, replaces ${champion ?? 'none'}: ${why}`;
}

/** The entry that this process was started with runs the child as well. */
const program = process.argv[1]!;
