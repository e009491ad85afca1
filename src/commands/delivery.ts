import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../config/schema.ts';
import type { Disk } from '../disk.ts';
import type { Clock } from '../ingest/message.ts';
import type { Artifact } from '../model/artifact.ts';
import type { CurrentPredictor } from '../model/current-predictor.ts';
import { Inbox } from '../model/delivery/inbox.ts';
import { MqttArtifactReceiver } from '../model/delivery/mqtt-artifact-receiver.ts';
import { sendVersions } from '../model/delivery/mqtt-artifact-sender.ts';
import { fileArtifactStore, takeVersion } from '../model/file-artifact-store.ts';
import { membersOf } from '../model/line-up/line-up.ts';
import { publicKeyOf } from '../model/signature.ts';
import { sentMemory } from '../model/training/sent-memory.ts';
import { readVersion } from '../model/version-files.ts';
import { connectionOf } from './adapters.ts';

/** Versions of the model from a trainer to edges over MQTT: docs/retrainer.md. */

const partsIn = (folder: string) => join(folder, '.incoming');

/** At an edge: takes what a trainer leaves at the broker into the model folder; undefined where none is configured. */
export function receiveModels(
  { broker, model: { folder, trusted, mqtt } }: Config,
  predictor: CurrentPredictor,
  clock: Clock,
  log: Logger,
): MqttArtifactReceiver | undefined {
  if (!mqtt || 'embedded' in broker) return undefined;
  const keys = trusted.map(publicKeyOf);
  const artifacts = fileArtifactStore(folder, { trusted: keys });
  return new MqttArtifactReceiver({
    ...connectionOf(broker),
    clientId: `${broker.clientId}-models`,
    ...mqtt,
    keepAlive: broker.keepAlive,
    inbox: new Inbox(partsIn(folder)),
    shelf: {
      has: (id) =>
        artifacts.read(id).then(
          () => true,
          () => false,
        ),
      put: (id, files) => takeVersion(folder, id, files, keys),
      tryOut: (id) => predictor.tryOut(id),
      serve: (id) => artifacts.serve(id),
    },
    clock,
    report: ({ id, outcome, reason }) => {
      if (outcome === 'taken') log.info({ model: id, topic: mqtt.topic }, 'model received');
      else log.error({ model: id, serving: predictor.current?.id ?? 'none', reason }, 'model refused');
    },
  });
}

export interface DeliverOptions {
  /** Also where the broker has it already, as far as we know. */
  readonly again?: boolean | undefined;
  readonly patience?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * At a trainer: leaves the version that serves at the broker, unless it was left there already. Resolves with what was
 * done, for people; undefined where there was nothing to do.
 *
 * @param disk of the trainer's ledger.
 */
export async function deliverModel(
  { broker, model: { folder, trusted }, retrain: { mqtt } }: Config,
  disk: Disk,
  { again = false, ...limits }: DeliverOptions = {},
): Promise<string | undefined> {
  if (!mqtt || 'embedded' in broker) return undefined;
  const artifacts = fileArtifactStore(folder, { trusted: trusted.map(publicKeyOf) });
  const memory = sentMemory(disk, broker.url, mqtt.topic);
  const [id, before] = [await artifacts.current(), memory.read().current];
  if (id === undefined || (id === before && !again)) return undefined;
  const ids = [...membersOf(await artifacts.read(id)), id];
  const versions = ids.map(async (one) => {
    await artifacts.read(one);
    return { id: one, files: await readVersion(join(folder, one)) };
  });
  const { chunk, pieces } = await sendVersions(
    { ...connectionOf(broker), clientId: `${broker.clientId}-trainer-${randomBytes(4).toString('hex')}` },
    {
      ...mqtt,
      ...limits,
      versions: await Promise.all(versions),
      keep: await withMembers(before, (one) => artifacts.read(one)),
      memory,
      now: Date.now(),
    },
  );
  return `${id} is at the broker, in ${pieces} ${pieces === 1 ? 'piece' : 'pieces'} of at most ${chunk} bytes`;
}

async function withMembers(
  id: string | undefined,
  read: (id: string) => Promise<Artifact>,
): Promise<string[]> {
  if (id === undefined) return [];
  return [id, ...(await read(id).then(membersOf, () => []))];
}
