import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../config/schema.ts';
import type { Edge } from '../edge.ts';
import type { ModelRecord } from '../edge-parts.ts';
import type { Clock } from '../ingest/message.ts';
import type { CurrentPredictor } from '../model/current-predictor.ts';
import { pruneFolder } from '../model/prune-folder.ts';
import { usesOf } from '../model/retention.ts';
import type { RunLedger } from '../model/training/run-ledger.ts';
import { servicesIn } from '../model/training/service-history.ts';
import type { ModelService } from '../model-service.ts';
import { every } from './shore.ts';

/** Versions that nothing refers to any more leave the folders: docs/retrainer.md. */

/** Names who notes what it needs: one data folder on one host. */
const userOf = (kind: 'edge' | 'trainer', data: string) =>
  `${kind}-${hostname()}-${createHash('sha256').update(resolve(data)).digest('hex').slice(0, 8)}`;

const retentionOf = ({ store }: Config) => (store.kind === 'influx' ? store.retention : undefined);

export interface VersionKeeper {
  onModel(record: ModelRecord): void;
  /** Once the edge is there. */
  begin(edge: Edge): Promise<void>;
  stop(): void;
}

const day = 86_400_000;

/** At an edge: at a start, after each activation, and every day. */
export function keepVersions(
  config: Config,
  service: ModelService,
  model: CurrentPredictor,
  clock: Clock,
  log: Logger,
): VersionKeeper {
  let edge: Edge | undefined;
  let work = Promise.resolve();
  const prune = async () => {
    if (!edge) return;
    const { first } = edge.journal;
    const gone = await pruneFolder(config.model.folder, {
      user: userOf('edge', config.data),
      newest: config.model.keep,
      now: clock(),
      uses: (versions) =>
        usesOf({
          services: service.list(),
          versions,
          journalFirst: first,
          retention: retentionOf(config),
          mayHaveServed: ({ time }) => (time < service.since ? service.since : undefined),
        }),
    });
    for (const { id, reason } of gone) log.info({ model: id, reason }, 'model removed');
  };
  const failed = (error: Error) => log.warn({ reason: error.message }, 'old models were not removed');
  const queue = (action: () => Promise<void>) => (work = work.then(action).catch(failed));
  const stop = every(day, () => queue(prune), failed);
  return {
    onModel: (record) => {
      const serving = model.current?.id;
      // Begun now: what a checkpoint is to cover is then in the same order on the disk.
      const noted = service.note(record, serving);
      noted.catch(() => {});
      void queue(() => noted.then(prune));
    },
    begin: async (started) => {
      edge = started;
      await service.begin(clock(), model.current?.id, started.journal.head);
      void queue(prune);
    },
    stop,
  };
}

/** At a trainer: in its folder, by its ledger. Answers with what went, and why. */
export async function pruneAtTrainer(config: Config, ledger: RunLedger, now: number): Promise<string[]> {
  const services = servicesIn(ledger.changes());
  const gone = await pruneFolder(config.model.folder, {
    user: userOf('trainer', config.retrain.data),
    newest: config.model.keep,
    now,
    uses: (versions) =>
      usesOf({
        services,
        versions,
        journalFirst: Number.POSITIVE_INFINITY,
        retention: retentionOf(config),
        // What is published serves, ledger or not, until the next one is.
        mayHaveServed: ({ time }) =>
          Math.min(now, ...versions.map((one) => one.time).filter((other) => other > time)),
      }),
  });
  return gone.map(({ id, reason }) => `${id}: ${reason}`);
}
