import test from 'ava';
import { createFleet } from '../../src/simulate/fleet.ts';
import { departure, type Scenario } from '../../src/simulate/scenario.ts';

const scenario: Scenario = {
  blooms: [],
  hypoxia: [],
  faults: [
    { kind: 'dead', station: 'B01', from: 100, to: 200 },
    { kind: 'wrong-clock', station: 'B02', from: 100, to: 200, ahead: 50 },
    { kind: 'late-burst', station: 'B02', from: 150, to: 250 },
  ],
};
const sent = (at: number, stamp: number) => ({ kind: 'sent' as const, at, stamp });

test('faults hold from their start, up to their end, at their station', (t) => {
  t.deepEqual(departure(scenario, 'B01', 99), sent(99, 99));
  t.deepEqual(departure(scenario, 'B01', 100), { kind: 'never', reason: 'dead' });
  t.deepEqual(departure(scenario, 'B01', 199), { kind: 'never', reason: 'dead' });
  t.deepEqual(departure(scenario, 'B01', 200), sent(200, 200));
  t.deepEqual(departure(scenario, 'B03', 150), sent(150, 150));
});

test('faults of one buoy add up: wrong stamps can come late', (t) => {
  t.deepEqual(departure(scenario, 'B02', 149), sent(149, 199));
  t.deepEqual(departure(scenario, 'B02', 150), sent(250, 200));
  t.deepEqual(departure(scenario, 'B02', 210), sent(250, 210));
  t.deepEqual(departure(scenario, 'B02', 250), sent(250, 250));
});

test('a dead buoy without an end never comes back', (t) => {
  const dead: Scenario = { ...scenario, faults: [{ kind: 'dead', station: 'B01', from: 100 }] };
  t.is(departure(dead, 'B01', Number.MAX_SAFE_INTEGER).kind, 'never');
});

test('in the quiet time no bloom of the schedule peaks', (t) => {
  const from = Date.UTC(2026, 0, 1);
  const to = from + 60 * 86_400_000;
  const peaks = (quiet: boolean) => {
    const fleet = createFleet({
      seed: 1,
      ...(quiet && { scenario: { blooms: [], hypoxia: [], faults: [], quiet: { from, to } } }),
    });
    let high = 0;
    for (let time = from + 12 * 86_400_000; time < to - 12 * 86_400_000; time += 3_600_000)
      for (const { id } of fleet.stations) {
        const { chlorophyll } = fleet.readingsAt(id, time).values;
        if (chlorophyll > 20 && chlorophyll < 150) high++;
      }
    return high;
  };
  t.is(peaks(true), 0);
  t.true(peaks(false) > 100);
});
