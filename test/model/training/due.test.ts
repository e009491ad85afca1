import test from 'ava';
import fc from 'fast-check';
import cron from 'node-cron';
import { decideRun, newestDue, type Run } from '../../../src/model/training/due.ts';

const scheduleOf = (expression: string) => {
  const task = cron.createTask(expression, () => {}, { timezone: 'UTC' });
  return { matches: (instant: Date) => task.match(instant), seconds: cron.parse(expression).second };
};
const at = (text: string) => Date.parse(`${text}Z`);
const policy = { attempts: 3, wait: 60_000, grace: 60_000 };
const run = (given: Partial<Run>): Run => ({
  due: at('2026-05-01T03:00'),
  cause: 'scheduled',
  attempt: 1,
  state: 'done',
  host: 'trainer',
  startedAt: at('2026-05-01T03:00'),
  ...given,
});

for (const [expression, after, until, expected] of [
  ['0 3 * * *', '2026-05-01T00:00', '2026-05-03T02:59:59', '2026-05-02T03:00'],
  ['0 3 * * *', '2026-05-01T03:00', '2026-05-01T23:00', undefined],
  ['0 3 * * *', '2026-05-01T02:59:59', '2026-05-01T03:00', '2026-05-01T03:00'],
  ['0 0 1 * *', '2026-04-11T00:00', '2026-05-21T00:00', '2026-05-01T00:00'],
  ['*/2 * * * * *', '2026-05-01T00:00', '2026-05-01T00:00:07', '2026-05-01T00:00:06'],
  ['30 4 * * 0', '2026-05-01T00:00', '2026-05-10T00:00', '2026-05-03T04:30'],
] as const)
  test(`${expression} after ${after} up to ${until}: ${expected ?? 'nothing'}`, (t) => {
    t.is(newestDue(scheduleOf(expression), at(after), at(until)), expected && at(expected));
  });

test('each instant is due once, whatever moments one looks at', (t) => {
  const schedule = scheduleOf('*/7 * * * *');
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 60 }), (gaps) => {
      const start = at('2026-05-01T00:00');
      let [now, after] = [start, start];
      for (const gap of gaps) {
        now += gap * 1000;
        const due = newestDue(schedule, after, now);
        if (due === undefined) continue;
        if (due <= after || due > now || new Date(due).getUTCMinutes() % 7 !== 0) return false;
        after = due;
      }
      return newestDue(schedule, after, now) === undefined;
    }),
    { numRuns: 200 },
  );
  t.pass();
});

test('the decision, with its reason', (t) => {
  const due = at('2026-05-02T03:00');
  const soon = due + 1000;
  t.deepEqual(decideRun(undefined, undefined, policy, soon), { wait: 'nothing is due yet' });
  t.deepEqual(decideRun(due, undefined, policy, soon), { start: { due, cause: 'scheduled', attempt: 1 } });
  t.deepEqual(decideRun(due, run({}), policy, due + 1e7), { start: { due, cause: 'missed', attempt: 1 } });
  t.deepEqual(decideRun(due, run({ due }), policy, soon), {
    wait: 'what was due at 2026-05-02T03:00:00.000Z is done',
  });
  const failed = run({ due, state: 'failed', attempt: 2, startedAt: due, endedAt: due + 1000 });
  t.deepEqual(decideRun(due, failed, policy, due + 2000), {
    wait: 'attempt 2 failed; the next is at 2026-05-02T03:02:01.000Z',
  });
  t.deepEqual(decideRun(due, failed, policy, due + 121_000), {
    start: { due, cause: 'scheduled', attempt: 3 },
  });
  t.deepEqual(decideRun(due, { ...failed, attempt: 3 }, policy, due + 1e9), {
    wait: 'what was due at 2026-05-02T03:00:00.000Z was given up after 3 attempts',
  });
  t.deepEqual(
    decideRun(due, run({ due, state: 'running', startedAt: due }), policy, due + 60_000),
    { start: { due, cause: 'scheduled', attempt: 2 } },
    'its trainer died',
  );
});
