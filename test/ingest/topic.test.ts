import test from 'ava';
import fc from 'fast-check';
import { matcher, patternProblem, subscription } from '../../src/ingest/topic.ts';

const level = fc.stringMatching(/^[a-z0-9 $_-]{0,4}$/);
const topic = fc.array(level, { minLength: 1, maxLength: 5 }).map((levels) => levels.join('/'));

/** MQTT's rules as plainly as they can be written: level by level, recursively. */
function matches(filter: readonly string[], given: readonly string[], first = true): boolean {
  const [want, ...wants] = filter;
  const [have, ...haves] = given;
  if (first && have?.startsWith('$') && (want === '+' || want === '#')) return false;
  if (want === '#') return true;
  if (want === undefined || have === undefined) return want === have;
  return (want === '+' || want === have) && matches(wants, haves, false);
}

const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { maxLength: 4 }), fc.boolean())
  .map(([levels, open]) => (open ? [...levels, '#'] : levels).join('/'))
  .filter((text) => text !== '');

test('matches as MQTT does', (t) => {
  let hits = 0;
  fc.assert(
    fc.property(filter, topic, (pattern, given) => {
      if (given === '') return;
      const expected = matches(pattern.split('/'), given.split('/'));
      if (expected) hits++;
      t.is(matcher(pattern)(given) !== undefined, expected, `${pattern} on ${given}`);
    }),
    { numRuns: 3000 },
  );
  t.true(hits > 100, `only ${hits} topics matched`);
});

test('a topic made from a pattern gives its names back', (t) => {
  const names = fc.uniqueArray(fc.constantFrom('station', 'region', 'sensor'), {
    minLength: 1,
    maxLength: 3,
  });
  const text = fc.string({ minLength: 1, maxLength: 8 }).filter((one) => !/[/\0]/.test(one));
  fc.assert(
    fc.property(names, fc.array(text, { minLength: 3, maxLength: 3 }), fc.boolean(), (list, values, open) => {
      const pattern = ['net', ...list.map((name) => `{${name}}`), ...(open ? ['#'] : ['telemetry'])].join(
        '/',
      );
      const given = ['net', ...list.map((_, at) => values[at]!), ...(open ? [] : ['telemetry'])].join('/');
      t.deepEqual(matcher(pattern)(given), Object.fromEntries(list.map((name, at) => [name, values[at]!])));
      t.is(subscription(pattern), pattern.replaceAll(/\{\w+\}/g, '+'));
    }),
  );
});

test('a pattern that is accepted gives a filter that is one, and matches what the filter does', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', '+', '#', '{x}', '{y}', '', 'b#'), { minLength: 1 }),
      topic,
      (parts, given) => {
        const pattern = parts.join('/');
        if (patternProblem(pattern)) return void t.throws(() => matcher(pattern));
        t.is(patternProblem(subscription(pattern)), undefined);
        if (matcher(pattern)(given)) t.truthy(matcher(subscription(pattern))(given));
      },
    ),
  );
});

test('the buoy of the examples', (t) => {
  const match = matcher('buoys/{station}/telemetry');
  t.is(subscription('buoys/{station}/telemetry'), 'buoys/+/telemetry');
  t.deepEqual(match('buoys/b1/telemetry'), { station: 'b1' });
  t.is(match('buoys//telemetry'), undefined);
  t.is(match('buoys/b1/telemetry/x'), undefined);
});

test('bad patterns are refused with the clause', (t) => {
  for (const [pattern, clause] of [
    ['', /4\.7\.3-1/],
    ['a\0', /4\.7\.3-2/],
    ['x'.repeat(65_536), /4\.7\.3-3/],
    ['a/#/b', /4\.7\.1-2/],
    ['a/b#', /4\.7\.1-2/],
    ['a+/b', /4\.7\.1-3/],
    ['{x}/{x}', /\{x\} stands twice/],
    ['b-{x}', /whole level/],
    ['{x y}', /whole level/],
  ] as const)
    t.regex(patternProblem(pattern) ?? '', clause, pattern.slice(0, 20));
});
