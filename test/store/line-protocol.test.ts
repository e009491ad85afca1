import test from 'ava';
import fc from 'fast-check';
import { encodeLine, type Line, reasonAgainst } from '../../src/store/line-protocol.ts';
import { startInflux } from '../servers.ts';
import { parseLine } from './line-parser.ts';

const line = (change: Partial<Line> = {}): Line => ({
  measurement: 'm',
  tags: { station: 'B01' },
  floats: { value: 1.5 },
  time: 1000,
  ...change,
});

test('writes a line as InfluxDB documents it', (t) => {
  const encoded = encodeLine({
    measurement: 'my reading',
    tags: { station: 'a b,c=d', sensor: 'x\\y' },
    floats: { value: -0.25 },
    integers: { flag: 4 },
    texts: { why: 'say "no" \\ twice' },
    booleans: { late: true },
    time: -5,
  });
  t.is(
    encoded,
    'my\\ reading,station=a\\ b\\,c\\=d,sensor=x\\y value=-0.25,flag=4i,why="say \\"no\\" \\\\ twice",late=true -5',
  );
});

/** Short and full of what the protocol gives a meaning to. */
const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom(',', '=', ' ', '\\', '"', '\n', '\r', '#', 'i', '\0', '\ud800', ''),
    fc.string({ unit: 'grapheme', maxLength: 1 }),
  ),
  maxLength: 8,
});
const number = fc.double().map((value) => value + 0);
const anyLine: fc.Arbitrary<Line> = fc.record({
  measurement: fc.constantFrom('reading', 'a b'),
  tags: fc.record({ station: hostile, 'sensor name': hostile }),
  floats: fc.record({ value: number, q5: number }),
  integers: fc.record({ flag: fc.oneof(fc.integer(), fc.maxSafeInteger(), number) }),
  texts: fc.record({ reason: hostile, 'le,f=t': hostile }),
  booleans: fc.record({ late: fc.boolean() }),
  time: fc.oneof(fc.integer(), fc.maxSafeInteger()),
});

/** Mostly good, so that the rest of a batch is worth something. */
const goodLine = anyLine.filter((one) => reasonAgainst(one) === undefined);

test('a line that is not refused is read back as it was, and is one line', (t) => {
  let good = 0;
  fc.assert(
    fc.property(anyLine, (given) => {
      if (reasonAgainst(given)) return;
      good++;
      const { measurement, tags, fields, time } = parseLine(encodeLine(given));
      const integers = Object.entries(given.integers!).map(([name, integer]) => [name, { integer }]);
      t.deepEqual(
        { measurement, tags, fields, time },
        {
          measurement: given.measurement,
          tags: given.tags,
          fields: { ...given.floats, ...Object.fromEntries(integers), ...given.texts, ...given.booleans },
          time: given.time,
        },
      );
    }),
    { numRuns: 3000 },
  );
  t.true(good > 30, `${good} lines were good`);
});

test('refuses with a reason that names the place and the value', (t) => {
  const cases: [Partial<Line>, RegExp][] = [
    [{ tags: { station: '' } }, /^station "" is empty$/],
    [{ tags: { station: 'a\nb' } }, /^station "a\\nb" has a line break/],
    [{ tags: { station: 'a\u0000' } }, /control character/],
    [{ tags: { station: 'a\\' } }, /^station "a\\\\" ends with a backslash$/],
    [{ tags: { station: 'é'.repeat(128) } }, /longer than 255 bytes/],
    [{ tags: { station: 'a\udc00' } }, /not well-formed/],
    [{ floats: { mean: Number.NaN } }, /^mean NaN is not a finite number$/],
    [{ floats: { mean: Number.NEGATIVE_INFINITY } }, /^mean -Infinity/],
    [{ floats: { mean: undefined as unknown as number } }, /^mean undefined/],
    [{ integers: { flag: 1.5 } }, /^flag 1.5 is not an integer$/],
    [{ integers: { flag: 2 ** 53 } }, /^flag 9007199254740992/],
    [{ texts: { reason: '\ud800' } }, /^reason .* not well-formed/],
    [{ texts: { reason: 'é'.repeat(33_000) } }, /longer than 65000 bytes/],
    [{ time: 0.5 }, /^time 0.5 is not a whole number/],
    [{ time: -9_223_372_036_854 }, /1677 to 2262/],
  ];
  t.is(reasonAgainst(line()), undefined);
  for (const [change, reason] of cases) t.regex(reasonAgainst(line(change)) ?? 'nothing', reason);
});

test('InfluxDB itself takes every line that is not refused, and gives the same back', async (t) => {
  const server = await startInflux(t);
  if (!server) return;
  const ask = (path: string, body?: string) =>
    fetch(`${server.url}${path}`, { method: 'POST', body: body ?? '' });
  await ask('/query?q=CREATE+DATABASE+d');
  let run = 0;
  await fc.assert(
    fc.asyncProperty(goodLine, async (given) => {
      const measurement = `m${run++}`;
      const answer = await ask('/write?db=d&precision=ms', encodeLine({ ...given, measurement }));
      t.is(answer.status, 204, await answer.text());
      const query = new URLSearchParams({ db: 'd', epoch: 'ms', q: `SELECT * FROM ${measurement}` });
      const { results } = (await (await ask(`/query?${query}`)).json()) as {
        results: { series: { columns: string[]; values: unknown[][] }[] }[];
      };
      const { columns, values } = results[0]!.series[0]!;
      t.is(values.length, 1);
      const row = Object.fromEntries(columns.map((name, at) => [name, values[0]![at]]));
      const { tags, floats, integers, texts, booleans, time } = given;
      t.deepEqual(row, { ...tags, ...floats, ...integers, ...texts, ...booleans, time });
    }),
    { numRuns: 150 },
  );
});
