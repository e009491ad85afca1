import test from 'ava';
import { uniform } from '../../../src/model/engine/initial.ts';
import {
  nothing,
  type Rolling,
  recordOf,
  skillOf,
  skillOverClimatology,
  take,
} from '../../../src/model/online/rolling.ts';

const outcome = (error: number, persistence = 2, within?: boolean) => ({
  forecast: 10 + error,
  measured: 10,
  persistence: 10 + persistence,
  within,
});

test('means of the first outcomes are plain means; skill is against persistence', (t) => {
  const rolling = nothing();
  for (const [error, within] of [
    [1, true],
    [-1, false],
    [1, true],
    [-1, true],
    [3, undefined],
  ] as const)
    take(rolling, outcome(error, 2, within));
  t.like(rolling, { verified: 5, intervals: 4 });
  t.true(Math.abs(rolling.square - 13 / 5) < 1e-12);
  t.true(Math.abs(rolling.bias - 0.6) < 1e-12);
  t.true(Math.abs(rolling.coverage - 0.75) < 1e-12);
  t.true(Math.abs(skillOf(rolling)! - (1 - Math.sqrt(13 / 5 / 4))) < 1e-12);
});

test('what is long past counts no more', (t) => {
  const rolling = nothing();
  for (let i = 0; i < 5000; i++) take(rolling, outcome(8));
  for (let i = 0; i < 5000; i++) take(rolling, outcome(1));
  t.true(Math.abs(skillOf(rolling)! - 0.5) < 0.02, `${skillOf(rolling)}`);
});

test('skill over climatology is of the outcomes that had one', (t) => {
  const rolling = nothing();
  take(rolling, outcome(30));
  t.is(skillOverClimatology(rolling), undefined);
  for (let i = 0; i < 4; i++) take(rolling, { ...outcome(1), climatology: 14 });
  t.is(rolling.verified, 5);
  t.true(Math.abs(skillOverClimatology(rolling)! - 0.75) < 1e-12);
});

test('persistence without an error leaves no skill', (t) => {
  const rolling = nothing();
  take(rolling, outcome(1, 0));
  t.is(skillOf(rolling), undefined);
  t.deepEqual(recordOf([rolling]), { verified: 1 });
  t.is(recordOf([nothing()]), undefined);
});

test('a record is that of all horizons, each by its number', (t) => {
  const [many, few] = [nothing(), nothing()];
  for (let i = 0; i < 3; i++) take(many, outcome(1, 2, true));
  take(few, outcome(2, 2, false));
  const record = recordOf([many, few])!;
  t.is(record.verified, 4);
  t.true(Math.abs(record.skill! - (1 - Math.sqrt(7 / 16))) < 1e-12);
  t.true(Math.abs(record.coverage! - 0.75) < 1e-12);
});

/** The largest drift seen, and the place of the first alarm. */
function drifts(size: (i: number) => number, count: number): { most: number; first: number | undefined } {
  const rolling: Rolling = nothing();
  const next = uniform(5);
  let [most, first]: [number, number | undefined] = [0, undefined];
  for (let i = 0; i < count; i++) {
    const drift = take(rolling, outcome(size(i) * (next() + next() - 1)));
    most = Math.max(most, drift);
    if (drift >= 1) first ??= i;
  }
  return { most, first };
}

test('errors that grow for good are drift; steady ones, and one bad day, are not', (t) => {
  t.is(drifts(() => 1, 20_000).first, undefined);
  t.is(drifts((i) => (i >= 500 && i < 524 ? 2.5 : 1), 1000).first, undefined);
  const { first } = drifts((i) => (i < 500 ? 1 : 3), 1000);
  t.true(first !== undefined && first > 500 && first < 600, `${first}`);
});
