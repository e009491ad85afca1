import { colours, type Dashboard } from './dashboard.ts';
import { alerts, oneStation, oneVariable } from './variables.ts';

const chosen = '"station" =~ /^$station$/ AND "variable" =~ /^$variable$/ AND $timeFilter';
const first = `${chosen} AND "revision" = '0'`;

/** One station: what was measured, with its flags, beside what was foretold when it was not known yet. */
export const stationBoard: Dashboard = {
  uid: 'redtide-station',
  title: 'Redtide: station',
  description: 'Measured in blue, first-issued forecasts in orange, each at the time that it is for.',
  variables: [oneStation, oneVariable],
  annotations: [alerts],
  rows: [
    [
      {
        type: 'timeseries',
        title: 'Measured and foretold',
        width: 24,
        height: 12,
        unit: 'short',
        description:
          'Step means with their extremes. A forecast is the first one issued, six steps ahead where there is one; late data change none.',
        queries: [
          {
            influxql: `SELECT MEAN("mean") FROM "step" WHERE ${chosen} AND "count" > 0 GROUP BY time($__interval), "sensor" fill(none)`,
            alias: 'measured ($tag_sensor)',
          },
          {
            influxql: `SELECT MIN("minimum") FROM "step" WHERE ${chosen} AND "count" > 0 GROUP BY time($__interval) fill(none)`,
            alias: 'minimum',
          },
          {
            influxql: `SELECT MAX("maximum") FROM "step" WHERE ${chosen} AND "count" > 0 GROUP BY time($__interval) fill(none)`,
            alias: 'maximum',
          },
          {
            influxql: `SELECT MEAN("q50") FROM "forecast" WHERE ${first} GROUP BY time($__interval), "horizon" fill(none)`,
            alias: 'forecast $tag_horizon steps ahead',
          },
        ],
        fields: {
          '^measured': { color: { mode: 'fixed', fixedColor: colours.truth }, 'custom.lineWidth': 2 },
          '^minimum$': { color: { mode: 'fixed', fixedColor: colours.truth }, 'custom.lineWidth': 0 },
          '^maximum$': {
            color: { mode: 'fixed', fixedColor: colours.truth },
            'custom.lineWidth': 0,
            'custom.fillBelowTo': 'minimum',
          },
          '^forecast': {
            color: { mode: 'fixed', fixedColor: colours.forecast },
            'custom.drawStyle': 'points',
            'custom.pointSize': 4,
          },
        },
      },
    ],
    [
      {
        type: 'timeseries',
        title: 'Readings',
        width: 12,
        height: 9,
        unit: 'short',
        description: 'As they came, failed ones too: a flag never changes a value.',
        queries: [
          {
            influxql: `SELECT MEAN("value") FROM "reading" WHERE ${chosen} AND "flag" < 3 GROUP BY time($__interval), "sensor" fill(none)`,
            alias: 'passed ($tag_sensor)',
          },
          {
            influxql: `SELECT MEAN("value") FROM "reading" WHERE ${chosen} AND "flag" = 3 GROUP BY time($__interval), "sensor" fill(none)`,
            alias: 'suspect ($tag_sensor)',
          },
          {
            influxql: `SELECT MEAN("value") FROM "reading" WHERE ${chosen} AND "flag" = 4 GROUP BY time($__interval), "sensor" fill(none)`,
            alias: 'failed ($tag_sensor)',
          },
        ],
        fields: {
          '^passed': { color: { mode: 'fixed', fixedColor: colours.truth } },
          '^suspect': { color: { mode: 'fixed', fixedColor: colours.doubt }, 'custom.drawStyle': 'points' },
          '^failed': { color: { mode: 'fixed', fixedColor: colours.bad }, 'custom.drawStyle': 'points' },
        },
      },
      {
        type: 'timeseries',
        title: 'Coverage of the steps',
        width: 12,
        height: 9,
        unit: 'percentunit',
        queries: [
          {
            influxql: `SELECT MEAN("coverage") FROM "step" WHERE ${chosen} GROUP BY time($__interval), "sensor" fill(none)`,
            alias: '$tag_sensor',
          },
        ],
      },
    ],
    [
      {
        type: 'table',
        title: 'Alerts here',
        width: 24,
        height: 8,
        unit: 'short',
        queries: [
          {
            influxql:
              'SELECT "rule", "from", "to", "severity", "value", "reason" FROM "alert" WHERE "station" =~ /^$station$/ AND $timeFilter ORDER BY time DESC LIMIT 200',
            format: 'table',
          },
        ],
      },
    ],
  ],
};
