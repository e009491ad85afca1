import { readFileSync } from 'node:fs';
import test from 'ava';
import { decode } from '../../src/ingest/decode.ts';
import { stationCatalog } from '../../src/ingest/stations.ts';
import { isUnit } from '../../src/ingest/unit.ts';

const text = readFileSync(new URL('../../docs/payload.md', import.meta.url), 'utf8');
const section = (title: string) => text.split(/^## /m).find((one) => one.startsWith(title))!;

test('every JSON example is read without a fault', (t) => {
  const examples = [...text.matchAll(/```json\n(.*?)```/gs)].map(([, example]) => example!);
  t.is(examples.length, 4);
  const variables = {
    chlorophyll: { unit: 'ug/L' },
    waterTemperature: { unit: 'degC' },
    dissolvedOxygen: { unit: 'mg/L' },
  };
  for (const example of examples) {
    const answer = decode(
      { topic: 'buoys/b1/telemetry', payload: Buffer.from(example), receivedAt: 0 },
      {
        formats: [{ topic: 'buoys/{station}/telemetry', payload: 'native' }],
        stations: stationCatalog([{ id: 'b1' }], 'quarantine'),
        variables,
      },
    );
    t.true(answer.length > 0 && answer.every(({ kind }) => kind === 'reading'), example);
  }
});

test('every unit that is named is known', (t) => {
  const rows = section('Units')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| dimension'));
  const names = rows.flatMap((row) =>
    [...row.split('|')[2]!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!),
  );
  t.true(names.length > 25);
  t.deepEqual(
    names.filter((name) => !isUnit(name)),
    [],
  );
});

test('every reason of a rejection is explained', (t) => {
  const source = readFileSync(new URL('../../src/ingest/reading.ts', import.meta.url), 'utf8');
  const reasons = [
    ...source
      .split('RejectionReason =')[1]!
      .split(';')[0]!
      .matchAll(/'([a-z-]+)'/g),
  ].map(([, reason]) => reason!);
  t.true(reasons.length >= 10);
  const told = section('What is refused');
  t.deepEqual(
    reasons.filter((reason) => !told.includes(`\`${reason}\``)),
    [],
  );
});
