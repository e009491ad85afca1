import test from 'ava';
import type { Verification } from '../../../src/model/online/verification.ts';
import type { Run } from '../../../src/model/training/due.ts';
import {
  decideEarly,
  evidenceFrom,
  skillOf,
  type Tally,
  tallyOf,
} from '../../../src/model/training/early.ts';
import { verification } from '../../store/points.ts';

const hour = 3_600_000;
const day = 24 * hour;
const now = Date.UTC(2026, 4, 20, 12);
const policy = { attempts: 3, verified: 100, fall: 0.1, rest: 6 * hour };
/** Skill of 50 % over persistence. */
const good: Tally = {
  station: 'B01',
  variable: 'chlorophyll',
  horizon: 3,
  verified: 200,
  square: 50,
  persistence: 200,
};
const worse: Tally = { ...good, square: 288 };
const run = (given: Partial<Run>): Run => ({
  due: now - day,
  cause: 'scheduled',
  attempt: 1,
  state: 'done',
  host: 'trainer',
  startedAt: now - day,
  ...given,
});

for (const [what, given, expected] of [
  ['as good as promised', { tallies: [good], promised: 0.55 }, /as well as it did/],
  ['nothing verified', { tallies: [], promised: 0.55 }, /as well as it did/],
  ['worse over too few forecasts', { tallies: [{ ...worse, verified: 99 }] }, /as well as it did/],
  ['less than was promised, nobody having promised', { tallies: [{ ...good, square: 190 }] }, /as well/],
  [
    'drift before the rest is over',
    { tallies: [{ ...good, drifted: now }], last: run({ startedAt: now - hour }) },
    /an early one waits until 2026-05-20T17:00/,
  ],
  [
    'drift while the last is tried again',
    { tallies: [{ ...good, drifted: now }], last: run({ state: 'failed' }) },
    /will be tried again/,
  ],
] as const)
  test(`no early run: ${what}`, (t) => {
    const decision = decideEarly(given, policy, now);
    t.regex('wait' in decision ? decision.wait : '', expected);
  });

for (const [what, given, expected] of [
  [
    'drift',
    { tallies: [good, { ...good, station: 'B02', verified: 1, drifted: now - hour }] },
    /^the errors of chlorophyll at B02, 3 steps ahead, have grown for good by 2026-05-20T11:00:00.000Z$/,
  ],
  [
    'worse than persistence',
    { tallies: [worse, good, { ...worse, horizon: 6 }] },
    /^chlorophyll at B01, 3 steps ahead, is worse than persistence: skill -20.0 % over 200 verified forecasts, and of 1 others$/,
  ],
  [
    'less than was promised',
    { tallies: [good], promised: 0.65 },
    /^the skill over persistence is 50.0 %, it was 65.0 % at the promotion$/,
  ],
  [
    'after the rest',
    { tallies: [worse], last: run({ startedAt: now - 6 * hour }) },
    /worse than persistence/,
  ],
  [
    'after a run that was given up',
    { tallies: [worse], last: run({ state: 'failed', attempt: 3 }) },
    /worse than persistence/,
  ],
] as const)
  test(`an early run: ${what}`, (t) => {
    const decision = decideEarly(given, policy, now);
    t.like(decision, { start: { due: now, cause: 'drift', attempt: 1 } });
    t.regex(('start' in decision && decision.start.reason) || '', expected);
  });

test('stations in different units weigh alike: each error by that of persistence there', (t) => {
  const other = {
    ...worse,
    variable: 'temperature',
    square: worse.square / 1e6,
    persistence: worse.persistence / 1e6,
  };
  const both = 1 - Math.sqrt((0.25 + 1.44) / 2);
  t.true(Math.abs(skillOf([good, other]) - both) < 1e-12);
  t.true(Math.abs(skillOf([other, good]) - skillOf([good, worse])) < 1e-12);
});

test('only what the model in service said since the last run is evidence', async (t) => {
  const at = (time: number, given: Partial<Verification> = {}) =>
    verification({
      issuedAt: time,
      horizon: 1,
      step: hour,
      forecast: 3,
      measured: 5,
      persistence: 6,
      drift: 0,
      ...given,
    });
  const all = [
    at(now - 5 * hour, { model: 'this' }),
    at(now - 4 * hour, { model: 'other' }),
    at(now - 3 * hour, { model: 'this', drift: 1.1 }),
    at(now - 2 * hour, { model: 'this', forecast: 6, censored: true }),
  ];
  const store = {
    async *verifications({ from, to }: { from: number; to: number }) {
      yield* all.filter(({ issuedAt }) => issuedAt >= from && issuedAt < to);
    },
  };
  const from = evidenceFrom(run({ startedAt: now - 4.5 * hour }), now);
  const [tally, ...others] = await tallyOf(store, new Set(['this']), { from, to: now });
  t.deepEqual(others, []);
  t.like(tally, { verified: 2, square: 4, persistence: 1, drifted: now - 3 * hour });
  t.is(evidenceFrom(run({ startedAt: now - 90 * day }), now), now - 30 * day);
});
