import type { Annotation, Variable } from './dashboard.ts';

export const station: Variable = {
  name: 'station',
  label: 'Station',
  influxql: 'SHOW TAG VALUES FROM "step" WITH KEY = "station"',
  multi: true,
};

export const oneStation: Variable = { ...station, multi: false };

export const variable: Variable = {
  name: 'variable',
  label: 'Variable',
  influxql: 'SHOW TAG VALUES FROM "step" WITH KEY = "variable"',
  multi: true,
};

export const oneVariable: Variable = { ...variable, multi: false };

/** Alerts that begin or end, drawn over whatever is shown. */
export const alerts: Annotation = {
  name: 'Alerts',
  influxql:
    'SELECT "reason", "station", "rule", "to" FROM "alert" WHERE "station" =~ /^$station$/ AND ("to" = \'firing\' OR "to" = \'resolved\') AND $timeFilter',
  colour: 'red',
  text: 'reason',
  tags: 'rule',
};
