import test from 'ava';
import { engineBackend } from '../../src/model/engine-backend.ts';
import type { NoForecast } from '../../src/model/forecast.ts';
import { openPredictor } from '../../src/model/open-predictor.ts';
import { artifactOf, changed, scalings, windowOf } from './samples.ts';

const options = { coverage: 0, backend: engineBackend() };
const artifact = artifactOf({ variables: ['chlorophyll'] });
const { minimum, maximum } = scalings['chlorophyll']!;
const width = maximum - minimum;

const windowWith = (value: number, at: number, masked = false) => {
  const values = new Float64Array(6).fill(minimum + width / 2);
  values[at] = value;
  const mask = new Uint8Array(6).fill(1);
  if (masked) mask[at] = 0;
  return windowOf(1, { variables: ['chlorophyll'], values, mask });
};

const reasonFor = (...given: Parameters<typeof windowWith>) => {
  const [answer] = openPredictor(artifact, options).predict([windowWith(...given)]);
  return answer!.kind === 'forecast' ? undefined : (answer as NoForecast);
};

test('an input more than the width of the training range beyond it gets no forecast, wherever in the window', (t) => {
  for (const at of [0, 3, 5]) {
    t.is(reasonFor(maximum + 0.99 * width, at), undefined);
    t.is(reasonFor(minimum - 0.99 * width, at), undefined);
    t.is(reasonFor(maximum + 1.01 * width, at)?.reason, 'out-of-range');
    t.is(reasonFor(minimum - 1.01 * width, at)?.reason, 'out-of-range');
  }
  t.regex(
    reasonFor(999, 3)!.detail,
    /^999 is far outside 0.5 to 40.5, which model [0-9a-f]{12} was trained on$/,
  );
});

test('what is masked is no input, and other variables are their own matter', (t) => {
  t.is(reasonFor(999, 3, true), undefined);
  const values = Float64Array.from({ length: 12 }, (_, i) => (i % 2 ? 10 : 9999));
  const window = windowOf(1, {
    variables: ['salinity', 'chlorophyll'],
    values,
    mask: new Uint8Array(12).fill(1),
  });
  t.is(openPredictor(artifact, options).predict([window])[0]!.kind, 'forecast');
});

test('an artifact without a range takes any', (t) => {
  const open = changed(artifact, { variables: [{ name: 'chlorophyll', unit: 'ug/L' }] });
  t.is(openPredictor(open, options).predict([windowWith(999, 3)])[0]!.kind, 'forecast');
});

test('a batch is checked window by window', (t) => {
  const windows = [windowWith(10, 0), windowWith(999, 0), windowWith(11, 0)];
  const predictor = openPredictor(artifact, options);
  t.deepEqual(
    predictor.predict(windows),
    windows.flatMap((window) => predictor.predict([window])),
  );
  t.deepEqual(
    predictor.predict(windows).map(({ kind }) => kind),
    ['forecast', 'no-forecast', 'forecast'],
  );
});
