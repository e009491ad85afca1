import test from 'ava';
import { ArtifactRefused } from '../../src/model/artifact.ts';
import type { Forecast } from '../../src/model/forecast.ts';
import type { Predictor } from '../../src/model/predictor.ts';
import { trial } from '../../src/model/trial.ts';
import type { Window } from '../../src/stream/window.ts';
import { artifactOf } from './samples.ts';

const { manifest } = artifactOf();

const answering = (predict: Predictor['predict']): Predictor => ({
  id: manifest.id,
  backend: 'none',
  predict,
  dispose: () => {},
});
const saying = (value: number) =>
  answering(([window]) => [
    { kind: 'forecast', variable: 'x', issuedAt: window!.end, values: [[value]] } as unknown as Forecast,
  ]);

test('a model forecasts once, of a window as it was trained on, with all of it measured', (t) => {
  const seen: Window[] = [];
  trial(
    answering((windows) => {
      seen.push(...windows);
      return [];
    }),
    manifest,
  );
  t.is(seen.length, 1);
  t.like(seen[0], { station: 'buoy-1', step: manifest.step, lookback: 6 });
  t.deepEqual([...seen[0]!.values.slice(0, 2)], [20.5, 7]);
  t.true(seen[0]!.mask.every((one) => one === 1) && seen[0]!.values.length === 12);
});

test('one that fails, or says what is no number, is refused', (t) => {
  t.notThrows(() => trial(saying(3), manifest));
  t.throws(() => trial(saying(Number.NaN), manifest), {
    instanceOf: ArtifactRefused,
    message: /a trial forecast of x is NaN/,
  });
  const broken = answering(() => {
    throw new Error('no memory');
  });
  t.throws(() => trial(broken, manifest), { instanceOf: ArtifactRefused, message: /failed: no memory/ });
});
