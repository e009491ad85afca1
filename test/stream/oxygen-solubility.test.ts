import test from 'ava';
import { oxygenSolubility } from '../../src/stream/oxygen-solubility.ts';

test('the check value of the paper: 6.315 cm3/dm3 at 10 degC and 35', (t) => {
  t.is((oxygenSolubility(10, 35)! / ((31.998 * 44.6596) / 1000)).toFixed(3), '6.315');
});

/** Fresh water at one atmosphere, mg/L: USGS Technical Memorandum 2011.03, table of Benson and Krause's equations. */
const freshWater = [
  [0, 14.62],
  [5, 12.77],
  [10, 11.29],
  [15, 10.08],
  [20, 9.09],
  [25, 8.26],
  [30, 7.56],
] as const;

test('the published table of fresh water', (t) => {
  for (const [temperature, solubility] of freshWater)
    t.true(Math.abs(oxygenSolubility(temperature, 0)! - solubility) < 0.011, `${temperature} degC`);
});

test('outside what was measured there is none', (t) => {
  for (const [temperature, salinity] of [
    [-3, 35],
    [41, 35],
    [10, -1],
    [10, 43],
    [Number.NaN, 35],
    [10, Number.NaN],
  ] as const)
    t.is(oxygenSolubility(temperature, salinity), undefined);
});
