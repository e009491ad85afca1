import test from 'ava';
import fc from 'fast-check';
import { decideRollback, type ServiceChange } from '../../../src/model/training/service-history.ts';

/** `a>b` puts b in the place of a; `a<b` goes from a back to b. */
const changesOf = (text: string): ServiceChange[] =>
  text
    .split(' ')
    .filter(Boolean)
    .map(([from = '', sign, to = ''], time) => ({
      kind: sign === '<' ? 'rollback' : 'promote',
      time,
      from: from === '-' ? undefined : from,
      to,
    }));

for (const [changes, current, expected] of [
  ['->a a>b', 'b', 'a'],
  ['->a a>b b>c c<b', 'b', 'a'],
  ['->a a>b b<a a>c', 'c', 'a'],
  ['a>b', 'b', 'a'],
  ['->a a>b', 'x', 'b'],
  ['->a a>b b>a', 'a', 'b'],
] as const)
  test(`after ${changes}, with ${current} in service, back to ${expected}`, (t) => {
    t.deepEqual(decideRollback(changesOf(changes), current), { to: expected });
    t.deepEqual(decideRollback(changesOf(changes).reverse(), current), { to: expected }, 'in any order');
  });

for (const [changes, current, reason] of [
  ['', undefined, /no version is in service/],
  ['', 'a', /knows of no version before a/],
  ['->a a>b b<a', 'a', /knows of no version before a/],
] as const)
  test(`after "${changes}", with ${current} in service, there is nothing to go back to`, (t) => {
    const decision = decideRollback(changesOf(changes), current);
    t.regex('refused' in decision ? decision.refused : '', reason);
  });

test('roll-backs one after another go through what was promoted, in reverse, and end', (t) => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 8 }),
      (versions) => {
        const changes: ServiceChange[] = versions.map((to, time) => ({
          kind: 'promote',
          time,
          from: versions[time - 1],
          to,
        }));
        const seen = [versions.at(-1)!];
        for (let time = versions.length; time < 20; time++) {
          const decision = decideRollback(changes, seen.at(-1));
          if ('refused' in decision) break;
          changes.push({ kind: 'rollback', time, from: seen.at(-1), to: decision.to });
          seen.push(decision.to);
        }
        t.deepEqual(seen, [...versions].reverse());
      },
    ),
  );
});
