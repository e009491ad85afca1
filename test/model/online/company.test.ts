import test from 'ava';
import { Subject } from 'rxjs';
import { engineBackend } from '../../../src/model/engine-backend.ts';
import type { Forecast, NoForecast } from '../../../src/model/forecast.ts';
import { forecastWindows } from '../../../src/model/forecast-windows.ts';
import { companyOf, movedTo } from '../../../src/model/online/company.ts';
import { openPredictor } from '../../../src/model/open-predictor.ts';
import type { Predictor } from '../../../src/model/predictor.ts';
import { recipeOf } from '../../../src/model/training/recipe-table.ts';
import { gridsOf, windowAt } from '../../../src/model/training/station-grid.ts';
import { MemoryKeep } from '../../../src/stream/kept.ts';
import type { Window } from '../../../src/stream/window.ts';
import { hour } from '../samples.ts';
import { leader } from '../training/space/records.ts';

const stations = leader(300, 2);
const windowsAt = (newest: number): Window[] =>
  gridsOf(stations, ['chlorophyll']).map((grid) => windowAt(grid, newest, 6)!);
const whole = Array.from({ length: 40 }, (_, i) => 250 + i).find((at) =>
  stations.every(({ mask }) => mask[at] && mask[at + 1]),
)!;

let predictor: Predictor;
test.before(async () => {
  const artifact = await recipeOf('graph')!.fit(stations, {
    variables: [{ name: 'chlorophyll', unit: 'ug/L' }],
    step: hour,
    lookback: 6,
    horizons: [1],
    coverage: 0.5,
    seed: 1,
    ...{ epochs: 30 },
  });
  predictor = openPredictor(artifact, { coverage: 0.5, backend: engineBackend() });
});

test('a window moved to another end keeps what it holds of those steps, and masks the others', (t) => {
  const window = { ...windowsAt(whole)[0]!, mask: new Uint8Array(6).fill(1) };
  const later = movedTo(window, window.end + 2 * hour)!;
  t.deepEqual([...later.mask], [1, 1, 1, 1, 0, 0]);
  t.deepEqual(later.values.slice(0, 4), window.values.slice(2));
  const earlier = movedTo(window, window.end - hour)!;
  t.deepEqual([...earlier.mask], [0, 1, 1, 1, 1, 1]);
  t.deepEqual(earlier.values.slice(1), window.values.slice(0, 5));
  t.is(movedTo(window, window.end), window);
  t.is(movedTo(window, window.end + 6 * hour), undefined);
});

/** Forecasts of windows that become ready one record after the other. */
function oneByOne(windows: readonly Window[], keep: MemoryKeep): (Forecast | NoForecast)[] {
  const [source, ready] = [new Subject<Window>(), new Subject<void>()];
  const seen: (Forecast | NoForecast)[] = [];
  source
    .pipe(
      forecastWindows({
        predictor: () => predictor,
        variables: [],
        ready,
        company: companyOf({ keep, step: hour }),
      }),
    )
    .subscribe((item) => item.kind !== 'window' && seen.push(item));
  for (const window of windows) {
    source.next(window);
    ready.next();
  }
  return seen;
}

test('neighbours that reported before are heard, as if all had come together', (t) => {
  const seen = oneByOne(windowsAt(whole), new MemoryKeep());
  t.is(seen.length, 3, 'each window is answered once');
  t.deepEqual(seen[2], predictor.predict(windowsAt(whole))[2]);
  t.notDeepEqual(seen[1], predictor.predict([windowsAt(whole)[1]!])[0], 'B has heard A');
});

test('one that is a step behind is heard as far as it goes, and one that is ahead tells nothing of the future', (t) => {
  const [before, now] = [windowsAt(whole), windowsAt(whole + 1)];
  const behind = oneByOne([before[0]!, now[1]!], new MemoryKeep())[1];
  t.deepEqual(behind, predictor.predict([now[1]!, movedTo(before[0]!, now[1]!.end)!])[0]);
  const ahead = oneByOne([now[0]!, before[1]!], new MemoryKeep())[1];
  const other = { ...now[0]!, values: now[0]!.values.map((value, i) => (i === 5 ? value + 9 : value)) };
  t.deepEqual(oneByOne([other, before[1]!], new MemoryKeep())[1], ahead);
});

test('after a restart the same neighbours are heard', (t) => {
  const keep = new MemoryKeep();
  const [a, b] = windowsAt(whole);
  oneByOne([a!], keep);
  const restarted = new MemoryKeep(keep.takeDirty());
  t.deepEqual(oneByOne([b!], restarted)[0], oneByOne([a!, b!], new MemoryKeep())[1]);
});
