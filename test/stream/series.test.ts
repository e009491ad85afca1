import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { Series, SeriesSet } from '../../src/stream/series.ts';

/** What can be done to a series: put a row at a time, remove the row at or after one, drop all before one. */
const turn = fc.record({
  act: fc.constantFrom('put', 'put', 'put', 'remove', 'drop', 'restore'),
  time: fc.oneof(fc.nat(40), fc.integer({ min: 30, max: 90 })),
  value: fc.double(),
});

test('a series is a sorted list, whatever is put, removed and dropped', (t) => {
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 80, size: 'max' }), (turns) => {
      let series = new Series(2);
      let model: [number, number][] = [];
      for (const { act, time, value } of turns) {
        const row = series.search(time);
        assert.equal(row, model.filter(([other]) => other < time).length);
        if (act === 'put') {
          if (!series.holds(row, time)) series.insert(row, time);
          series.put(row, 1, value);
          model = [...model.filter(([other]) => other !== time), [time, value] as [number, number]];
          model.sort(([a], [b]) => a - b);
        } else if (act === 'remove' && row < series.length) {
          series.remove(row);
          model.splice(row, 1);
        } else if (act === 'drop') {
          series.drop(row);
          model.splice(0, row);
        } else if (act === 'restore') series = Series.of(2, series.rows().slice());
        assert.deepEqual([...series.rows()], model.flat());
        assert.equal(series.newest, model.at(-1)?.[0] ?? Number.NEGATIVE_INFINITY);
      }
    }),
    { numRuns: 500 },
  );
  t.pass();
});

test('series come in order of variable and sensor, and those that ended are forgotten', (t) => {
  const set = new SeriesSet(1);
  for (const [variable, sensor, ...times] of [
    ['salinity', 'b', 10, 20, 30],
    ['salinity', 'a', 30],
    ['chlorophyll', 'z', 10, 19],
  ] as [string, string, ...number[]][]) {
    const series = set.open(variable, sensor);
    for (const time of times) series.insert(series.length, time);
  }
  const said = () => set.all.map(({ variable, sensor, series }) => [variable, sensor, ...series.rows()]);
  t.deepEqual(said(), [
    ['chlorophyll', 'z', 10, 19],
    ['salinity', 'a', 30],
    ['salinity', 'b', 10, 20, 30],
  ]);
  set.dropBefore(30, ({ variable }) => (variable === 'salinity' ? 1 : 0));
  t.deepEqual(said(), [
    ['salinity', 'a', 30],
    ['salinity', 'b', 20, 30],
  ]);
  t.is(set.find('chlorophyll', 'z'), undefined);
});
