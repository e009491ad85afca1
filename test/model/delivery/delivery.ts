import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { ExecutionContext } from 'ava';
import mqtt from 'mqtt';
import { deliverModel, receiveModels } from '../../../src/commands/delivery.ts';
import { modelOf, openLog } from '../../../src/commands/shore.ts';
import { checkConfig } from '../../../src/config/load.ts';
import type { Config, ConfigInput } from '../../../src/config/schema.ts';
import { openDisk } from '../../../src/disk.ts';
import type { Artifact } from '../../../src/model/artifact.ts';
import type { ArtifactStore } from '../../../src/model/artifact-store.ts';
import type { CurrentPredictor } from '../../../src/model/current-predictor.ts';
import type { MqttArtifactReceiver } from '../../../src/model/delivery/mqtt-artifact-receiver.ts';
import { fileArtifactStore } from '../../../src/model/file-artifact-store.ts';
import { privateKeyOf, publicKeyOf } from '../../../src/model/signature.ts';
import { temporaryFolder, until } from '../../process.ts';

/** A trainer's end and edges' ends of a broker, in this process. */

export const topic = 'redtide/models/test';

export interface TrainerEnd {
  readonly artifacts: ArtifactStore;
  readonly folder: string;
  /** Leaves what serves at the broker. */
  deliver(how?: { readonly again?: boolean; readonly chunk?: string }): Promise<string | undefined>;
  /** Publishes the version into the folder, and leaves it at the broker. */
  promote(artifact: Artifact): Promise<string | undefined>;
}

export interface TrainerOptions {
  readonly chunk?: string;
  readonly key?: string;
  readonly protocol?: 4 | 5;
}

export function trainerAt(
  t: ExecutionContext,
  url: string,
  { chunk = '64 KiB', key, protocol = 5 }: TrainerOptions = {},
): TrainerEnd {
  const folder = temporaryFolder(t);
  const models = join(folder, 'models');
  const configWith = (chunk: string) =>
    configOf({
      broker: { url, protocol },
      model: { folder: models },
      retrain: { mqtt: { topic, chunk } },
    });
  const disk = openDisk(join(folder, 'trainer'));
  t.teardown(() => disk.close());
  const artifacts = fileArtifactStore(models, key === undefined ? {} : { signing: privateKeyOf(key) });
  const deliver: TrainerEnd['deliver'] = ({ chunk: other = chunk, ...how } = {}) =>
    deliverModel(configWith(other), disk, how);
  return {
    artifacts,
    folder: models,
    deliver,
    promote: async (artifact) => {
      await artifacts.publish(artifact);
      return deliver();
    },
  };
}

export interface EdgeEnd {
  readonly artifacts: ArtifactStore;
  readonly folder: string;
  readonly predictor: CurrentPredictor;
  readonly receiver: MqttArtifactReceiver;
  /** Resolves once that version is the one that should serve. */
  gets(artifact: Artifact): Promise<void>;
  /** Resolves with the reason, once the newest description was refused. */
  refuses(): Promise<string>;
  stop(): Promise<void>;
}

export async function edgeAt(
  t: ExecutionContext,
  url: string,
  model: Omit<Partial<NonNullable<ConfigInput['model']>>, 'mqtt'> & { maximum?: string } = {},
): Promise<EdgeEnd> {
  const { maximum = '64 MiB', ...rest } = model;
  const folder = rest.folder ?? join(temporaryFolder(t), 'models');
  const config = configOf({ broker: { url }, model: { folder, ...rest, mqtt: { topic, maximum } } });
  const predictor = await modelOf(config);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const receiver = receiveModels(config, predictor, Date.now, openLog('error', silent))!;
  const stop = () => receiver.stop();
  t.teardown(stop);
  const artifacts = fileArtifactStore(folder, { trusted: config.model.trusted.map(publicKeyOf) });
  return {
    artifacts,
    folder,
    predictor,
    receiver,
    gets: ({ manifest: { id } }) =>
      until(`${id} at the edge`, async () => {
        const { last } = receiver.status;
        if (last?.outcome === 'refused') throw new Error(last.reason);
        return last?.id === id && (await artifacts.current()) === id;
      }),
    refuses: async () => {
      await until('a refusal', () => receiver.status.last?.outcome === 'refused');
      return receiver.status.last!.reason!;
    },
    stop,
  };
}

const configOf = (given: ConfigInput): Config => checkConfig(given, 'test');

/** What a broker keeps below the topic: by the rest of their topics, the bytes of the messages. */
export async function retained(t: ExecutionContext, url: string): Promise<Map<string, Buffer>> {
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 0 });
  t.teardown(() => client.endAsync(true));
  const found = new Map<string, Buffer>();
  const marker = `marker/${Math.random()}`;
  const over = new Promise<void>((resolve) =>
    client.on('message', (from, payload) => {
      if (from === marker) resolve();
      else found.set(from.slice(topic.length + 1), payload);
    }),
  );
  await client.subscribeAsync([marker, `${topic}/#`], { qos: 1 });
  await client.publishAsync(marker, '', { qos: 1 });
  await over;
  await client.endAsync(true);
  return found;
}

/** Between clients and a broker; it cuts every connection after so many bytes from the broker, or from the client. */
export class BreakingLink {
  readonly #server;
  readonly #bytes: number;
  cuts = 0;
  connections = 0;

  private constructor(port: number, bytes: number) {
    this.#bytes = bytes;
    this.#server = createServer((client) => this.#join(client, connect(port, '127.0.0.1')));
  }

  static async start(t: ExecutionContext, port: number, bytes: number): Promise<BreakingLink> {
    const link = new BreakingLink(port, bytes);
    link.#server.listen(0, '127.0.0.1');
    await once(link.#server, 'listening');
    t.teardown(() => link.#server.close());
    return link;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  #join(client: Socket, broker: Socket): void {
    this.connections++;
    let [passed, over] = [0, false];
    const cut = () => {
      if (over) return;
      over = true;
      for (const socket of [client, broker]) socket.destroy();
    };
    for (const [from, to] of [
      [client, broker],
      [broker, client],
    ] as const) {
      from.on('error', () => {});
      from.on('close', cut);
      from.on('data', (chunk: Buffer) => {
        passed += chunk.length;
        to.write(chunk.subarray(0, Math.max(0, chunk.length - Math.max(0, passed - this.#bytes))));
        if (passed < this.#bytes || over) return;
        this.cuts++;
        cut();
      });
    }
  }
}
