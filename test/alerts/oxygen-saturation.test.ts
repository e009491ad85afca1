import test from 'ava';
import { oxygenSaturation, oxygenSolubility, saturationSteps } from '../../src/alerts/oxygen-saturation.ts';
import { stepAt } from './evidence.ts';

test('the check value of Garcia and Gordon (1992): 6.315 mL/L at 10 degC and salinity 35', (t) => {
  t.is(oxygenSolubility(10, 35).toFixed(3), '6.315');
});

test('saturation is a share of what the water holds, and fresh water holds more', (t) => {
  t.is(Math.round(oxygenSaturation(1.42905 * 6.3148, 10, 35)), 100);
  t.true(oxygenSaturation(8, 25, 35) > oxygenSaturation(8, 25, 0));
});

test('a cell with oxygen, temperature and salinity gives one step for each sensor of oxygen, as doubtful as the worst', (t) => {
  const cell = [
    stepAt(0, 8, { variable: 'dissolvedOxygen', sensor: 'top' }),
    stepAt(0, 4, { variable: 'dissolvedOxygen', sensor: 'bottom' }),
    stepAt(0, 20, { variable: 'waterTemperature' }),
    stepAt(0, 30, { variable: 'salinity', flag: 3 }),
  ];
  const [top, bottom] = saturationSteps(cell);
  t.is(top!.mean, oxygenSaturation(8, 20, 30));
  t.like(bottom, { sensor: 'bottom', variable: 'oxygenSaturation', flag: 3 });
  t.deepEqual(saturationSteps(cell.slice(0, 3)), []);
  t.deepEqual(saturationSteps([...cell, stepAt(0, 90, { variable: 'oxygenSaturation' })]), []);
});
