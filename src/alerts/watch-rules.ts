import type { Severity } from './alert.ts';
import { ownRuleIds, type Rule } from './rule.ts';

/** What the watch over the stations tells of, in hours: since the newest value came, and since the newest forecast. */
export const dataAge = 'dataAge';
export const forecastAge = 'forecastAge';

/** For people, beside the table of variables. */
export const watchUnits = { [dataAge]: 'h', [forecastAge]: 'h' };
export const watchTitles = {
  [dataAge]: 'age of the newest value',
  [forecastAge]: 'age of the newest forecast',
};

/** No forecast for so many hours of a variable that was forecast before. */
const withoutForecast = 6;

/**
 * Rules that nobody has to write, since silence is not an all-clear: where nothing is known, no warning can come, and
 * people are told so, once for each station. When it is too long without data, the watchdog knows (stream/watchdog.ts).
 */
export const watchRules = (severity: Severity): readonly Rule[] => [
  rule(
    ownRuleIds.data,
    'No data',
    dataAge,
    0,
    severity,
    'Check the buoy, its gateway and the link, or measure by hand: no warning can come from there.',
  ),
  rule(
    ownRuleIds.forecast,
    'No forecasts',
    forecastAge,
    withoutForecast,
    severity,
    'Look at what is measured: no early warning can come from there until there are forecasts again.',
  ),
];

/** It is known at once, by one sign, and holds until a sign to the contrary. JSON knows no infinity. */
const always = {
  for: 0,
  agree: 1,
  passes: 1,
  fresh: Number.MAX_SAFE_INTEGER,
  silence: Number.MAX_SAFE_INTEGER,
};

const rule = (
  id: string,
  text: string,
  variable: string,
  level: number,
  severity: Severity,
  action: string,
): Rule => ({
  id,
  text,
  hazard: id,
  stations: '*',
  grades: [
    {
      severity,
      action,
      when: { variable, on: 'watch', measure: 'value', direction: 'above', level, clear: level },
    },
  ],
  ...always,
});
