/**
 * The units that sensors of water and air report in, by the names that loggers use for them. Values are converted
 * within a dimension: base = value * factor + offset.
 */
interface Unit {
  readonly dimension: string;
  readonly factor: number;
  readonly offset?: number;
}

const families: readonly (readonly [names: string, Unit])[] = [
  ['degC °C ℃ C celsius Celsius deg_C degree_C degrees_celsius Cel', { dimension: 'temperature', factor: 1 }],
  [
    'degF °F ℉ F fahrenheit Fahrenheit deg_F [degF]',
    { dimension: 'temperature', factor: 5 / 9, offset: -160 / 9 },
  ],
  ['K kelvin Kelvin', { dimension: 'temperature', factor: 1, offset: -273.15 }],
  ['mg/L mg/l mg_L g/m3 ppm mg.L-1 g.m-3', { dimension: 'mass concentration', factor: 1 }],
  [
    'ug/L ug/l µg/L μg/L ug_L mg/m3 mg_m3 ppb ug.L-1 mg.m-3',
    { dimension: 'mass concentration', factor: 1e-3 },
  ],
  ['g/L g/l kg/m3 g_L', { dimension: 'mass concentration', factor: 1e3 }],
  ['umol/L umol/l µmol/L μmol/L umol_L uM µM μM mmol/m3', { dimension: 'amount concentration', factor: 1 }],
  ['mmol/L mmol/l mM', { dimension: 'amount concentration', factor: 1e3 }],
  // 1 mL of oxygen at standard temperature and pressure is 44.6596 umol (SCOR WG 142, 2018).
  ['mL/L ml/l ml/L mL_L', { dimension: 'gas volume', factor: 44.6596 }],
  ['1e-3 PSU psu PSS PSS-78 pss ppt', { dimension: 'practical salinity', factor: 1 }],
  ['1', { dimension: 'ratio', factor: 1 }],
  ['% pct percent', { dimension: 'ratio', factor: 1e-2 }],
  ['RFU FFU', { dimension: 'relative fluorescence', factor: 1 }],
  ['mS/cm mS_cm', { dimension: 'conductivity', factor: 1 }],
  ['uS/cm µS/cm μS/cm uS_cm', { dimension: 'conductivity', factor: 1e-3 }],
  ['S/m', { dimension: 'conductivity', factor: 10 }],
  ['NTU FNU FTU', { dimension: 'turbidity', factor: 1 }],
  ['m', { dimension: 'length', factor: 1 }],
  ['cm', { dimension: 'length', factor: 1e-2 }],
  ['m/s m_s', { dimension: 'speed', factor: 1 }],
  ['kn kt knots', { dimension: 'speed', factor: 1852 / 3600 }],
  ['hPa mbar mb', { dimension: 'pressure', factor: 1 }],
  ['kPa', { dimension: 'pressure', factor: 10 }],
  ['Pa', { dimension: 'pressure', factor: 1e-2 }],
  ['deg degree degrees degT', { dimension: 'angle', factor: 1 }],
];

const units = new Map(
  families.flatMap(([names, unit]) => names.split(' ').map((name) => [name, unit] as const)),
);

/** Molar mass in g/mol, of the variables for which amount and mass convert. */
const molarMass: Readonly<Record<string, number>> = { dissolvedOxygen: 31.998 };

export const isUnit = (name: string) => units.has(name);

/**
 * A function from values in `from` to values in `to`, or undefined where none is known. Salinity on the practical
 * scale has the unit 1 (CF writes 1e-3 for it): both names stand for the same numbers there. Amounts of oxygen
 * become masses by its molar mass; per kilogram of sea water would need the density and is refused.
 */
export function conversion(
  from: string,
  to: string,
  variable: string,
): ((value: number) => number) | undefined {
  if (from === to) return (value) => value;
  const source = unitFor(from, variable);
  const target = unitFor(to, variable);
  if (!source || !target || source.dimension !== target.dimension) return undefined;
  if (source.factor === target.factor && source.offset === target.offset) return (value) => value;
  return (value) => (value * source.factor + (source.offset ?? 0) - (target.offset ?? 0)) / target.factor;
}

function unitFor(name: string, variable: string): Unit | undefined {
  if (variable === 'salinity' && name === '1') return units.get('PSU');
  const unit = units.get(name);
  const mass = Object.hasOwn(molarMass, variable) ? molarMass[variable] : undefined;
  if (!unit || mass === undefined) return unit;
  const amount = unit.dimension === 'amount concentration' || unit.dimension === 'gas volume';
  return amount ? { dimension: 'mass concentration', factor: (unit.factor * mass) / 1000 } : unit;
}
