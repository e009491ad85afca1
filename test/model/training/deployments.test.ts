import test from 'ava';
import { gather } from '../../../src/model/training/dataset.ts';
import { deploymentsOf } from '../../../src/model/training/deployments.ts';
import { gridsOf } from '../../../src/model/training/station-grid.ts';
import { hour, june, stepsOf } from '../samples.ts';

test('what lies before a break is another station, so that no window reaches over it', async (t) => {
  const series = await gather(stepsOf([1, 2, 3, 4, 5, 6, 7, 8]), hour);
  const cut = deploymentsOf(series, () => [june + 3 * hour]);
  t.deepEqual(
    cut.map(({ station, start, values }) => [station, start, [...values]]),
    [
      ['buoy-1@2026-06-01T03:00:00.000Z', june, [1, 2, 3]],
      ['buoy-1', june + 3 * hour, [4, 5, 6, 7, 8]],
    ],
  );
  t.deepEqual(
    gridsOf(cut, ['chlorophyll']).map(({ steps }) => steps),
    [5, 3],
  );
  t.deepEqual(
    deploymentsOf(series, () => []),
    series,
  );
});
