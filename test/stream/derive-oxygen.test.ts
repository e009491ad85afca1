import test from 'ava';
import { from, lastValueFrom, toArray } from 'rxjs';
import { deriveOxygen } from '../../src/stream/derive-oxygen.ts';
import type { Step, StepBatch } from '../../src/stream/step.ts';

const hour = 3_600_000;

const step = (variable: string, mean: number, more: Partial<Step> = {}): Step => ({
  kind: 'step',
  station: 'B01',
  sensor: 'exo',
  variable,
  start: 0,
  length: hour,
  mean,
  count: 6,
  minimum: mean - 1,
  maximum: mean + 1,
  deviation: 0.5,
  coverage: 1,
  flag: 1,
  revision: 0,
  ...more,
});

const batch = (steps: readonly Step[], revision = 0): StepBatch => ({
  kind: 'steps',
  station: 'B01',
  start: 0,
  length: hour,
  revision,
  steps,
  idle: false,
});

async function derived(given: StepBatch, salinity?: number) {
  const [out] = await lastValueFrom(
    from([given]).pipe(deriveOxygen({ salinity: () => salinity }), toArray()),
  );
  t0(out!.steps.slice(0, given.steps.length), given.steps);
  return out!.steps.slice(given.steps.length);
}

const t0 = (a: unknown, b: unknown) => {
  if (JSON.stringify(a) !== JSON.stringify(b)) throw new Error('the measured steps were changed');
};

test('percent of saturation, with the worst flag, the least coverage and the newest revision', async (t) => {
  const [own, ...others] = await derived(
    batch([
      step('dissolvedOxygen', 4.512, { coverage: 0.9 }),
      step('waterTemperature', 10, { flag: 3, revision: 2 }),
      step('salinity', 35, { coverage: 0.8 }),
    ]),
  );
  t.is(others.length, 0);
  t.like(own, { variable: 'oxygenSaturation', sensor: 'exo', flag: 3, revision: 2, coverage: 0.8, count: 6 });
  t.is(own!.mean.toFixed(1), '50.0');
  t.is((own!.maximum - own!.minimum).toFixed(2), (200 / 9.024).toFixed(2));
});

test('each sensor of oxygen has its own water; where it has none, the first by name', async (t) => {
  const all = await derived(
    batch([
      step('dissolvedOxygen', 9.09, { sensor: 'top' }),
      step('dissolvedOxygen', 9.09, { sensor: 'other' }),
      step('waterTemperature', 20, { sensor: 'top' }),
      step('waterTemperature', 0, { sensor: 'bottom' }),
    ]),
    0,
  );
  t.deepEqual(
    all.map(({ sensor, mean }) => [sensor, Math.round(mean)]),
    [
      ['top', 100],
      ['other', 62],
    ],
  );
});

test('without temperature or salinity there is none, and a correction that takes them away withdraws it', async (t) => {
  const oxygen = step('dissolvedOxygen', 8);
  t.deepEqual(await derived(batch([oxygen, step('waterTemperature', 20)])), []);
  t.deepEqual(await derived(batch([oxygen]), 0), []);
  const failed = step('waterTemperature', Number.NaN, { count: 0, flag: 4 });
  t.like((await derived(batch([oxygen, failed], 1), 0))[0], {
    variable: 'oxygenSaturation',
    count: 0,
    coverage: 0,
  });
});

test('a station that reports saturation keeps its own', async (t) => {
  const own = [step('dissolvedOxygen', 8), step('waterTemperature', 20), step('oxygenSaturation', 77)];
  t.deepEqual(await derived(batch(own), 0), []);
});
