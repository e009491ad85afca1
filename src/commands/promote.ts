import { existsSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { checkConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { type Disk, openDisk } from '../disk.ts';
import type { ArtifactStore } from '../model/artifact-store.ts';
import { chooseBackend } from '../model/backend.ts';
import { CurrentPredictor } from '../model/current-predictor.ts';
import { RunLedger } from '../model/training/run-ledger.ts';
import { decideRollback, type HandChange, type ServiceChange } from '../model/training/service-history.ts';
import { type Io, Refused, text, UsageError, type Values } from './command.ts';
import { deliverModel } from './delivery.ts';

/** Where versions are, and where it is kept who put which into service. */
export interface Service {
  readonly artifacts: ArtifactStore;
  /** Absent where the command line names no configuration. */
  readonly config: Config | undefined;
}

/** Has a version serve, without a contest, and keeps who decided so and why beside the retrainer's decisions. */
export async function promote(service: Service, [id]: readonly string[], values: Values, io: Io) {
  if (!id) throw new UsageError('promote needs a version; models list shows them');
  await changeByHand(service, 'promote', () => id, values, io);
}

/** Has the version serve that served before. */
export async function rollback(service: Service, _: readonly string[], values: Values, io: Io) {
  await changeByHand(service, 'rollback', before, values, io);
}

function before(ledger: RunLedger, current: string | undefined): string {
  const decision = decideRollback(ledger.changes(), current);
  if ('to' in decision) return decision.to;
  throw new Refused(`${decision.refused}; redtide models promote ID names one`);
}

/** Loads a version and has it forecast once, as an edge does before it serves; a line-up with its members. */
export async function tryOut({ artifacts, config }: Service, id: string): Promise<void> {
  const { coverage, variables, backend } = (config ?? checkConfig({}, 'defaults')).model;
  const model = new CurrentPredictor(artifacts, {
    coverage,
    variables,
    backend: await chooseBackend(backend),
  });
  await model.tryOut(id).catch((error: Error) => {
    throw new Refused(error.message);
  });
}

type Choose = (ledger: RunLedger, current: string | undefined) => string;

/** The ledger is opened first: a change that could not be written down is not made. */
async function changeByHand(
  { artifacts, config }: Service,
  kind: HandChange['kind'],
  choose: Choose,
  values: Values,
  io: Io,
): Promise<void> {
  const reason = text(values, 'reason')?.trim();
  if (!config) throw new UsageError(`${kind} needs --config FILE: its retrain/data holds the ledger`);
  if (!reason) throw new UsageError(`${kind} needs --reason TEXT, which the ledger keeps`);
  const disk = openDisk(config.retrain.data);
  try {
    const ledger = new RunLedger(disk);
    const from = await artifacts.current();
    const to = choose(ledger, from);
    if (to === from) throw new Refused(`${to} is in service already`);
    await tryOut({ artifacts, config }, to);
    await artifacts.serve(to);
    const author = text(values, 'author') ?? userInfo().username;
    await ledger.putByHand({ kind, time: Date.now(), from, to, author, reason, host: hostname() });
    io.out.write(`${to} is current, in the place of ${from ?? 'none'}\n`);
    await deliver(config, disk, io);
  } finally {
    await disk.close();
  }
}

/** What serves goes to the broker, where one is configured; a trainer that runs does it where this fails. */
async function deliver(config: Config, disk: Disk, io: Io): Promise<void> {
  const delivered = deliverModel(config, disk, { patience: 20_000, signal: io.signal });
  await delivered.then(
    (done) => done && io.out.write(`${done}\n`),
    (error: Error) =>
      io.err.write(
        `not delivered: ${error.message}. The retrainer tries again; so does redtide models deliver\n`,
      ),
  );
}

/** Who put the version into service or took it out, and the newest contest in which it stayed, oldest first; empty where there is no ledger yet. */
export async function historyText({ data }: Config['retrain'], id: string): Promise<string> {
  if (!existsSync(data)) return '';
  const disk = openDisk(data);
  const ledger = new RunLedger(disk);
  const changes = ledger.changes().filter(({ from, to }) => from === id || to === id);
  const stayed = ledger.newestRun((decision) => decision.champion === id && !decision.promoted);
  await disk.close();
  const lines = [
    ...changes.map((change) => ({ time: change.time, text: changeText(change) })),
    ...(stayed
      ? [{ time: stayed.startedAt, text: `${iso(stayed.startedAt)}  judged  ${stayed.outcome}` }]
      : []),
  ];
  return lines
    .sort((a, b) => a.time - b.time)
    .map(({ text }) => `  ${text}\n`)
    .join('');
}

const iso = (time: number) => new Date(time).toISOString();

/** A change of the version in service, in a line. */
export function changeText({ time, kind, from, to, ...by }: ServiceChange): string {
  const who = by.author === undefined ? '' : ` by ${by.author} on ${by.host}`;
  const why = by.reason === undefined ? '' : `: ${by.reason}`;
  return `${iso(time)}  ${kind}  ${from ?? 'none'} > ${to}${who}${why}`;
}
