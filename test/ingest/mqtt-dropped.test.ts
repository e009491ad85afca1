import test from 'ava';
import mqtt from 'mqtt';
import { type DroppedRecord, noteDropped, watchDropped } from '../../src/ingest/mqtt-dropped.ts';
import { until } from '../process.ts';
import { startMosquitto } from '../servers.ts';

test('a counter that rises is a loss; one that began anew counts from nothing', (t) => {
  const first = noteDropped(undefined, 7, 1);
  t.deepEqual(first, { count: 7, dropped: 0 });
  t.like(noteDropped(first, 9, 2), { count: 9, dropped: 2, last: 2 });
  t.like(noteDropped(noteDropped(first, 9, 2), 3, 5), { count: 3, dropped: 5, last: 5 });
  t.like(noteDropped(noteDropped(first, 9, 2), 0, 5), { count: 0, dropped: 2, last: 2 });
});

test('what a real broker drops from the queue of who is away is noticed', async (t) => {
  t.timeout(120_000);
  const broker = await startMosquitto(t, 'sys_interval 1\nmax_queued_messages 1\nmax_inflight_messages 1');
  if (!broker) return;
  let kept: DroppedRecord | undefined;
  let reported = 0;
  const watch = watchDropped({
    ...{ url: broker.url, protocol: 5, clientId: 'watch', topic: '$SYS/broker/publish/messages/dropped' },
    clock: () => 5,
    memory: { read: () => kept, write: async (record) => void (kept = record) },
    report: (more) => (reported += more),
  });
  t.teardown(() => watch.stop());
  await until('the first count', () => kept !== undefined);
  t.deepEqual(watch.status, { dropped: 0, last: undefined });
  const properties = { sessionExpiryInterval: 600 };
  const away = await mqtt.connectAsync(broker.url, {
    ...{ protocolVersion: 5, clientId: 'away', clean: false, properties },
  });
  await away.subscribeAsync('a', { qos: 1 });
  await away.endAsync();
  const buoy = await mqtt.connectAsync(broker.url);
  t.teardown(() => buoy.endAsync(true));
  await Promise.all(Array.from({ length: 30 }, () => buoy.publishAsync('a', 'x', { qos: 1 })));
  await until('the loss', () => reported > 0, 60_000);
  t.like(watch.status, { dropped: reported, last: 5 });
});
