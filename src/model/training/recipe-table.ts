import { baselineNames } from '../baselines/baseline.ts';
import { imageNames } from '../space/image-runtime.ts';
import { baselineRecipe } from './baseline-recipe.ts';
import { lstmRecipe } from './lstm-recipe.ts';
import type { Recipe } from './recipe.ts';
import { redtideRecipe } from './redtide/recipe.ts';
import { graphFitter } from './space/fit-graph.ts';
import { imageFitter } from './space/image-fitter.ts';
import { nothingFitter, spaceRecipe } from './space/space-recipe.ts';

/** Everything that can be fitted, by the network it makes. A new kind is a line here, and one in open-predictor.ts. */
const table: readonly Recipe[] = [
  redtideRecipe,
  lstmRecipe('study-lstm'),
  lstmRecipe('original-lstm'),
  spaceRecipe('graph', graphFitter),
  spaceRecipe('own-past', nothingFitter),
  ...imageNames.map((name) => spaceRecipe(name, imageFitter(name))),
  ...baselineNames.map(baselineRecipe),
];

export const recipeNames: readonly string[] = table.map(({ name }) => name);

/** Undefined where nothing of this name can be fitted. */
export const recipeOf = (name: string): Recipe | undefined => table.find((own) => own.name === name);
