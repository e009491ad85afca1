import type { Logger } from 'pino';
import type { Model } from './activation.ts';
import type { AlertTransition } from './alerts/alert.ts';
import type { BackoffOptions } from './alerts/backoff.ts';
import type { Channel } from './alerts/channel.ts';
import type { Background, Compose } from './alerts/message.ts';
import type { Publish } from './alerts/mqtt-notifier.ts';
import { Outbox } from './alerts/outbox.ts';
import type { Config } from './config/schema.ts';
import type { DeliveryStatus, ModelStatus, Status, StoreStatus } from './dashboard/status.ts';
import type { Disk } from './disk.ts';
import { Gate } from './gate.ts';
import { GatewayRequests } from './gateway-requests.ts';
import type { Format } from './ingest/format.ts';
import type { HostClock } from './ingest/host-clock.ts';
import type { Journal } from './ingest/journal.ts';
import type { JournalRecord } from './ingest/journal-record.ts';
import type { Clock } from './ingest/message.ts';
import type { DroppedStatus } from './ingest/mqtt-dropped.ts';
import type { Source } from './ingest/source.ts';
import type { Ledger } from './ledger.ts';
import type { Manifest } from './model/artifact.ts';
import type { Predictor } from './model/predictor.ts';
import { serviceLines } from './model/service-lines.ts';
import { RefusedPoints } from './store/lmdb-refused.ts';
import type { Spill } from './store/point-queue.ts';
import type { Store } from './store/store.ts';
import { StoreWriter } from './store/store-writer.ts';

export type ModelRecord = Extract<JournalRecord, { kind: 'model' }>;

/** What an edge is made of; the commands differ in what they put here. */
export interface EdgeParts {
  readonly config: Config;
  readonly formats: readonly Format[];
  readonly disk: Disk;
  /** Called once; a replay's source puts the passing of its own time into the journal. */
  readonly source: (journal: Journal) => Source;
  /** For people: where the messages come from, without passwords. */
  readonly address: () => string;
  /** What the broker says that it dropped. */
  readonly dropped?: (() => DroppedStatus) | undefined;
  readonly store: Store;
  readonly model: Model;
  /** After a record that names a version has gone through, whatever came of it. */
  readonly onModel?: ((record: ModelRecord) => void) | undefined;
  /** How versions of it come over MQTT. */
  readonly delivery?: (() => DeliveryStatus | undefined) | undefined;
  readonly channels: (compose: Compose) => readonly Channel[];
  /** A way to publish to the gateways, which are asked for what never arrived; they are not where absent. */
  readonly publish?: Publish | undefined;
  /** How long a channel that failed is left alone; a second at first, unless given. */
  readonly backoff?: BackoffOptions | undefined;
  /** ms since a transition came about, where the clock is that of the world. */
  readonly ageOf?: ((transition: AlertTransition) => number) | undefined;
  /** What of the store a message shows beside its transition; nothing where absent. */
  readonly background?: ((transition: AlertTransition) => Promise<Background>) | undefined;
  /** Time of the data: the wall clock, an accelerated one, or that of a file. */
  readonly clock: Clock;
  /** Where `clock` is that of the host, which may be wrong: what it is not sure of is held. */
  readonly hostClock?: HostClock | undefined;
  readonly log: Logger;
  readonly version: string;
}

export function journalStatus(head: number, position: number, since: number): Status['journal'] {
  return { head, position, stalled: position < head ? Math.round(since) : 0 };
}

export const variablesOf = ({ variables }: Config) =>
  Object.entries(variables).map(([name, { title = name, unit }]) => ({ name, title, unit }));

export function openOutbox({ disk, log, channels, backoff, hostClock }: EdgeParts, compose: Compose): Outbox {
  const outbox = new Outbox({
    disk,
    channels: channels(compose),
    ...(backoff && { backoff }),
    now: hostClock?.now ?? Date.now,
    onAttempt: (channel, delivery) => {
      if (delivery.outcome !== 'delivered') log.warn({ channel, ...delivery }, 'a message was not delivered');
    },
  });
  outbox.start();
  return outbox;
}

export function openGate(
  { config, disk, log }: EdgeParts,
  { writer, journal }: { readonly writer: StoreWriter; readonly journal: Journal },
): Gate {
  return new Gate({
    folder: disk.folder,
    reserve: config.journal.reserve,
    full: () => writer.full,
    onChange: (reason) => {
      if (reason !== undefined) log.error({ reason }, 'messages wait at the broker, unacknowledged');
      else log.info('messages are taken in again');
      journal.proceed();
    },
  });
}

/** Counts in the ledger what the store acknowledges or refuses, value by value. */
export function openWriter(
  { config, store, disk, log }: EdgeParts,
  { ledger, spill, journal }: { readonly ledger: Ledger; readonly spill: Spill; readonly journal: Journal },
): StoreWriter {
  const refused = new RefusedPoints(disk);
  return new StoreWriter(store, {
    ...(config.store.kind === 'influx' && {
      batch: config.store.batch,
      bound: config.store.memory,
      room: config.store.waiting,
    }),
    spill,
    onStored: (points) => {
      ledger.stored(points);
      journal.proceed();
    },
    onShed: (points) => ledger.stored(points, 'shed'),
    onRefused: ({ point, reason }) => {
      ledger.stored([point], 'quarantined');
      refused.put({ point, reason }).catch((error: Error) => log.error(error.message));
      log.error({ point, reason }, 'the store refused a point');
    },
  });
}

export function modelStatus({ id, backend }: Predictor, manifest: Manifest | undefined): ModelStatus {
  if (!manifest) return { id, backend };
  const { network, promotion } = manifest;
  return { id, backend, network, about: serviceLines(manifest), skill: promotion?.skill };
}

/** `retrying` with the points safe on the disk, and without, are different worries. */
export function storeStatus({ name }: Store, { health, full }: StoreWriter): StoreStatus {
  const { state, reason, pending } = health;
  return {
    name,
    state: full ? 'stuck' : state === 'ok' ? 'answering' : 'spilling',
    waiting: pending,
    ...(reason !== undefined && { detail: reason }),
  };
}

export function openRequests(
  { publish, log }: EdgeParts,
  topic: () => string | undefined,
): GatewayRequests | undefined {
  const report = (reason: string) => log.warn({ reason }, 'a gateway is not asked for what never arrived');
  return publish && new GatewayRequests({ topic, publish, report });
}
