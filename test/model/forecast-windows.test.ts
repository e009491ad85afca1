import test from 'ava';
import { from, lastValueFrom, NEVER, Subject, toArray } from 'rxjs';
import { engineBackend } from '../../src/model/engine-backend.ts';
import type { Forecast, NoForecast } from '../../src/model/forecast.ts';
import { forecastWindows } from '../../src/model/forecast-windows.ts';
import { lstmPredictor } from '../../src/model/lstm-predictor.ts';
import type { Predictor } from '../../src/model/predictor.ts';
import type { Window } from '../../src/stream/window.ts';
import { artifactOf, windowOf } from './samples.ts';

const predictorOf = (seed: number) =>
  lstmPredictor(artifactOf({ seed }), { backend: engineBackend(), coverage: 0 });
const windows = [1, 2, 3].map((seed) => windowOf(seed));

test('all windows that are ready go to the model in one call, and each comes out before what came of it', (t) => {
  const predictor = predictorOf(1);
  const calls: number[] = [];
  const counting: Predictor = {
    ...predictor,
    predict: (given) => {
      calls.push(given.length);
      return predictor.predict(given);
    },
  };
  const [source, ready] = [new Subject<Window>(), new Subject<void>()];
  const seen: (Window | Forecast | NoForecast)[] = [];
  source
    .pipe(forecastWindows({ predictor: () => counting, variables: [], ready }))
    .subscribe((item) => seen.push(item));
  for (const window of windows.slice(0, 2)) source.next(window);
  t.deepEqual(seen, []);
  ready.next();
  ready.next();
  source.next(windows[2]!);
  ready.next();
  t.deepEqual(calls, [2, 1]);
  t.deepEqual(
    seen,
    windows.flatMap((window) => [window, ...predictor.predict([window])]),
  );
});

test('without a model each variable is answered with the reason', async (t) => {
  const variables = ['chlorophyll', 'salinity'];
  const answers = await lastValueFrom(
    from(windows.slice(0, 1)).pipe(
      forecastWindows({ predictor: () => undefined, variables, ready: NEVER }),
      toArray(),
    ),
  );
  const { station, end: issuedAt, revision } = windows[0]!;
  const detail = 'no model is in service; train one, or copy an artifact into the model folder';
  t.deepEqual(
    answers.slice(1),
    variables.map((variable) => ({
      kind: 'no-forecast',
      station,
      variable,
      issuedAt,
      revision,
      reason: 'no-model',
      detail,
    })),
  );
});

test('a model that comes into service answers from the next batch on', (t) => {
  let serving: Predictor | undefined;
  const source = new Subject<Window>();
  const answers: (Forecast | NoForecast)[] = [];
  const options = { predictor: () => serving, variables: ['chlorophyll'], ready: source };
  source.pipe(forecastWindows(options)).subscribe((item) => {
    if (item.kind !== 'window') answers.push(item);
  });
  const models = windows.map((window, i) => {
    serving = i === 0 ? undefined : predictorOf(i);
    source.next(window);
    return serving?.id;
  });
  t.deepEqual(
    answers.map((answer) => (answer.kind === 'forecast' ? answer.model : undefined)),
    [undefined, models[1], models[1], models[2], models[2]],
  );
});

test('a sensor that the model was not trained on gets no forecast, and the reason', (t) => {
  const predictor: Predictor = {
    ...predictorOf(1),
    sensors: { 'buoy-1': { chlorophyll: 'a@1', dissolvedOxygen: 'b' } },
  };
  const [source, seen] = [new Subject<Window>(), [] as (Window | Forecast | NoForecast)[]];
  const deployment = (_: string, variable: string) => (variable === 'chlorophyll' ? 'a@2' : 'b');
  source
    .pipe(forecastWindows({ predictor: () => predictor, variables: [], ready: source, deployment }))
    .subscribe((item) => seen.push(item));
  for (const station of ['buoy-1', 'buoy-2']) source.next(windowOf(1, { station }));
  const told = seen.flatMap((item) =>
    item.kind === 'window' ? [] : [item.kind === 'forecast' ? 'forecast' : item.reason],
  );
  t.deepEqual(told, ['sensor', 'forecast', 'forecast', 'forecast']);
  const none = seen.find((item): item is NoForecast => item.kind === 'no-forecast')!;
  t.regex(none.detail, /buoy-1 measures chlorophyll with a@2, model [0-9a-f]{12} was trained on a@1/);
});
