import { seal } from '../artifact.ts';
import type { BaselineName } from '../baselines/baseline.ts';
import { fitScaling } from '../features.ts';
import { hashOf, type Series, spanOf } from './dataset.ts';
import { fitBaseline } from './fit-baseline.ts';
import type { FitOptions, Recipe } from './recipe.ts';

/** A baseline for each variable that can be fitted. */
export const baselineRecipe = (name: BaselineName): Recipe => ({
  name,
  fit: async (series, options) => fitAll(name, series, options),
});

function fitAll(name: BaselineName, series: readonly Series[], options: FitOptions) {
  const { variables, step, lookback, horizons } = options;
  const used = series.filter(({ variable }) => variables.some((own) => own.name === variable));
  const body = fitBaseline(name, used, { ...options, variables: variables.map((own) => own.name) });
  if (body.variables.length === 0)
    throw new Error(
      `${name}: too little is measured of ${variables.map((own) => own.name).join(', ')}; give it more data`,
    );
  return seal(
    {
      network: name,
      lookback,
      step,
      horizons,
      stations: [...new Set(used.map(({ station }) => station))].sort(),
      data: { ...spanOf(used), hash: hashOf(used) },
      variables: body.variables.map((fitted) => ({
        name: fitted.name,
        unit: variables.find((own) => own.name === fitted.name)!.unit,
        range: rangeOf(used.filter(({ variable }) => variable === fitted.name)),
      })),
      body,
    },
    new Uint8Array(),
  );
}

function rangeOf(own: readonly Series[]) {
  const ranges = own.flatMap(({ values, mask }) => fitScaling(values, mask) ?? []);
  if (ranges.length === 0) return undefined;
  return {
    minimum: Math.min(...ranges.map(({ minimum }) => minimum)),
    maximum: Math.max(...ranges.map(({ maximum }) => maximum)),
  };
}
