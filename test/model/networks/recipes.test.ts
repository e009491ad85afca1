import test from 'ava';
import { weightNames } from '../../../src/model/engine/spec.ts';
import { type LstmRecipe, recipes } from '../../../src/model/networks/recipes.ts';

const numbersOf = ({ start, spec }: LstmRecipe) => {
  const weights = start(1);
  const counted = weightNames.filter((name) => spec.biases !== 1 || name !== 'bias_hh');
  return counted.reduce((sum, name) => sum + weights[name].length, 0);
};

test("the study's network has 4,579 parameters, its first one 158", (t) => {
  t.is(numbersOf(recipes['study-lstm']), 4579);
  t.is(numbersOf(recipes['original-lstm']), 4 * 5 * (1 + 5 + 1) + 3 * (5 + 1));
});

test("the study's network starts within 1 / sqrt(32) in every tensor, biases too, and reaches the ends", (t) => {
  const bound = 1 / Math.sqrt(32);
  const extremes = weightNames.map((name) => {
    const all = [1, 2, 3].flatMap((seed) => [...recipes['study-lstm'].start(seed)[name]]);
    return [name, Math.min(...all), Math.max(...all)] as const;
  });
  for (const [name, least, most] of extremes) {
    t.true(least >= -bound && most <= bound, `${name} lies within [${least}, ${most}]`);
    if (name !== 'head_bias')
      t.true(least < -0.98 * bound && most > 0.98 * bound, `${name}: [${least}, ${most}]`);
  }
  t.true(extremes.some(([, least, most]) => least < -0.1763 && most > 0.1763));
});
