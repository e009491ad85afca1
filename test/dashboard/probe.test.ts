import test from 'ava';
import { health, readiness } from '../../src/dashboard/probe.ts';
import type { Status } from '../../src/dashboard/status.ts';
import { exampleStatus, station } from './example-status.ts';

const failing = (more: Partial<Status>) => readiness(exampleStatus(more)).reasons.map(({ check }) => check);

test('healthy and ready when all is well', (t) => {
  t.deepEqual(health(exampleStatus()), { ok: true, reasons: [] });
  t.deepEqual(readiness(exampleStatus()), { ok: true, reasons: [] });
});

test('healthy as long as records go through, however many wait', (t) => {
  t.true(health(exampleStatus({ journal: { head: 1e6, position: 1, stalled: 60_000 } })).ok);
  const stuck = exampleStatus({ journal: { head: 107, position: 100, stalled: 60_001 } });
  t.deepEqual(health(stuck).reasons, [
    { check: 'pipeline', detail: '7 records have waited in the journal for 60 s and none went through' },
  ]);
  t.deepEqual(failing({ journal: stuck.journal }), ['pipeline']);
});

test('a trouble outside does not make the process unhealthy', (t) => {
  const broken = exampleStatus({
    source: { state: 'disconnected', address: 'mqtt://broker' },
    store: { name: 'influx', state: 'stuck', waiting: 9, detail: 'no space left' },
    model: undefined,
    stations: [],
  });
  t.true(health(broken).ok);
  t.deepEqual(readiness(broken).reasons, [
    { check: 'source', detail: 'mqtt://broker is disconnected' },
    {
      check: 'store',
      detail: 'influx does not answer and the disk takes no more, 9 points wait: no space left',
    },
    { check: 'model', detail: 'no model is loaded, so nothing is forecast' },
    { check: 'data', detail: 'no station has been heard yet' },
  ]);
});

test('every state of the source is judged', (t) => {
  const source = (state: Status['source']['state']) => failing({ source: { state, address: 'x' } });
  for (const state of ['connected', 'ended'] as const) t.deepEqual(source(state), [], state);
  for (const state of ['starting', 'disconnected', 'stopped'] as const)
    t.deepEqual(source(state), ['source'], state);
});

test('a store that spills to disk is no reason: warnings go out without it', (t) => {
  t.deepEqual(failing({ store: { name: 'influx', state: 'spilling', waiting: 5000 } }), []);
});

test('data age is that of the newest station, and its limit can be set', (t) => {
  const stations = [station('B01', 3, 60 * 24), station('B02', 3, 100), station('B03', 3, undefined)];
  t.deepEqual(failing({ stations }), []);
  const strict = readiness(exampleStatus({ stations }), { stalled: 1, dataAge: 99 * 60_000 });
  t.deepEqual(strict.reasons, [
    { check: 'data', detail: 'the newest reading is 1.7 h old, more than 1.7 h' },
  ]);
  t.deepEqual(failing({ stations: [station('B01', 3, 181)] }), ['data']);
});
