// Artifacts, windows and steps, the same for the same seed.
import { type Artifact, type Draft, reseal, seal } from '../../src/model/artifact.ts';
import { uniform } from '../../src/model/engine/initial.ts';
import type { LstmBody } from '../../src/model/lstm-artifact.ts';
import { recipes } from '../../src/model/networks/recipes.ts';
import { packTensors } from '../../src/model/weights-file.ts';
import type { Step } from '../../src/stream/step.ts';
import type { Window } from '../../src/stream/window.ts';

export const hour = 3_600_000;
/** 2026-06-01T00:00Z */
export const june = Date.UTC(2026, 5, 1);

export const scalings: Readonly<Record<string, { readonly minimum: number; readonly maximum: number }>> = {
  chlorophyll: { minimum: 0.5, maximum: 40.5 },
  dissolvedOxygen: { minimum: 2, maximum: 12 },
};

export function artifactOf({
  seed = 1,
  lookback = 6,
  variables = Object.keys(scalings),
} = {}): Artifact<LstmBody> {
  const { spec, start } = recipes['study-lstm'];
  const { weights, places } = packTensors(
    variables.map((_, i) => start(seed + i)),
    spec,
  );
  return seal(
    {
      network: 'study-lstm',
      lookback,
      step: hour,
      horizons: [1, 2, 3],
      stations: ['buoy-1'],
      data: { from: '2026-01-01T00:00:00.000Z', to: '2026-06-01T00:00:00.000Z', hash: '0123456789abcdef' },
      variables: variables.map((name) => ({
        name,
        unit: 'mg/m3',
        range: scalings[name] ?? { minimum: 0, maximum: 1 },
      })),
      body: {
        hidden: spec.hidden,
        variables: variables.map((name, i) => ({
          scaling: scalings[name] ?? { minimum: 0, maximum: 1 },
          tensors: places[i]!,
          training: {
            samples: 1,
            seed: seed + i,
            epochs: 1,
            learningRate: 1e-3,
            batch: 128,
            losses: [0.25],
            deadHeads: [],
            backend: 'none',
          },
        })),
      },
    },
    weights,
  );
}

/** The artifact with a changed manifest, and the identity that goes with it. */
export function changed<Body>({ manifest, weights }: Artifact<Body>, change: object): Artifact<Body> {
  return reseal(manifest, change as Partial<Draft<Body>>, weights);
}

/** The artifact with a changed body, and the identity that goes with it. */
export const embodied = (artifact: Artifact<LstmBody>, change: object): Artifact<LstmBody> =>
  changed(artifact, { body: { ...artifact.manifest.body, ...change } });

/** As it lies in manifest.json. */
export const textOf = ({ manifest }: Artifact) => JSON.stringify(manifest, null, 2);

/** The artifact with other numbers in the weights, by name, in every variable. */
export function withWeights(
  artifact: Artifact<LstmBody>,
  numbers: Record<string, number | readonly number[]>,
): Artifact<LstmBody> {
  const weights = artifact.weights.slice();
  const view = new DataView(weights.buffer);
  for (const { tensors } of artifact.manifest.body.variables)
    for (const { name, shape, offset } of tensors) {
      const value = numbers[name];
      if (value === undefined) continue;
      const size = shape.reduce((a, b) => a * b);
      for (let i = 0; i < size; i++)
        view.setFloat32(offset + 4 * i, typeof value === 'number' ? value : value[i]!, true);
    }
  return reseal(artifact.manifest, {}, weights);
}

/** A window with numbers within and around the scalings; about a fifth of its older cells is masked. */
export function windowOf(seed: number, change: Partial<Window> = {}): Window {
  const variables = change.variables ?? ['dissolvedOxygen', 'chlorophyll'];
  const lookback = change.lookback ?? 6;
  const next = uniform(seed);
  const cells = lookback * variables.length;
  const newest = cells - variables.length;
  const mask = Uint8Array.from({ length: cells }, (_, i) => (i >= newest || next() < 0.8 ? 1 : 0));
  return {
    kind: 'window',
    station: `buoy-${seed % 7}`,
    end: june + seed * hour,
    revision: seed % 3,
    step: hour,
    lookback,
    variables,
    values: Float64Array.from({ length: cells }, (_, i) => (mask[i] ? 15 * next() : 0)),
    mask,
    coverage: Float64Array.from(mask),
    ...change,
  };
}

/** Steps of one sensor from `june` on; NaN makes one without a reading that passed, undefined none at all. */
export function stepsOf(
  values: readonly (number | undefined)[],
  { station = 'buoy-1', sensor = 'a', variable = 'chlorophyll', start = june, length = hour } = {},
): Step[] {
  return values.flatMap((mean, i) => {
    if (mean === undefined) return [];
    const count = Number.isNaN(mean) ? 0 : 6;
    return {
      kind: 'step',
      station,
      sensor,
      variable,
      start: start + i * length,
      length,
      mean,
      count,
      minimum: mean,
      maximum: mean,
      deviation: count ? 0 : NaN,
      coverage: count / 6,
      flag: count ? 1 : 4,
      revision: 0,
    };
  });
}

/** A daily wave with blooms and a little noise: something that can be learned. */
export function wave(length: number, seed = 1): number[] {
  const next = uniform(seed);
  return Array.from(
    { length },
    (_, i) =>
      5 + 2 * Math.sin((2 * Math.PI * i) / 24) + 8 * Math.exp(-(((i % 200) - 100) ** 2) / 200) + next(),
  );
}
