import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test, { type ExecutionContext } from 'ava';
import mqtt from 'mqtt';
import pino from 'pino';
import { embeddedBroker, formatsOf } from '../../src/commands/adapters.ts';
import { urlOf } from '../../src/commands/broker.ts';
import { modelOf, openData, storeOf } from '../../src/commands/shore.ts';
import { checkConfig } from '../../src/config/load.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { startEdge } from '../../src/edge.ts';
import { decoder } from '../../src/ingest/decode.ts';
import { openQuarantine } from '../../src/ingest/quarantine.ts';
import { stationCatalog } from '../../src/ingest/stations.ts';
import { Ledger, pending } from '../../src/ledger.ts';
import { runPipeline } from '../../src/pipeline.ts';
import { planOf, settingsOf } from '../../src/plan.ts';
import { MemoryKeep } from '../../src/stream/kept.ts';
import { formats, mutants, standsIn } from '../ingest/mutator.ts';
import { temporaryFolder, until } from '../process.ts';

const limits = { payload: '4 KiB', depth: 8, values: 20, rate: 50, unlisted: 2, sensors: 3 };

/** An edge with a broker of its own and low limits, and a client of that. */
async function startLimited(t: ExecutionContext) {
  const given: ConfigInput = {
    ...{ data: temporaryFolder(t), log: 'silent', limits, unknownStations: 'accept' },
    broker: { embedded: { port: 0 } },
    stations: [{ id: 'b1' }, { id: 'b2' }],
  };
  const config = checkConfig(given, 'test');
  const disk = openData(config);
  const source = embeddedBroker(config, Date.now, () => {});
  const edge = await startEdge({
    ...{ config, formats: formatsOf(config), disk, source: () => source, address: () => urlOf(source) },
    ...{ store: storeOf(config, disk), model: await modelOf(config), channels: () => [], clock: Date.now },
    ...{ log: pino({ level: 'silent' }), version: 'test' },
  });
  await edge.started;
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${source.address!.port}`);
  t.teardown(async () => {
    await client.endAsync(true);
    await edge.stop();
    await disk.close();
  });
  return { edge, client, quarantine: openQuarantine(disk) };
}

test.serial(
  'what is beyond the limits is quarantined with its reason, and each value accounted for',
  async (t) => {
    t.timeout(120_000);
    const { edge, client, quarantine } = await startLimited(t);
    let n = 0;
    const time = () => new Date(Date.now() - ++n * 1000).toISOString();
    const send = (station: string, body: unknown) =>
      client.publishAsync(
        `buoys/${station}/telemetry`,
        typeof body === 'string' ? body : JSON.stringify(body),
        { qos: 1 },
      );
    const one = (more = {}) => ({ time: time(), variable: 'chlorophyll', value: 1, ...more });
    await send('b1', 'x'.repeat(5000));
    await send('b1', '['.repeat(9) + ']'.repeat(9));
    await send(
      'b1',
      Array.from({ length: 21 }, () => one()),
    );
    for (const sensor of ['a', 'b', 'c', 'd', 'e']) await send('b1', one({ sensor }));
    for (const station of ['x1', 'x2', 'x3', 'x4', 'x1']) await send(station, one());
    for (let message = 0; message < 6; message++)
      await send(
        'b2',
        Array.from({ length: 10 }, () => one()),
      );
    await until('all went through', () => edge.status().journal.position === edge.journal.head);
    await edge.drained();

    const reasons = new Map<string, number>();
    for (const { rejections } of quarantine.list())
      for (const { reason, values } of rejections) reasons.set(reason, (reasons.get(reason) ?? 0) + values);
    t.deepEqual(Object.fromEntries(reasons), {
      'too-large': 23,
      'too-many-sensors': 2,
      'too-many-stations': 2,
      'too-many-values': 10,
    });
    t.like(edge.ledger.account('b1'), { received: 5, stored: 3, quarantined: 2 });
    t.like(edge.ledger.account('b2'), { received: 60, stored: 50, quarantined: 10 });
    t.like(edge.ledger.total(), { received: 93, stored: 56, quarantined: 37 });
    t.is(pending(edge.ledger.total()), 0);
    t.deepEqual([...edge.ledger.stations().keys()].sort(), ['(unknown)', 'b1', 'b2', 'x1', 'x2']);
  },
);

/** Bytes in use once what nobody holds is gone. */
function heap(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

/** 20,000; a million with `npm run soak -- hostile`. */
const count = Number(process.env['REDTIDE_HOSTILE'] ?? 20_000);

test.serial(
  `${count} mutated messages through the whole pipeline: all accounted for, nothing invented, memory bounded`,
  (t) => {
    t.timeout(1_800_000);
    const config = checkConfig({ stations: [{ id: 'b1' }], unknownStations: 'accept' }, 'test');
    const { variables } = config;
    const keep = new MemoryKeep();
    const ledger = new Ledger(keep);
    const push = runPipeline({
      ...settingsOf({ ...planOf(config, formats) }),
      ...{ predictor: () => undefined, keep },
      onDuplicate: ({ station }) => ledger.settled(station, 'duplicate'),
    });
    const decode = decoder({ formats, variables, stations: stationCatalog([{ id: 'b1' }], 'accept') });
    let sequence = 0;
    let values = 0;
    let before = 0;
    const start = Date.parse('2026-05-01T12:00:00Z');
    for (const { topic, payload } of mutants(Number(process.env['REDTIDE_SEED'] ?? 1), count)) {
      const receivedAt = start + sequence * 1000;
      const message = { topic, payload, receivedAt };
      for (const one of decode(message)) {
        if (one.kind === 'reading' || one.kind === 'rejection')
          values += one.kind === 'reading' ? 1 : one.values;
        if (one.kind === 'reading' && !standsIn(one.value, payload))
          t.fail(`${payload.toString('latin1')}: ${one.value}`);
      }
      for (const outcome of push({ kind: 'message', sequence: ++sequence, ...message })) {
        ledger.take(outcome);
        if (outcome.kind === 'reading') ledger.stored([outcome]);
      }
      if (sequence % 100 === 0) push({ kind: 'tick', sequence, time: receivedAt });
      if (sequence % 5000 === 0) keep.takeDirty();
      if (sequence === Math.floor(count / 2)) before = heap();
    }
    const grown = (heap() - before) / 1024 / 1024;
    const total = ledger.total();
    t.log(total, `${grown.toFixed(1)} MiB grown in the second half`);
    t.is(total.received, values);
    t.is(pending(total), 0);
    t.true(total.stored > 0 && total.quarantined > count / 4);
    t.true(ledger.stations().size <= 1002, `${ledger.stations().size} stations`);
    t.true(grown < 64, `${grown} MiB`);
  },
);
