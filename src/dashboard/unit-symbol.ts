const symbols: Readonly<Record<string, string>> = { degC: '°C', 'ug/L': 'µg/L', '1e-3': 'PSU', '1': '' };

/** A unit of the table of variables (UDUNITS) as people write it. */
export const unitSymbol = (unit: string): string => symbols[unit] ?? unit;
