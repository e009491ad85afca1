import test from 'ava';
import fc from 'fast-check';
import { createFleet, type Fleet } from '../../src/simulate/fleet.ts';
import { solubility } from '../../src/simulate/oxygen.ts';
import { demoScenario } from '../../src/simulate/scenario.ts';
import { type Measured, measured } from '../../src/simulate/sensor.ts';
import { cadence, stations } from '../../src/simulate/stations.ts';

const hour = 3_600_000;
const start = Date.UTC(2026, 0, 1);
const ids = stations.map(({ id }) => id);

const days = 180;
const worlds = new Map<string, Record<Measured, number[]>>();

/** Hourly values without the rare glitches of the sensors: the median of three neighbours. Computed once. */
function hourly(fleet: Fleet, station: string, from: number, hours: number): Record<Measured, number[]> {
  const all = measured.map((variable) => [variable, [] as number[]] as const);
  for (let time = from; time < from + hours * hour; time += hour) {
    const near = [time - cadence, time, time + cadence].map((at) => fleet.readingsAt(station, at).values);
    for (const [variable, values] of all)
      values.push(near.map((one) => one[variable]).sort((a, b) => a - b)[1]!);
  }
  return Object.fromEntries(all) as Record<Measured, number[]>;
}

/** Half a year of hourly values of a station in the world of a seed. */
function world(seed: number, station: string): Record<Measured, number[]> {
  const key = `${seed} ${station}`;
  let known = worlds.get(key);
  if (!known) worlds.set(key, (known = hourly(createFleet({ seed }), station, start, days * 24)));
  return known;
}

/** One value a day at an hour of UTC; the bay's own noon is at 4:23. */
const atHour = (values: readonly number[], utc: number) => values.filter((_, n) => n % 24 === utc);

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Correlation of two series of equal length (Pearson). */
function correlation(a: readonly number[], b: readonly number[]): number {
  const [ma, mb] = [mean(a), mean(b)];
  const sum = (product: (x: number, y: number) => number) =>
    a.reduce((total, x, n) => total + product(x - ma, b[n]! - mb), 0);
  return sum((x, y) => x * y) / Math.sqrt(sum((x) => x * x) * sum((_, y) => y * y));
}

test('a pure function of seed, station and time, in any order', (t) => {
  const moment = fc.record({
    station: fc.constantFrom(...ids),
    time: fc.integer({ min: 0, max: 4000 * 144 }).map((n) => Date.UTC(2020, 0, 1) + n * cadence),
  });
  fc.assert(
    fc.property(fc.integer(), fc.array(moment, { minLength: 1, maxLength: 20 }), (seed, moments) => {
      const fleet = createFleet({ seed });
      const forward = moments.map(({ station, time }) => fleet.readingsAt(station, time));
      const backward = moments.toReversed().map(({ station, time }) => fleet.readingsAt(station, time));
      const alone = moments.map(({ station, time }) => createFleet({ seed }).readingsAt(station, time));
      t.deepEqual(forward, backward.toReversed());
      t.deepEqual(forward, alone);
    }),
    { numRuns: 50 },
  );
});

test('another seed is another world', (t) => {
  t.notDeepEqual(
    createFleet({ seed: 1 }).readingsAt('B01', start).values,
    createFleet({ seed: 2 }).readingsAt('B01', start).values,
  );
});

test('a station that is not of the fleet is named in the error', (t) => {
  t.throws(() => createFleet({ seed: 1 }).readingsAt('B99', start), { message: /"B99".*B01, B02/ });
});

const plausible: Record<Measured, { within: readonly [number, number]; varies: number }> = {
  airTemperature: { within: [4, 42], varies: 10 },
  waterTemperature: { within: [13, 34], varies: 6 },
  salinity: { within: [2, 38], varies: 1.5 },
  chlorophyll: { within: [0.2, 130], varies: 10 },
  dissolvedOxygen: { within: [0.2, 14], varies: 1.5 },
};

for (const variable of measured)
  test(`${variable} stays within what such a bay can have, and varies`, (t) => {
    const { within, varies } = plausible[variable];
    for (const seed of [1, 2])
      for (const id of ids) {
        const values = world(seed, id)[variable];
        const [lowest, highest] = [Math.min(...values), Math.max(...values)];
        t.true(lowest >= within[0] && highest <= within[1], `seed ${seed} ${id}: ${lowest} to ${highest}`);
        t.true(highest - lowest > varies, `seed ${seed} ${id}: ${lowest} to ${highest}`);
      }
  });

test('summer is warmer than winter, and the afternoon than the night', (t) => {
  const { waterTemperature, airTemperature } = world(1, 'B04');
  const [winter, summer] = [mean(waterTemperature.slice(0, 480)), mean(waterTemperature.slice(-480))];
  t.true(summer > winter + 4, `${winter} to ${summer} degC`);
  t.true(mean(atHour(airTemperature, 6)) > mean(atHour(airTemperature, 20)) + 1.5, 'local 14 h against 4 h');
});

test('the tide moves salinity about twice a day, more inshore', (t) => {
  const changes = (values: readonly number[]) => values.slice(6).map((value, n) => value - values[n]!);
  const [inner, outer] = [changes(world(1, 'B03').salinity), changes(world(1, 'B08').salinity)];
  const size = (values: readonly number[]) => mean(values.map(Math.abs));
  t.true(size(inner) > 2 * size(outer), `${size(inner)} against ${size(outer)} in 6 h`);
  const after = (hours: number) => correlation(inner.slice(0, -hours), inner.slice(hours));
  t.true(after(25) > 0.3 && after(25) > after(18), `${after(25)} after a tidal day, ${after(18)} after 18 h`);
});

test('solubility of oxygen agrees with the tables of Benson and Krause', (t) => {
  const table = [
    [0, 0, 14.62],
    [20, 0, 9.09],
    [25, 0, 8.26],
    [30, 0, 7.56],
    [20, 35, 7.4],
  ] as const;
  for (const [temperature, salinity, expected] of table)
    t.true(Math.abs(solubility(temperature, salinity) - expected) < 0.02, `${temperature} degC, ${salinity}`);
});

test('oxygen stays below 1.5 times saturation, and rises by day with the algae', (t) => {
  for (const id of ids) {
    const { dissolvedOxygen, waterTemperature, salinity } = world(1, id);
    const share = dissolvedOxygen.map((value, n) => value / solubility(waterTemperature[n]!, salinity[n]!));
    t.true(Math.max(...share) < 1.5, `${id}: ${Math.max(...share)}`);
    t.true(Math.abs(mean(share) - 0.93) < 0.08, `${id}: ${mean(share)}`);
  }
  const { dissolvedOxygen } = world(1, 'B03');
  t.true(
    mean(atHour(dissolvedOxygen, 9)) > mean(atHour(dissolvedOxygen, 21)) + 0.5,
    'local 17 h against 5 h',
  );
});

/** Hours at which a series passes 20 ug/L upward after a day below it. */
function onsets(values: readonly number[]): number[] {
  return values.flatMap((value, n) =>
    n >= 24 && value > 20 && values.slice(n - 24, n).every((before) => before <= 20) ? [n] : [],
  );
}

test('blooms come several times a month somewhere in the bay, and most are preceded by hours of growth', (t) => {
  const all = ids.map((id) => world(1, id).chlorophyll);
  const perStation = all.map((values) => onsets(values).length);
  t.true(
    perStation.every((n) => n >= 3 && n <= 40),
    `blooms of each station in 180 days: ${perStation}`,
  );
  t.true(Math.max(...perStation) >= 10, `${perStation}`);
  for (const [n, values] of all.entries()) {
    const grown = onsets(values).filter((at) => values[at - 6]! < 0.9 * values[at]! && values[at - 6]! > 5);
    t.true(
      grown.length >= 0.8 * onsets(values).length,
      `${ids[n]}: ${grown.length} of ${onsets(values).length}`,
    );
  }
});

test('growth tells the next hours: the slope foresees chlorophyll better than persistence', (t) => {
  const values = world(1, 'B04').chlorophyll;
  const rising = values.map((_, n) => n).filter((n) => n > 6 && n < values.length - 3 && values[n]! > 10);
  const error = (guess: (n: number) => number) =>
    mean(rising.map((n) => Math.abs(guess(n) - values[n + 3]!)));
  const trend = error((n) => values[n]! + (values[n]! - values[n - 6]!) / 2);
  const persistence = error((n) => values[n]!);
  t.true(trend < 0.95 * persistence, `${trend} against ${persistence} ug/L`);
});

test('oxygen falls below 4 mg/L some days after some blooms, and seldom otherwise', (t) => {
  let low = 0;
  let afterBloom = 0;
  for (const id of ids) {
    const { dissolvedOxygen: oxygen, chlorophyll: algae } = world(1, id);
    for (const [n, value] of oxygen.entries()) {
      if (value >= 4 || n < 96) continue;
      low++;
      if (Math.max(...algae.slice(n - 96, n)) > 8) afterBloom++;
    }
  }
  t.true(low > 50, `${low} hours`);
  t.true(afterBloom > 0.9 * low, `${afterBloom} of ${low}`);
});

test('glitches are rare, and too large to be water', (t) => {
  const fleet = createFleet({ seed: 6 });
  let glitches = 0;
  const records = 40 * 144;
  for (const id of ids)
    for (let n = 0; n < records; n++) {
      const { chlorophyll, dissolvedOxygen, salinity } = fleet.readingsAt(id, start + n * cadence).values;
      if (chlorophyll > 150 || dissolvedOxygen > 14.5 || salinity < 14) glitches++;
    }
  const expected = ((ids.length * records) / 1500) * (3 / 5);
  t.true(glitches > expected / 2 && glitches < expected * 2, `${glitches}, expected ${expected}`);
});

test('sensors do not stand still: no value repeats in 6 readings', (t) => {
  const fleet = createFleet({ seed: 2 });
  for (let n = 0; n < 500; n++)
    for (const variable of ['chlorophyll', 'dissolvedOxygen', 'salinity', 'waterTemperature'] as const) {
      const six = Array.from({ length: 6 }, (_, k) => {
        return fleet.readingsAt('B07', start + (n * 6 + k) * cadence).values[variable];
      });
      t.true(new Set(six).size > 1);
    }
});

test('the story of the demonstration is told as announced, whatever the seed', (t) => {
  for (const seed of [1, 7, 42]) {
    const begin = Date.UTC(2026, 4, 1);
    const fleet = createFleet({ seed, scenario: demoScenario(begin) });
    const bloom = hourly(fleet, 'B04', begin, 96).chlorophyll;
    const [onset] = onsets(bloom);
    t.true(
      onset !== undefined && onset >= 27 && onset <= 35,
      `seed ${seed}: passes 20 ug/L at hour ${onset}`,
    );
    const peak = bloom.indexOf(Math.max(...bloom));
    t.true(peak >= 36 && peak <= 46, `seed ${seed}: peaks at hour ${peak}`);
    const oxygen = hourly(fleet, 'B02', begin, 96).dissolvedOxygen;
    const lowest = oxygen.indexOf(Math.min(...oxygen));
    t.true(lowest >= 52 && lowest <= 64, `seed ${seed}: oxygen is lowest at hour ${lowest}`);
    t.true(oxygen[lowest]! < 3.5 && oxygen[30]! > 5, `${oxygen[30]}, ${oxygen[lowest]}`);
    for (const id of ids.filter((id) => id !== 'B04'))
      t.true(Math.max(...hourly(fleet, id, begin, 24).chlorophyll) < 12, `seed ${seed}: ${id} begins calm`);
  }
});
