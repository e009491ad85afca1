import type { Rule } from './rule.ts';

const chlorophyllLevels =
  'Above the 12 to 15 ug/L at which WHO and Korea call a first alert level, below the 24.5 to 77 ug/L at which ' +
  'buoys off Guangxi saw blooms peak; narrow it to the season and the water of each network.';
const oxygenLevels =
  'Fish avoid water below about 4 mg/L, and 2 mg/L is the usual definition of hypoxia; 5 mg/L is a common ' +
  'criterion for the protection of aquatic life.';

/** Starting points for chlorophyll (ug/L) and dissolved oxygen (mg/L); docs/alerts.md explains them. */
export const exampleRules: readonly Rule[] = [
  {
    id: 'chlorophyll-forecast',
    variable: 'chlorophyll',
    on: 'forecast',
    stations: '*',
    direction: 'above',
    level: 20,
    clear: 15,
    for: 0,
    severity: 'warning',
    text: 'Bloom conditions are forecast',
    provenance: chlorophyllLevels,
  },
  {
    id: 'chlorophyll-observed',
    variable: 'chlorophyll',
    on: 'observed',
    stations: '*',
    direction: 'above',
    level: 20,
    clear: 15,
    for: 7_200_000,
    severity: 'critical',
    text: 'Bloom conditions are observed',
    provenance: chlorophyllLevels,
  },
  {
    id: 'oxygen-forecast',
    variable: 'dissolvedOxygen',
    on: 'forecast',
    stations: '*',
    direction: 'below',
    level: 4,
    clear: 5,
    for: 0,
    severity: 'warning',
    text: 'Low oxygen is forecast: fish may suffer',
    provenance: oxygenLevels,
  },
  {
    id: 'oxygen-observed',
    variable: 'dissolvedOxygen',
    on: 'observed',
    stations: '*',
    direction: 'below',
    level: 4,
    clear: 5,
    for: 7_200_000,
    severity: 'critical',
    text: 'Low oxygen is observed: fish are at risk',
    provenance: oxygenLevels,
  },
];
