import type { RequestListener } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Activation } from './activation.ts';
import { type ComposeNow, composeWith } from './alerts/message.ts';
import type { Outbox } from './alerts/outbox.ts';
import { Board } from './board.ts';
import { Checkpoint } from './checkpoint.ts';
import { claimFolder } from './claim.ts';
import type { Config } from './config/schema.ts';
import type { Status } from './dashboard/status.ts';
import { drive } from './drive.ts';
import {
  type EdgeParts,
  journalStatus,
  modelStatus,
  openGate,
  openOutbox,
  openRequests,
  openWriter,
  storeStatus,
  variablesOf,
} from './edge-parts.ts';
import type { Gate } from './gate.ts';
import { holdMemory } from './hold-memory.ts';
import { type Order, orderText } from './ingest/command.ts';
import { heldRecords } from './ingest/held-records.ts';
import { type Journal, openJournal } from './ingest/journal.ts';
import { openQuarantine, replayQuarantined } from './ingest/quarantine.ts';
import type { Reading } from './ingest/reading.ts';
import { Ledger } from './ledger.ts';
import { logNotices } from './notices.ts';
import { type Outcome, runPipeline } from './pipeline.ts';
import { type Plan, PlanInForce, planOf, settingsOf, titlesOf, unitsOf } from './plan.ts';
import { CheckpointedSpill } from './store/checkpointed-spill.ts';
import { lmdbSpill } from './store/lmdb-spill.ts';
import type { StoreWriter } from './store/store-writer.ts';
import { firstToKeep } from './trim.ts';

export type { EdgeParts } from './edge-parts.ts';

export interface Edge {
  readonly journal: Journal;
  readonly ledger: Ledger;
  /** What people are told, and what came of that. */
  readonly outbox: Outbox;
  status(): Status;
  /** Resolves once messages can come; rejects where the source can't start, or is stopped before. */
  readonly started: Promise<void>;
  /** Rejects when the edge can't go on; resolves after `stop`. */
  readonly running: Promise<void>;
  /** Puts the passing of time into the journal. */
  tick(time: number): Promise<void>;
  /** Puts the model that the folder names into service, if it is another one. */
  refreshModel(): Promise<void>;
  /** Has another configuration take effect: of it what shapes the stream and the rules. */
  configure(config: Config): Promise<void>;
  /** Puts an order into the journal; resolves with what came of it. */
  command(order: Order): Promise<readonly Outcome[]>;
  /** Puts messages of the quarantine, or all, into the journal again; resolves with their number. */
  replayQuarantined(sequences: readonly number[]): Promise<number>;
  /** Answers other processes of this machine, on the socket in the data folder. */
  answer(listener: RequestListener): void;
  /** Resolves once everything journalled has gone through, is stored, and is delivered. */
  drained(): Promise<void>;
  stop(): Promise<void>;
}

/** Puts the parts together and starts them, the source last. */
export async function startEdge(parts: EdgeParts): Promise<Edge> {
  const { config, disk, log, model, clock } = parts;
  const claim = await claimFolder(disk.folder);
  const journal: Journal = openJournal(disk, {
    maximumBytes: config.journal.maximum,
    hold: () => gate.reason !== undefined,
  });
  const source = parts.source(journal);
  const quarantine = openQuarantine(disk);
  const checkpoint: Checkpoint = new Checkpoint({
    disk,
    now: () => performance.now(),
    extras: () => ({
      unsaved: writer.unsaved(),
      spilled: writer.spilledBlocks(),
      forget: spill.takeSettled(),
    }),
  });
  const spill = new CheckpointedSpill(lmdbSpill(disk), checkpoint.spilled);
  const { keep } = checkpoint;
  const ledger = new Ledger(keep);
  const board = new Board({ stations: config.stations, rules: config.rules, ledger, keep });
  const onDuplicate = ({ station }: Reading) => ledger.settled(station, 'duplicate');
  let push: ReturnType<typeof runPipeline>;
  let compose: ComposeNow;
  let askOn: string | undefined;
  const apply = (plan: Plan) => {
    const predictor = () => model.current;
    push = runPipeline({ ...settingsOf(plan), predictor, keep: keep.again(), onDuplicate });
    askOn = plan.backfill?.topic;
    compose = composeWith({ ...plan, units: unitsOf(plan), titles: titlesOf(plan) });
    board.configure(plan);
  };
  const plan = new PlanInForce({
    configured: planOf(config, parts.formats),
    journal,
    keep,
    behind: checkpoint.position < journal.head,
    clock,
    apply,
  });
  plan.restore();
  const answers = new Map<number, (outcomes: readonly Outcome[]) => void>();
  const activation = new Activation({ model, journal, keep, clock, log });
  const writer: StoreWriter = openWriter(parts, { ledger, spill, journal });
  const gate: Gate = openGate(parts, { writer, journal });
  writer.add(checkpoint.unsaved);
  const outbox = openOutbox(parts, async (transition, because) =>
    compose(transition, because, await parts.background?.(transition)),
  );
  const requests = openRequests(parts, () => askOn);
  await activation.restore();

  await parts.hostClock?.start(journal);
  const holds = holdMemory(keep);
  const stopping = new AbortController();
  let progressAt = performance.now();
  let latency: number | undefined;
  const running = drive(
    {
      journal,
      follow: (from, signal) => heldRecords(journal, holds, from, signal),
      checkpoint,
      push: (record) => push(record),
      activate: (id) => activation.activate(id),
      configure: (text) => plan.take(text),
      store: (points) => writer.add(points),
      announce: (transition) => outbox.put(transition, parts.ageOf?.(transition)),
      quarantine: async (record, rejections) => {
        if (record.kind === 'message') await quarantine.put(record.sequence, record, rejections);
      },
      observe: (outcomes, record) => {
        for (const outcome of outcomes) ledger.take(outcome);
        board.observe(outcomes, record);
        logNotices(outcomes, log);
        requests?.take(outcomes);
        if (record.kind === 'tick' && journal.head - record.sequence < nearly) void requests?.send();
        answers.get(record.sequence)?.(outcomes);
        if (record.kind === 'model') parts.onModel?.(record);
        if (record.kind === 'message') latency = Math.max(0, clock() - record.receivedAt);
      },
      onProgress: () => {
        progressAt = performance.now();
      },
      trim: () => {
        gate.look();
        const { keep: kept, maximum } = config.journal;
        return journal.trim(
          firstToKeep(journal, { since: clock() - kept, maximum, saved: checkpoint.savedPosition }),
        );
      },
    },
    stopping.signal,
  );
  running.catch(() => {});
  await plan.ask();
  await activation.refresh();
  // Not waited for: a broker that is away at the start must not keep the status page away.
  const started = source
    .start(({ topic, payload, receivedAt }) =>
      journal.append({ kind: 'message', topic, payload, receivedAt }),
    )
    .then(() => log.info({ address: parts.address(), store: parts.store.name }, 'running'));
  started.catch(() => {});

  return {
    journal,
    ledger,
    outbox,
    started,
    running,
    status: () => ({
      version: parts.version,
      now: clock(),
      source: {
        state: source.state,
        address: parts.address(),
        ...(parts.dropped && { dropped: parts.dropped() }),
      },
      store: storeStatus(parts.store, writer),
      ...(model.current && { model: modelStatus(model.current, model.manifest) }),
      ...(activation.refused && { modelRefused: activation.refused }),
      ...(parts.delivery && { delivery: parts.delivery() }),
      channels: outbox.channels(),
      ...(parts.hostClock && { clock: parts.hostClock.status }),
      journal: {
        ...journalStatus(
          journal.head,
          checkpoint.position,
          parts.hostClock?.status.state === 'held' ? 0 : performance.now() - progressAt,
        ),
        held: gate.reason,
        latency,
      },
      variables: variablesOf(config),
      ...board.show(clock()),
    }),
    tick: async (time) => {
      await parts.hostClock?.look();
      await journal.append({ kind: 'tick', time: parts.hostClock?.now() ?? time });
    },
    refreshModel: () => activation.refresh(),
    configure: (other) => plan.ask(planOf(other, parts.formats)),
    command: async (order) => {
      const sequence = await journal.append({ kind: 'command', time: clock(), text: orderText(order) });
      // In time: the drive takes a record up some turns after its append has resolved.
      const passed = new Promise<readonly Outcome[]>((resolve) => answers.set(sequence, resolve));
      return Promise.race([passed, running.then(() => [])]).finally(() => answers.delete(sequence));
    },
    replayQuarantined: (sequences) => replayQuarantined(quarantine, journal, sequences),
    answer: (listener) => claim.answer(listener),
    drained: async () => {
      // Stopped meanwhile, nothing more goes through: to look again at once would never let go of the thread.
      const over = running.then(() => true);
      while (checkpoint.position < journal.head) if (await Promise.race([over, sleep(5, false)])) return;
      await writer.drain();
      await outbox.drained();
    },
    stop: async () => {
      await source.stop();
      await journal.close();
      stopping.abort();
      const failures = await endAll([
        () => running,
        () => writer.stop(stopDeadline),
        // Says what the store has acknowledged since; the one before is as true.
        () => running.then(() => checkpoint.save()),
        () => parts.store.close(),
        () => outbox.stop(),
        async () => model.dispose(),
        () => claim.release(),
      ]);
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** One after the other, each whatever became of the others. */
async function endAll(ends: readonly (() => Promise<void>)[]): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const end of ends) await end().catch((error) => failures.push(error));
  return failures;
}

/** A start finds the checkpoint of the stop: what is under way gets this long, ms. */
const stopDeadline = 2000;

/** Records behind the newest one with which the present is reached: gateways are asked by what is missing now. */
const nearly = 1000;
