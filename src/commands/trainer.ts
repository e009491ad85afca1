import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import cron from 'node-cron';
import type { Logger } from 'pino';
import type { Config } from '../config/schema.ts';
import type { Disk } from '../disk.ts';
import { decideRun, newestDue, type Run, type RunDecision, type RunState } from '../model/training/due.ts';
import { isHolder, lease } from '../model/training/lease.ts';
import { RunLedger } from '../model/training/run-ledger.ts';
import { exit, type Io } from './command.ts';
import type { Decision } from './contest.ts';
import { trainInChild } from './contest-child.ts';
import { deliverModel } from './delivery.ts';
import { lookEarly } from './early-look.ts';
import { changeText } from './promote.ts';
import { pruneAtTrainer } from './versions.ts';

type Start = Pick<Run, 'due' | 'cause' | 'reason' | 'attempt'>;

const policy = { attempts: 3, wait: 300_000, grace: 60_000 };
/** ms between two looks at what is due. */
const look = 1000;

export interface TrainerOptions {
  /** Of the configuration: the child reads it again. */
  readonly file: string;
  readonly config: Config;
  readonly disk: Disk;
  readonly io: Io;
  /** A run fails where there is no GPU to train on. */
  readonly requireGpu: boolean;
}

/** Follows the schedule and what asks for an early run, and keeps the ledger; the training itself is a child process. */
export class Trainer {
  readonly #file: string;
  readonly #config: Config;
  readonly #disk: Disk;
  readonly #ledger: RunLedger;
  readonly #io: Io;

  readonly #requireGpu: boolean;

  constructor({ file, config, disk, io, requireGpu }: TrainerOptions) {
    this.#file = file;
    this.#config = config;
    this.#disk = disk;
    this.#ledger = new RunLedger(disk);
    this.#io = io;
    this.#requireGpu = requireGpu;
  }

  async follow(log: Logger): Promise<void> {
    const { schedule } = this.#config.retrain;
    const task = cron.createTask(schedule, () => {}, { timezone: 'UTC' });
    const matcher = { matches: (date: Date) => task.match(date), seconds: cron.parse(schedule).second };
    let after = await this.#ledger.since(Date.now());
    let due: number | undefined;
    let said: string | undefined;
    const deliver = this.#delivery();
    const early = this.#early();
    log.info({ schedule, next: task.getNextRun() }, 'waiting');
    while (!this.#io.signal.aborted) {
      const now = Date.now();
      due = newestDue(matcher, Math.max(after, this.#ledger.last?.due ?? 0), now) ?? due;
      after = now;
      const scheduled = decideRun(due, this.#ledger.last, policy, now);
      const decision = 'start' in scheduled ? scheduled : ((await early(now, log)) ?? scheduled);
      if ('start' in decision) await this.#attempt(decision.start, log);
      else if (decision.wait !== said) log.debug((said = decision.wait));
      await deliver(log);
      await sleep(look, undefined, { signal: this.#io.signal }).catch(() => {});
    }
  }

  /** Whether the model in service asks for a run before its time; undefined where it is not the time to ask. */
  #early(): (now: number, log: Logger) => Promise<RunDecision | undefined> {
    const { enabled, every } = this.#config.retrain.early;
    let after = 0;
    return async (now, log) => {
      if (!enabled || performance.now() < after) return undefined;
      after = performance.now() + every;
      try {
        return await lookEarly(this.#config, this.#ledger.list(), policy.attempts, now);
      } catch (error) {
        log.warn({ reason: (error as Error).message }, 'how the model has done could not be read');
        return undefined;
      }
    };
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

  async #prune(): Promise<void> {
    const say = (what: string) => this.#io.err.write(`redtide retrain: ${what}\n`);
    await pruneAtTrainer(this.#config, this.#ledger, Date.now()).then(
      (gone) => gone.forEach((what) => say(`removed ${what}`)),
      (error: Error) => say(`old models were not removed: ${error.message}`),
    );
  }

  async #attempt(start: Start, log: Logger): Promise<void> {
    log.info({ ...start, due: iso(start.due) }, 'training');
    const code = await this.run(start);
    if (code === exit.ok) log.info({ reason: this.#ledger.last?.outcome }, 'trained and published');
    else if (code === exit.refused)
      log.warn({ reason: this.#ledger.last?.outcome }, 'no candidate is better; the present model stays');
    else log.error({ code, reason: this.#ledger.last?.outcome }, 'training failed; the present model stays');
  }

  /** One attempt, written into the ledger before and after; resolves with the child's exit code. */
  async run(start: Start): Promise<number> {
    const run: Run = { ...start, state: 'running', host: hostname(), startedAt: Date.now() };
    mkdirSync(this.#config.model.folder, { recursive: true });
    const lost = new AbortController();
    const release = await lease(this.#config.model.folder, { onLost: () => lost.abort() });
    if (isHolder(release)) {
      const outcome = `${release.host}, process ${release.pid}, is training for this folder`;
      this.#io.err.write(`redtide retrain: ${outcome}\n`);
      await this.#ledger.put({ ...run, state: 'failed', endedAt: Date.now(), outcome });
      return exit.failed;
    }
    await this.#ledger.failDead(run.host);
    await this.#ledger.put(run);
    const io = { ...this.#io, signal: AbortSignal.any([this.#io.signal, lost.signal]) };
    const { code, outcome, decision } = await trainInChild(this.#file, this.#config, io, this.#requireGpu);
    await this.#ledger.put({ ...run, state: stateOf(code), endedAt: Date.now(), outcome, decision });
    if (decision) this.#io.out.write(`${outcome}\n`);
    await this.#prune();
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

function textOf({
  startedAt,
  due,
  cause,
  reason,
  attempt,
  state,
  host,
  outcome = '',
  decision,
}: Run): string {
  const why = reason === undefined ? cause : `${cause} (${reason})`;
  const head = `${iso(startedAt)}  due ${iso(due)}  ${why}, attempt ${attempt}  ${state}  ${host}  ${outcome}\n`;
  const { challengers = [], failed = {}, trainer, sightings } = (decision ?? {}) as Partial<Decision>;
  const by = trainer ? `    LSTMs by ${trainer.name}: ${trainer.reason}\n` : '';
  const notFitted = Object.entries(failed).map(([network, why]) => `    ${network}  not fitted: ${why}\n`);
  return challengers.reduce(
    (text, { id, network, promote, reasons }) =>
      `${text}    ${network} ${id}  ${promote ? 'passes' : 'refused'}: ${reasons.join('; ')}\n`,
    head + by + sightingsText(sightings) + notFitted.join(''),
  );
}

const sightingsText = ({ found, refuted } = { found: 0, refuted: 0 }) =>
  found + refuted === 0 ? '' : `    people found ${found} times a spike, and ${refuted} times none\n`;

const iso = (time: number) => new Date(time).toISOString();

const stateOf = (code: number): RunState =>
  code === exit.ok ? 'done' : code === exit.refused ? 'refused' : 'failed';
