import type { Dashboard } from './dashboard.ts';
import { alerts as marks, station } from './variables.ts';

const chosen = '"station" =~ /^$station$/ AND $timeFilter';

/** What was warned of, when, and on what evidence. */
export const alertsBoard: Dashboard = {
  uid: 'redtide-alerts',
  title: 'Redtide: alerts',
  description: 'Every transition of every alert. A stale alert is not over: nothing is known.',
  from: 'now-30d',
  variables: [station],
  annotations: [marks],
  rows: [
    [
      {
        type: 'stat',
        title: 'Fired',
        width: 8,
        height: 4,
        unit: 'short',
        queries: [{ influxql: `SELECT COUNT("onset") FROM "alert" WHERE ${chosen} AND "to" = 'firing'` }],
      },
      {
        type: 'stat',
        title: 'Resolved, by fresh evidence',
        width: 8,
        height: 4,
        unit: 'short',
        queries: [{ influxql: `SELECT COUNT("onset") FROM "alert" WHERE ${chosen} AND "to" = 'resolved'` }],
      },
      {
        type: 'stat',
        title: 'Stations with alerts',
        width: 8,
        height: 4,
        unit: 'short',
        queries: [
          {
            influxql: `SELECT COUNT("n") FROM (SELECT COUNT("onset") AS "n" FROM "alert" WHERE ${chosen} AND "to" = 'firing' GROUP BY "station")`,
          },
        ],
      },
    ],
    [
      {
        type: 'barchart',
        title: 'Fired a day',
        width: 24,
        height: 8,
        unit: 'short',
        queries: [
          {
            influxql: `SELECT COUNT("onset") FROM "alert" WHERE ${chosen} AND "to" = 'firing' GROUP BY time(1d), "rule" fill(none)`,
            alias: '$tag_rule',
          },
        ],
      },
    ],
    [
      {
        type: 'timeseries',
        title: 'Values that decided',
        width: 24,
        height: 8,
        unit: 'short',
        queries: [
          {
            influxql: `SELECT MAX("value") FROM "alert" WHERE ${chosen} AND "to" = 'firing' GROUP BY time($__interval), "station", "variable" fill(none)`,
            alias: '$tag_variable at $tag_station',
          },
        ],
        custom: { drawStyle: 'points', pointSize: 7 },
      },
    ],
    [
      {
        type: 'table',
        title: 'All transitions',
        width: 24,
        height: 14,
        unit: 'short',
        queries: [
          {
            influxql: `SELECT "station", "rule", "from", "to", "severity", "value", "onset", "reason" FROM "alert" WHERE ${chosen} ORDER BY time DESC LIMIT 500`,
            format: 'table',
          },
        ],
        fields: { '^onset$': { unit: 'dateTimeAsIso' } },
      },
    ],
  ],
};
