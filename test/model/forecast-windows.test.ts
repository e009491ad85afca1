import test from 'ava';
import { from, lastValueFrom, Subject, toArray } from 'rxjs';
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

test('each window is answered in its turn, by the model', async (t) => {
  const predictor = predictorOf(1);
  const answers = from(windows).pipe(
    forecastWindows(() => predictor, []),
    toArray(),
  );
  t.deepEqual(await lastValueFrom(answers), predictor.predict(windows));
});

test('without a model each variable is answered with the reason', async (t) => {
  const variables = ['chlorophyll', 'salinity'];
  const answers = await lastValueFrom(
    from(windows.slice(0, 1)).pipe(
      forecastWindows(() => undefined, variables),
      toArray(),
    ),
  );
  const { station, end: issuedAt, revision } = windows[0]!;
  const detail = 'no model is in service; train one, or copy an artifact into the model folder';
  t.deepEqual(
    answers,
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

test('a model that comes into service answers from the next window on, in the same turn', (t) => {
  let serving: Predictor | undefined;
  const source = new Subject<Window>();
  const answers: (Forecast | NoForecast)[] = [];
  source.pipe(forecastWindows(() => serving, ['chlorophyll'])).subscribe((answer) => answers.push(answer));
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
