import test from 'ava';
import fc from 'fast-check';
import { decideFates, type Held, type Holding, type Service, usesOf } from '../../src/model/retention.ts';

const day = 86_400_000;
const held = (id: string, time: number, more: Partial<Held> = {}): Held => ({
  id,
  time,
  members: [],
  reach: 3 * day,
  ...more,
});

const ids = [...'abcdefgh'];
const id = fc.constantFrom(...ids);
const instant = fc.integer({ min: 0, max: 50 });
const holdings: fc.Arbitrary<Holding> = fc.record({
  versions: fc.uniqueArray(
    fc.record({
      id,
      time: instant,
      members: fc.array(id, { maxLength: 3 }),
      reach: fc.constant(0),
    }),
    { selector: (one) => one.id },
  ),
  current: fc.option(id, { nil: undefined }),
  uses: fc.array(
    fc.record({ id, because: fc.constant('needed'), until: fc.option(instant, { nil: undefined }) }),
  ),
  newest: fc.integer({ min: 0, max: 4 }),
  now: instant,
});

/** Why a version must stay, each by a look of its own at everything. */
function owed({ versions, current, uses, newest, now }: Holding, asked: string): boolean {
  const itself = (one: string) => {
    const version = versions.find((other) => other.id === one);
    const newer = versions.filter(
      ({ time }, at) => time > version!.time || (time === version!.time && at < versions.indexOf(version!)),
    );
    return (
      one === current ||
      uses.some((use) => use.id === one && (use.until ?? Number.POSITIVE_INFINITY) > now) ||
      newer.length < newest
    );
  };
  return itself(asked) || versions.some((other) => other.members.includes(asked) && itself(other.id));
}

test('what somebody needs, the newest, and what those are made of stay; nothing else does', (t) => {
  fc.assert(
    fc.property(holdings, (holding) => {
      const fates = decideFates(holding);
      t.deepEqual(
        fates.map((fate) => fate.id),
        holding.versions.map((one) => one.id),
      );
      for (const fate of fates) t.is(fate.stays, owed(holding, fate.id), fate.reason);
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

test('each fate has its reason', (t) => {
  const versions = [held('a', 1), held('b', 2), held('c', 3), held('l', 4, { members: ['b'] }), held('n', 5)];
  const uses = [
    { id: 'c', because: 'the journal names it' },
    { id: 'l', because: 'forecasts of it are stored', until: 10 * day },
    { id: 'a', because: 'forecasts of it are stored', until: 2 * day },
  ];
  t.deepEqual(
    decideFates({ versions, current: 'n', uses, newest: 1, now: 5 * day }).map(({ reason }) => reason),
    [
      'nothing refers to it',
      'a member of l',
      'the journal names it',
      'forecasts of it are stored, until 1970-01-11',
      'should serve',
    ],
  );
});

const view = (services: Service[], more = {}) => ({
  services,
  versions: [],
  journalFirst: 100,
  retention: 10 * day,
  mayHaveServed: () => undefined,
  ...more,
});

test('what served is needed while the journal names it, and until its last forecasts leave the store', (t) => {
  const uses = usesOf(
    view(
      [
        { id: 'a', to: 5 * day, record: 99 },
        { id: 'b', to: 6 * day, record: 100 },
        { id: 'c', record: 101 },
      ],
      { versions: [held('a', 0)] },
    ),
  );
  const of = (one: string) => uses.filter((use) => use.id === one);
  t.deepEqual(of('a'), [{ id: 'a', because: 'forecasts of it are stored', until: 18 * day }]);
  t.deepEqual(
    of('b').map(({ because }) => because),
    ['served before', 'the journal names it', 'forecasts of it are stored'],
  );
  t.deepEqual(
    of('c').map(({ because }) => because),
    ['serves', 'the journal names it'],
  );
});

test('a store that keeps forecasts for ever keeps their versions for ever', (t) => {
  const uses = usesOf(view([{ id: 'a', to: 1 }], { retention: undefined }));
  t.true(uses.some(({ id, until }) => id === 'a' && until === undefined));
});

test('of a version that nothing is known of it counts when it may have served', (t) => {
  const versions = [held('old', 1), held('new', 9 * day)];
  const uses = usesOf(
    view([], { versions, mayHaveServed: ({ time }: Held) => (time < day ? 8 * day : undefined) }),
  );
  t.deepEqual(uses, [{ id: 'old', because: 'forecasts of it may be stored', until: 21 * day }]);
});
