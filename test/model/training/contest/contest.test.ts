import test from 'ava';
import { uniform } from '../../../../src/model/engine/initial.ts';
import { engineBackend } from '../../../../src/model/engine-backend.ts';
import { type ContestOptions, contest } from '../../../../src/model/training/contest/contest.ts';
import { holdOutsOf, withoutOlder } from '../../../../src/model/training/contest/hold-outs.ts';
import type { Series } from '../../../../src/model/training/dataset.ts';
import type { Recipe } from '../../../../src/model/training/recipe.ts';
import { recipeOf } from '../../../../src/model/training/recipe-table.ts';
import { hour } from '../../samples.ts';

const week = 7 * 24 * hour;
const start = Date.UTC(2026, 0, 1);

/** What comes next is told by the last two values, and not by the last alone. */
function record(weeks: number): Series {
  const random = uniform(5);
  const length = (weeks * week) / hour;
  const values = new Float64Array(length);
  let [level, slope] = [10, 0];
  for (let at = 0; at < length; at++) {
    slope = 0.9 * slope + 0.2 * (random() - 0.5) - 0.002 * (level - 10);
    values[at] = level += slope;
  }
  return {
    station: 'B01',
    variable: 'salinity',
    start,
    step: hour,
    values,
    mask: new Uint8Array(length).fill(1),
  };
}

const named = (...names: string[]): Recipe[] => names.map((name) => recipeOf(name)!);
const options: ContestOptions = {
  challengers: named('lag-regression', 'climatology'),
  recentShare: 0.2,
  variables: [{ name: 'salinity', unit: '1e-3' }],
  step: hour,
  lookback: 24,
  horizons: [1, 3, 6],
  coverage: 0.5,
  seed: 1,
  backend: engineBackend(),
};

test('the better one wins over a plain champion; the worse one is told why not', async (t) => {
  const all = [record(40)];
  const champion = await recipeOf('persistence')!.fit(all, { ...options, onProgress: undefined });
  const { judged, winner, holdOuts } = await contest(all, { ...options, champion });
  for (const { challenge, verdict } of judged) t.log(challenge.network, verdict.reasons.join('; '));
  t.is(winner?.challenge.network, 'lag-regression');
  t.true(holdOuts.older.length >= 2);
  const climatology = judged.find(({ challenge }) => challenge.network === 'climatology')!;
  t.false(climatology.verdict.promote);
  t.regex(climatology.verdict.reasons.join(), /worse or not proven better than the champion/);
  const again = await contest(all, { ...options, champion: winner!.artifact });
  t.is(again.winner, undefined, 'it is no better than itself');
});

test('no candidate ever sees the recent hold-out, or the older one', async (t) => {
  const all = [record(40)];
  const holdOuts = holdOutsOf(all, options.recentShare);
  let seen = 0;
  const spy: Recipe = {
    name: 'lag-regression',
    fit: (series, given) => {
      for (const { start: from, mask, step } of series)
        mask.forEach((is, at) => {
          const time = from + at * step;
          if (!is) return;
          seen++;
          t.true(time + step <= holdOuts.recent.from);
          t.false(holdOuts.older.some((span) => time >= span.from && time < span.until));
        });
      return recipeOf('lag-regression')!.fit(series, given);
    },
  };
  await contest(all, { ...options, challengers: [spy] });
  t.true(seen > 3000);
  const kept = withoutOlder(all, holdOuts)[0]!;
  t.is(kept.mask.filter((is) => is === 0).length, holdOuts.older.length * 168);
});

test('the older weeks are the same whatever the run, and too little history proves nothing', async (t) => {
  const long = holdOutsOf([record(60)], 0.1).older.map(({ from }) => from);
  const short = holdOutsOf([record(40)], 0.1).older.map(({ from }) => from);
  t.deepEqual(long.slice(0, short.length), short);
  const { judged, winner } = await contest([record(4)], options);
  t.is(winner, undefined);
  for (const { verdict } of judged) t.regex(verdict.reasons.join(), /too few data/);
});

test("what can not be fitted is no candidate, and stands in nobody else's way", async (t) => {
  const broken: Recipe = { name: 'redtide', fit: () => Promise.reject(new Error('too little is measured')) };
  const { failed, judged } = await contest([record(40)], {
    ...options,
    challengers: [broken, ...named('lag-regression')],
  });
  t.deepEqual([...failed], [['redtide', 'too little is measured']]);
  t.deepEqual(
    judged.map(({ challenge }) => challenge.network),
    ['lag-regression'],
  );
});

test('a run that was killed goes on with what was fitted', async (t) => {
  const all = [record(40)];
  const kept = new Map();
  const keep = {
    get: async (name: string) => kept.get(name),
    put: async (name: string, artifact: unknown) => void kept.set(name, artifact),
  };
  let fits = 0;
  const counted = named('lag-regression').map(
    (recipe): Recipe => ({
      name: recipe.name,
      fit: (series, given) => {
        fits++;
        return recipe.fit(series, given);
      },
    }),
  );
  const first = await contest(all, { ...options, challengers: counted, keep });
  const second = await contest(all, { ...options, challengers: counted, keep });
  t.is(fits, 1);
  t.deepEqual(second.judged, first.judged);
});
