import { colours, type Dashboard } from './dashboard.ts';

const rate = (field: string, alias: string) => ({
  influxql: `SELECT NON_NEGATIVE_DERIVATIVE(MAX("${field}"), 1s) FROM "edge" WHERE $timeFilter GROUP BY time($__interval) fill(none)`,
  alias,
});
const level = (field: string, alias: string) => ({
  influxql: `SELECT MAX("${field}") FROM "edge" WHERE $timeFilter GROUP BY time($__interval) fill(none)`,
  alias,
});

/** Whether the edge keeps up, and what waits where. */
export const pipelineBoard: Dashboard = {
  uid: 'redtide-pipeline',
  title: 'Redtide: pipeline',
  description:
    'Rates, latency and lag, what waits for journal, store and outbox, and the ledger of all values.',
  from: 'now-24h',
  variables: [],
  annotations: [],
  rows: [
    [
      {
        type: 'timeseries',
        title: 'Messages and what is made of them',
        width: 12,
        height: 9,
        unit: 'cps',
        queries: [
          rate('messages', 'messages'),
          rate('steps', 'step means'),
          rate('windows', 'windows'),
          rate('forecasts', 'forecasts'),
          rate('noForecasts', 'no forecast possible'),
        ],
      },
      {
        type: 'timeseries',
        title: 'Lag: age of the newest reading, and of the newest closed step',
        width: 12,
        height: 9,
        unit: 'ms',
        queries: [level('lag', 'newest reading'), level('watermarkLag', 'newest closed step (watermark)')],
      },
    ],
    [
      {
        type: 'timeseries',
        title: 'Journal: records that wait',
        width: 6,
        height: 9,
        unit: 'short',
        queries: [
          {
            influxql:
              'SELECT MAX("head") - MAX("position") FROM "edge" WHERE $timeFilter GROUP BY time($__interval) fill(none)',
            alias: 'records',
          },
        ],
      },
      {
        type: 'timeseries',
        title: 'Store: points that wait',
        width: 6,
        height: 9,
        unit: 'short',
        queries: [level('waiting', 'points')],
      },
      {
        type: 'timeseries',
        title: 'Outbox: messages that wait, were given up, have no receipt',
        width: 6,
        height: 9,
        unit: 'short',
        queries: [level('outbox', 'waiting'), level('dead', 'given up'), level('unanswered', 'no receipt')],
      },
      {
        type: 'timeseries',
        title: 'Latency: from receipt to what follows from it',
        width: 6,
        height: 9,
        unit: 'ms',
        queries: [level('latency', 'latency')],
      },
    ],
    [
      {
        type: 'timeseries',
        title: 'Ledger: values a station',
        width: 24,
        height: 9,
        unit: 'cps',
        description: 'received = stored + quarantined + duplicate + late only + shed + pending',
        queries: (['received', 'stored', 'quarantined', 'duplicate', 'lateOnly', 'shed'] as const).map(
          (field) => ({
            influxql: `SELECT SUM("rate") FROM (SELECT NON_NEGATIVE_DERIVATIVE(MAX("${field}"), 1s) AS "rate" FROM "station" WHERE $timeFilter GROUP BY time($__interval), "station" fill(none)) WHERE $timeFilter GROUP BY time($__interval) fill(none)`,
            alias: field,
          }),
        ),
      },
    ],
    [
      {
        type: 'table',
        title: 'Connections',
        width: 24,
        height: 5,
        unit: 'short',
        queries: [
          {
            influxql:
              'SELECT LAST("source") AS "source", "store", "model", "stalled" FROM "edge" WHERE $timeFilter',
            format: 'table',
          },
        ],
        fields: { '^stalled$': { unit: 'ms' } },
        thresholds: [[null, colours.good]],
      },
    ],
  ],
};
