import test from 'ava';
import { conversion } from '../../src/ingest/unit.ts';

const near = (actual: number | undefined, expected: number) =>
  actual !== undefined && Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected));
const converted = (value: number, from: string, to: string, variable = 'x') =>
  conversion(from, to, variable)?.(value);

test('temperatures', (t) => {
  t.true(near(converted(212, 'degF', 'degC'), 100));
  t.true(near(converted(-40, '°F', 'degC'), -40));
  t.true(near(converted(273.15, 'K', 'degC'), 0));
  t.true(near(converted(0, 'degC', 'K'), 273.15));
  t.true(near(converted(20, 'celsius', 'degF'), 68));
});

test('oxygen: amount and volume to mass, by 31.998 g/mol', (t) => {
  t.true(near(converted(250, 'umol/L', 'mg/L', 'dissolvedOxygen'), 7.9995));
  t.true(near(converted(7.9995, 'mg/L', 'µmol/L', 'dissolvedOxygen'), 250));
  // 1.429 mg/mL is the factor that the older literature uses.
  t.true(Math.abs(converted(1, 'mL/L', 'mg/L', 'dissolvedOxygen')! - 1.429) < 0.001);
  t.is(conversion('umol/L', 'mg/L', 'nitrate'), undefined, 'no molar mass is known');
  t.is(conversion('umol/kg', 'mg/L', 'dissolvedOxygen'), undefined, 'needs the density');
  t.is(conversion('%', 'mg/L', 'dissolvedOxygen'), undefined);
});

test('chlorophyll, salinity and others by their names', (t) => {
  t.true(near(converted(3, 'mg/m3', 'ug/L', 'chlorophyll'), 3));
  t.true(near(converted(0.003, 'mg/L', 'µg/L', 'chlorophyll'), 3));
  t.is(converted(35, 'PSU', '1e-3', 'salinity'), 35);
  t.is(converted(35, '1', '1e-3', 'salinity'), 35);
  t.is(conversion('1', '1e-3', 'fraction'), undefined);
  t.true(near(converted(5, 'mS/cm', 'S/m'), 0.5));
  t.is(conversion('RFU', 'ug/L', 'chlorophyll'), undefined);
});

test('the same name needs no table; unknown names and other dimensions give nothing', (t) => {
  t.is(converted(1.5, 'frobs', 'frobs'), 1.5);
  for (const [from, to] of [
    ['frobs', 'degC'],
    ['degC', 'frobs'],
    ['degC', 'mg/L'],
    ['constructor', 'degC'],
    ['', 'degC'],
  ])
    t.is(conversion(from!, to!, 'x'), undefined, `${from} to ${to}`);
});
