import { colours, type Dashboard } from './dashboard.ts';
import { station, variable } from './variables.ts';

const chosen = '"station" =~ /^$station$/ AND "variable" =~ /^$variable$/ AND $timeFilter';

/** Whether the forecasts deserve trust: each first-issued one beside what was measured. */
export const skillBoard: Dashboard = {
  uid: 'redtide-skill',
  title: 'Redtide: forecast skill',
  description:
    'Made of verifications: each first-issued forecast beside its truth. Skill is 1 minus the RMSE over that of persistence, or of climatology: the mean of that hour of the day over the last 30 days.',
  from: 'now-30d',
  variables: [station, variable],
  annotations: [
    {
      name: 'Model versions',
      influxql: `SELECT DISTINCT("model") AS "model" FROM "verification" WHERE ${chosen} GROUP BY time(1d)`,
      colour: 'blue',
      text: 'model',
      tags: '',
    },
  ],
  rows: [
    [
      {
        type: 'timeseries',
        title: 'Skill over persistence, by steps ahead',
        width: 8,
        height: 10,
        unit: 'percentunit',
        queries: [
          {
            influxql: `SELECT MEAN("skill") FROM "verification" WHERE ${chosen} GROUP BY time($__interval), "horizon" fill(none)`,
            alias: '$tag_horizon steps',
          },
        ],
        thresholds: [
          [null, colours.bad],
          [0, colours.good],
        ],
      },
      {
        type: 'timeseries',
        title: 'Skill over climatology, by steps ahead',
        width: 8,
        height: 10,
        unit: 'percentunit',
        queries: [
          {
            influxql: `SELECT MEAN("skillOverClimatology") FROM "verification" WHERE ${chosen} GROUP BY time($__interval), "horizon" fill(none)`,
            alias: '$tag_horizon steps',
          },
        ],
        thresholds: [
          [null, colours.bad],
          [0, colours.good],
        ],
      },
      {
        type: 'timeseries',
        title: 'Coverage of the 80 % interval',
        width: 8,
        height: 10,
        unit: 'percentunit',
        queries: [
          {
            influxql: `SELECT MEAN("coverage") FROM "verification" WHERE ${chosen} GROUP BY time($__interval), "horizon" fill(none)`,
            alias: '$tag_horizon steps',
          },
        ],
      },
    ],
    [
      {
        type: 'timeseries',
        title: 'Bias: forecast minus measured',
        width: 12,
        height: 9,
        unit: 'short',
        queries: [
          {
            influxql: `SELECT MEAN("bias") FROM "verification" WHERE ${chosen} GROUP BY time($__interval), "variable", "horizon" fill(none)`,
            alias: '$tag_variable, $tag_horizon steps',
          },
        ],
      },
      {
        type: 'timeseries',
        title: 'Drift: 1 and more says that errors have grown for good',
        width: 12,
        height: 9,
        unit: 'short',
        queries: [
          {
            influxql: `SELECT MAX("drift") FROM "verification" WHERE ${chosen} GROUP BY time($__interval), "variable", "horizon" fill(none)`,
            alias: '$tag_variable, $tag_horizon steps',
          },
        ],
        thresholds: [
          [null, colours.good],
          [1, colours.bad],
        ],
      },
    ],
    [
      {
        type: 'timeseries',
        title: 'Forecast and truth',
        width: 24,
        height: 10,
        unit: 'short',
        queries: [
          {
            influxql: `SELECT MEAN("measured") FROM "verification" WHERE ${chosen} GROUP BY time($__interval), "variable" fill(none)`,
            alias: 'measured, $tag_variable',
          },
          {
            influxql: `SELECT MEAN("forecast") FROM "verification" WHERE ${chosen} GROUP BY time($__interval), "variable", "horizon" fill(none)`,
            alias: 'forecast, $tag_variable, $tag_horizon steps',
          },
        ],
        fields: {
          '^measured': { color: { mode: 'fixed', fixedColor: colours.truth } },
          '^forecast': { color: { mode: 'fixed', fixedColor: colours.forecast } },
        },
      },
    ],
    [
      {
        type: 'table',
        title: 'How it stands',
        width: 24,
        height: 10,
        unit: 'short',
        queries: [
          {
            influxql: `SELECT LAST("verified") AS "verified", "skill", "skillOverClimatology", "coverage", "bias", "drift", "network", "model" FROM "verification" WHERE ${chosen} GROUP BY "station", "variable", "horizon"`,
            format: 'table',
          },
        ],
      },
    ],
  ],
};
