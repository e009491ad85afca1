import test from 'ava';
import { engineBackend } from '../../../../src/model/engine-backend.ts';
import { contest } from '../../../../src/model/training/contest/contest.ts';
import { recipeOf } from '../../../../src/model/training/recipe-table.ts';
import { hour } from '../../samples.ts';
import { leader } from './records.ts';

const options = {
  challengers: [recipeOf('graph')!],
  recentShare: 0.2,
  settings: (name: string) => (name === 'graph' ? { epochs: 60 } : {}),
  variables: [{ name: 'chlorophyll', unit: 'ug/L' }],
  step: hour,
  lookback: 12,
  horizons: [3],
  coverage: 0.5,
  seed: 1,
  backend: engineBackend(),
};
const length = 2000;

test('the gate lets a graph pass that hears a neighbour who leads', async (t) => {
  const { winner, judged } = await contest(leader(length, 3), options);
  t.is(winner?.challenge.network, 'graph', judged[0]?.verdict.reasons.join('; '));
  t.true(winner!.challenge.recent.overBaselines['lag-regression']!.value > 0.02);
});
