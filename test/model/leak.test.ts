import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import { Subject } from 'rxjs';
import { engineBackend } from '../../src/model/engine-backend.ts';
import { forecastWindows } from '../../src/model/forecast-windows.ts';
import { lineUpOf } from '../../src/model/line-up/line-up.ts';
import { chooseMember } from '../../src/model/online/choose-member.ts';
import { verifyForecasts } from '../../src/model/online/verify-forecasts.ts';
import { openPredictor } from '../../src/model/open-predictor.ts';
import { gather } from '../../src/model/training/dataset.ts';
import { recipeOf } from '../../src/model/training/recipe-table.ts';
import type { Window } from '../../src/stream/window.ts';
import { artifactOf, hour, june, stepsOf, wave, windowOf } from './samples.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** How many forecasts; `REDTIDE_PREDICTIONS=1000000` for the million. */
const count = Number(process.env['REDTIDE_PREDICTIONS'] ?? 24_000);

/** Bytes in use, after what nobody holds is gone. */
function inUse(): number {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test('predictions without end, verified and calibrated, take no more memory than some', async (t) => {
  t.timeout(3_600_000);
  const series = await gather(stepsOf(wave(400)), hour);
  const shape = {
    variables: [{ name: 'chlorophyll', unit: 'ug/L' }],
    step: hour,
    lookback: 6,
    horizons: [1, 2, 3],
  };
  const persistence = await recipeOf('persistence')!.fit(series, { ...shape, coverage: 0, seed: 1 });
  const network = artifactOf({ variables: ['chlorophyll'] });
  const lineUp = lineUpOf([persistence, network], [], ['persistence', 'study-lstm']);
  const members = new Map([persistence, network].map((one) => [one.manifest.id, one]));
  const predictor = openPredictor(lineUp, { coverage: 0, backend: engineBackend(), members });
  const [source, ready] = [new Subject<Window>(), new Subject<void>()];
  let forecasts = 0;
  source
    .pipe(
      forecastWindows({ predictor: () => predictor, variables: [], ready }),
      chooseMember({ step: hour, revisable: 2 * hour }),
      verifyForecasts({ step: hour, revisable: 2 * hour }),
    )
    .subscribe((item) => {
      if (item.kind === 'forecast') forecasts++;
    });
  const base = windowOf(1, { variables: ['chlorophyll'], mask: new Uint8Array(6).fill(1) });
  const round = (at: number) => {
    for (let station = 0; station < 20; station++)
      source.next({ ...base, station: `buoy-${station}`, end: june + at * hour, revision: 0 });
    ready.next();
  };
  const rounds = count / 20;
  const warm = Math.min(1000, rounds / 2);
  for (let at = 0; at < warm; at++) round(at);
  const before = inUse();
  for (let at = warm; at < rounds; at++) round(at);
  const grown = inUse() - before;
  t.is(forecasts, count);
  t.log(
    `${forecasts} forecasts, each of two members: ${Math.round(grown / 1024)} KiB more in use, ${Math.round(before / 2 ** 20)} MiB before`,
  );
  t.true(grown < 2 * 2 ** 20, `${grown} bytes more`);
});
