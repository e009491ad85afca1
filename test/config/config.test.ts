import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { z } from 'zod';
import { exampleRules } from '../../src/commands/shore.ts';
import { formatDuration, parseDuration } from '../../src/config/duration.ts';
import { type ConfigError, loadConfig, parseConfig } from '../../src/config/load.ts';
import { configSchema } from '../../src/config/schema.ts';
import { readSecret } from '../../src/config/secret.ts';

const example = new URL('../../deploy/edge/redtide.example.yaml', import.meta.url);

function problems(text: string): readonly string[] {
  try {
    parseConfig(text, 'x.yaml');
    return [];
  } catch (error) {
    return (error as ConfigError).problems;
  }
}

test('an empty file means the embedded defaults', (t) => {
  const config = parseConfig('', 'x.yaml');
  t.deepEqual(config.broker, { embedded: { host: '127.0.0.1', port: 1883 } });
  t.deepEqual(config.store, { kind: 'lmdb' });
  t.is(config.stream.step, 3_600_000);
});

test('the example file is valid', (t) => {
  const config = loadConfig(example.pathname);
  t.is(config.store.kind, 'influx');
  t.like(config.rules[0]!.grades[0]!.when, { level: 20, measure: 'value' });
});

/** Every key of the schema, whatever the path, as the JSON schema of the configuration lists them. */
function keysOf(node: unknown, found = new Set<string>()): Set<string> {
  if (typeof node !== 'object' || node === null) return found;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'properties') for (const name of Object.keys(value as object)) found.add(name);
    keysOf(value, found);
  }
  return found;
}

test('the example file shows every key of the schema', (t) => {
  const text = readFileSync(example, 'utf8') + readFileSync(exampleRules, 'utf8');
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  const keys = keysOf(schema);
  t.true(keys.size > 60, `${keys.size} keys found in the schema`);
  t.deepEqual(
    [...keys].filter((key) => !new RegExp(`(^|[\\s{,])${key}:`, 'm').test(text)),
    [],
  );
});

test('every section of the example file is introduced by a comment', (t) => {
  const lines = readFileSync(example, 'utf8').split('\n');
  const bare = lines.filter(
    (line, i) => /^\w+:/.test(line) && !line.includes('#') && !/^\s*#/.test(lines[i - 1] ?? ''),
  );
  t.deepEqual(bare, ['stream:', 'store:', 'model:'], 'only sections whose every key has its own comment');
});

test('problems are named with path and value, all of them', (t) => {
  t.deepEqual(problems('stations: [{id: a, cadence: 10}]\nhttp: {port: 99999}'), [
    'stations/0/cadence: 10 expected string, received number',
    'http/port: 99999 Too big: expected number to be <=65535',
  ]);
  t.deepEqual(problems('broker: {embedded: {prt: 3}}'), [
    'broker/embedded/prt is not a known key; remove it or check its spelling',
  ]);
  t.deepEqual(problems('stream: {step: soon}'), [
    'stream/step: "soon" is no duration; write for example 10m, 1h30m or 7d',
  ]);
});

test('settings that contradict each other are refused', (t) => {
  const rule = 'id: a, variable: chlorophyll, on: forecast, direction: above, level: 3, clear: 4, text: x';
  t.deepEqual(problems(`rules: [{${rule}}]`), [
    'rules/0/id: "a" clear 4 is on the wrong side of level 3: for direction above it must be at or below the level',
  ]);
  t.deepEqual(problems('stream: {step: 7m, revisable: 1m}'), [
    'stream/step: "7m" must divide a day evenly, or be whole days',
    'stream/revisable: "1m" must not be shorter than lateness 10m',
  ]);
  t.deepEqual(problems('stations: [{id: a}, {id: a, sensors: [{id: s, variable: x}]}]'), [
    'stations/1/id: "a" is the id of stations/0 too',
    'stations/1/sensors/0/variable: "x" is not in variables (airTemperature, salinity, waterTemperature, chlorophyll, dissolvedOxygen)',
  ]);
});

test('topics and units that nothing could be read by are refused', (t) => {
  t.deepEqual(problems('stations: [{id: a, sensors: [{id: s, variable: salinity, unit: furlong}]}]'), [
    'stations/0/sensors/0/unit: "furlong" is no unit that can be converted; docs/payload.md lists them',
  ]);
  t.regex(
    problems('topics: [{topic: "buoys/#/{station}"}]')[0] ?? '',
    /^topics\/0\/topic: "buoys\/#\/\{station\}" /,
  );
  t.regex(
    problems('topics: [{topic: up, payload: csv, mapping: {time: t, values: {}}}]').join(),
    /columns: is missing.*has no \{station\}/,
  );
});

test('requests to gateways cannot come back as messages', (t) => {
  t.deepEqual(problems('backfill: {topic: "buoys/{station}/telemetry"}'), [
    'backfill/topic: "buoys/{station}/telemetry" is covered by the topic buoys/{station}/telemetry, which is read from',
  ]);
  t.deepEqual(problems('backfill: {topic: "buoys/backfill"}'), [
    'backfill/topic: "buoys/backfill" must have {station} and no wildcard: it is published to',
  ]);
  t.deepEqual(problems('backfill: {topic: "buoys/{station}/backfill"}'), []);
});

test('broken YAML names the line', (t) => {
  t.regex(problems('a: [')[0] ?? '', /line 1/);
});

test('durations survive the way to text and back', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 10 * 365 * 86_400_000 }),
      (ms) => parseDuration(formatDuration(ms)) === ms,
    ),
  );
  t.is(parseDuration('1h30m'), 5_400_000);
  for (const wrong of ['', '10', 'm', '10 m', '-1h', '1w']) t.is(parseDuration(wrong), undefined, wrong);
});

test('a secret that is not there is named, never shown', (t) => {
  t.is(readSecret({ env: 'X' }, { X: 's3cret' }), 's3cret');
  t.throws(() => readSecret({ env: 'X' }, {}), { message: /variable X is not set/ });
  t.throws(() => readSecret({ file: '/nowhere/key' }), { message: /\/nowhere\/key cannot be read/ });
});
