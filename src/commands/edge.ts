import type { Logger } from 'pino';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { Disk } from '../disk.ts';
import { type Edge, startEdge } from '../edge.ts';
import { HostClock } from '../ingest/host-clock.ts';
import { lmdbDroppedMemory } from '../ingest/lmdb-dropped-memory.ts';
import type { Clock } from '../ingest/message.ts';
import { type DroppedWatch, watchDropped } from '../ingest/mqtt-dropped.ts';
import type { SourceState } from '../ingest/source.ts';
import type { MqttArtifactReceiver } from '../model/delivery/mqtt-artifact-receiver.ts';
import { ModelService } from '../model-service.ts';
import { connectionOf, formatsOf } from './adapters.ts';
import { backgroundFrom } from './background.ts';
import { brokerOf } from './broker.ts';
import { channelsOf } from './channels.ts';
import { type Command, exit, type Io, UsageError } from './command.ts';
import { receiveModels } from './delivery.ts';
import { operatorDoor } from './door.ts';
import { keepGauges } from './gauges.ts';
import { keepHeartbeat } from './heartbeat.ts';
import { receiptKey, receiptLinks } from './receipts.ts';
import {
  compactData,
  every,
  modelOf,
  openData,
  openLog,
  serve,
  storeOf,
  version,
  watchConfig,
  watchStore,
} from './shore.ts';
import { isSynchronised } from './synchronised.ts';
import { keepVersions } from './versions.ts';

export const command: Command = {
  summary: 'the pipeline at a shore station, from a broker to warnings',
  usage: 'FILE',
  about: `Runs until Ctrl-C or SIGTERM with the configuration in FILE (see deploy/edge/redtide.example.yaml; check it with
redtide check FILE). Logs are JSON lines on standard output. A start goes on where the last one ended.`,
  options: {},
  async run(_values, [file], io) {
    if (!file) throw new UsageError('needs a configuration file');
    const config = loadConfig(file);
    const log = openLog(config.log, io.out);
    await compactData(config, log);
    const disk = openData(config);
    const report = (state: SourceState, what: string) => log.info({ state }, what);
    const hostClock = hostClockOf(config, log);
    const broker = brokerOf(config, disk, hostClock.now, report, {
      write: (text, done) => io.out.write(text, done),
    });
    const store = storeOf(config, disk);
    const watch = droppedOf(config, disk, hostClock.now, log);
    const model = await modelOf(config);
    let delivery: MqttArtifactReceiver | undefined;
    const versions = keepVersions(config, new ModelService(disk), model, hostClock.now, log);
    const edge = await startEdge({
      config,
      formats: formatsOf(config),
      disk,
      ...broker,
      ...(watch && { dropped: () => watch.status }),
      store,
      model,
      onModel: (record) => versions.onModel(record),
      delivery: () => delivery?.status,
      channels: channelsOf(config, {
        ...broker.voices,
        receiptUrl: receiptLinks(config, receiptKey(config)),
      }),
      background: backgroundFrom(store),
      ageOf: ({ time }) => hostClock.now() - time,
      clock: hostClock.now,
      hostClock,
      log,
      version,
    });
    edge.answer(operatorDoor(edge));
    await versions.begin(edge);
    delivery = receiveModels(config, model, hostClock.now, log);
    const http = await serve(config, edge, store, (what) => log.warn(what));
    log.info({ url: http.url }, 'status page');
    const stops = keepTime(edge, config, hostClock.now, 1, (error) => log.error(error.message));
    stops.push(
      versions.stop,
      watchStore(edge, (what) => log.warn(what)),
      watchConfig(file, config, edge, (what) => log.warn(what)),
      keepGauges(edge, store, config.gauges),
    );
    const heartbeat = keepHeartbeat(edge, config, broker.voices, hostClock.now);
    try {
      await Promise.race([edge.started.then(() => edge.running), edge.running, aborted(io)]);
    } finally {
      for (const stop of stops) stop();
      await Promise.all([heartbeat(), watch?.stop(), delivery?.stop(), broker.close()]);
      await Promise.all([http.stop(), edge.stop()]);
      await disk.close();
      log.info('stopped');
    }
    return exit.ok;
  },
};

function droppedOf({ broker }: Config, disk: Disk, clock: Clock, log: Logger): DroppedWatch | undefined {
  if ('embedded' in broker) return undefined;
  return watchDropped({
    ...connectionOf(broker),
    clientId: `${broker.clientId}-dropped`,
    topic: broker.dropped,
    clock,
    memory: lmdbDroppedMemory(disk, broker.url),
    report: (dropped) =>
      log.error(
        { dropped },
        'the broker dropped messages: its queue limits must be off, see deploy/mosquitto',
      ),
  });
}

/** No host's clock is right before this. */
const released = Date.UTC(2026, 0, 1);

function hostClockOf({ clock }: Config, log: Logger): HostClock {
  return new HostClock({
    ...clock,
    earliest: released,
    wall: Date.now,
    monotonic: () => performance.now(),
    synchronised: isSynchronised,
    report: ({ state, shift, reason }) =>
      log[state === 'started' || state === 'trusted' ? 'info' : 'warn']({ shift, reason }, clockText[state]),
  });
}

const clockText = {
  started: "the host's clock is believed",
  held: "the host's clock is not believed: messages wait in the journal. Set it, have it synchronised, or write clock: { trust: always }",
  trusted: "the host's clock is believed from here on",
  adopted: "the host's clock jumped, and our time with it",
  disregarded: "the host's clock jumped, and our time goes on as it did",
} as const;

/** Ticks into the journal, and looks for a new model; `speed` is simulated time over real time. */
export function keepTime(
  edge: Edge,
  { tick, model }: Config,
  clock: Clock,
  speed: number,
  report: (error: Error) => void,
): (() => void)[] {
  return [
    every(Math.max(100, tick / speed), () => edge.tick(clock()), report),
    every(model.poll, () => edge.refreshModel(), report),
  ];
}

export function aborted({ signal }: Io): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
