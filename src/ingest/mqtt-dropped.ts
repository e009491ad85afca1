import mqtt from 'mqtt';
import { connectionOptions, type MqttConnection } from '../mqtt-connection.ts';

/** What is known of messages that the broker dropped instead of handing them on. */
export interface DroppedStatus {
  /** Since the broker was first watched, over restarts of both. */
  readonly dropped: number;
  /** When the last of them became known, ms since the epoch. */
  readonly last: number | undefined;
}

/** `count` is the broker's counter as it was last seen. */
export interface DroppedRecord {
  readonly count: number;
  readonly dropped: number;
  readonly last?: number | undefined;
}

export interface DroppedMemory {
  read(): DroppedRecord | undefined;
  write(record: DroppedRecord): Promise<void>;
}

export interface WatchDroppedOptions extends MqttConnection {
  /** Where the broker tells its counter: `$SYS/broker/publish/messages/dropped` in Mosquitto. */
  readonly topic: string;
  readonly clock: () => number;
  readonly memory: DroppedMemory;
  readonly report: (dropped: number) => void;
}

export interface DroppedWatch {
  readonly status: DroppedStatus;
  stop(): Promise<void>;
}

/**
 * What a counter says after what it said before. One that is lower than before began anew with its broker. The first
 * one ever seen counts what was before us.
 */
export function noteDropped(before: DroppedRecord | undefined, count: number, now: number): DroppedRecord {
  if (!before) return { count, dropped: 0 };
  const more = count >= before.count ? count - before.count : count;
  return { count, dropped: before.dropped + more, last: more > 0 ? now : before.last };
}

/** Listens to the broker's counter on a connection of its own, since a source takes every message as telemetry. */
export function watchDropped({
  topic,
  clock,
  memory,
  report,
  ...connection
}: WatchDroppedOptions): DroppedWatch {
  let known = memory.read();
  const client = mqtt.connect(connection.url, { ...connectionOptions(connection), clean: true });
  client.on('error', () => {}); // the source, which has the same broker, says what is wrong
  client.on('connect', () => client.subscribe(topic, { qos: 0 }, () => {}));
  client.on('message', (_, payload) => {
    const count = Number(payload.toString());
    if (!Number.isSafeInteger(count) || count < 0 || count === known?.count) return;
    const next = noteDropped(known, count, clock());
    const more = next.dropped - (known?.dropped ?? 0);
    known = next;
    memory.write(next).catch(() => {});
    if (more > 0) report(more);
  });
  return {
    get status() {
      return { dropped: known?.dropped ?? 0, last: known?.last };
    },
    stop: () => client.endAsync(true).then(() => {}),
  };
}
