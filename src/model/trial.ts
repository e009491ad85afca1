import type { Window } from '../stream/window.ts';
import { ArtifactRefused, type Manifest } from './artifact.ts';
import type { Predictor } from './predictor.ts';

/**
 * Has a model forecast once before it serves: what it needs is then loaded and compiled, and one that can't, or gives
 * what is no number, is known before the present one goes.
 *
 * @throws {ArtifactRefused} where it does not.
 */
export function trial(predictor: Predictor, manifest: Manifest): void {
  for (const answer of forecasts(predictor, manifest)) {
    if (answer.kind !== 'forecast' || answer.values.flat().every(Number.isFinite)) continue;
    throw new ArtifactRefused(
      `model ${manifest.id}: a trial forecast of ${answer.variable} is ${answer.values.flat().join(' ')}`,
    );
  }
}

function forecasts(predictor: Predictor, manifest: Manifest) {
  try {
    return predictor.predict([middling(manifest)]);
  } catch (error) {
    throw new ArtifactRefused(`model ${manifest.id}: a trial forecast failed: ${(error as Error).message}`);
  }
}

/** Everything measured, and in the middle of what the model has seen. */
function middling({ lookback, step, stations, variables, data }: Manifest): Window {
  const cells = lookback * variables.length;
  const means = variables.map(({ range }) => (range ? (range.minimum + range.maximum) / 2 : 1));
  const to = Date.parse(data?.to);
  return {
    kind: 'window',
    station: stations[0] ?? 'trial',
    end: Number.isFinite(to) ? Math.floor(to / step) * step : 0,
    revision: 0,
    step,
    lookback,
    variables: variables.map(({ name }) => name),
    values: Float64Array.from({ length: cells }, (_, cell) => means[cell % means.length]!),
    mask: new Uint8Array(cells).fill(1),
    coverage: new Float64Array(cells).fill(1),
  };
}
