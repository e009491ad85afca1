import { colours, type Dashboard } from './dashboard.ts';
import { alerts, station } from './variables.ts';

const presence = [
  {
    type: 'value',
    options: {
      0: { text: 'reporting', color: colours.good },
      1: { text: 'late', color: colours.doubt },
      2: { text: 'connected, but silent', color: colours.bad },
      3: { text: 'silent', color: colours.bad },
      4: { text: 'never seen', color: 'gray' },
    },
  },
];
const chosen = '"station" =~ /^$station$/ AND $timeFilter';

/** Whether all buoys are well, in five seconds. */
export const network: Dashboard = {
  uid: 'redtide-network',
  title: 'Redtide: network',
  description: 'Where the stations are, how they are, and what became of their values.',
  from: 'now-24h',
  variables: [station],
  annotations: [alerts],
  rows: [
    [
      {
        type: 'stat',
        title: 'Stations reporting',
        width: 6,
        height: 4,
        unit: 'short',
        queries: [{ influxql: 'SELECT LAST("reporting") FROM "edge" WHERE $timeFilter' }],
        thresholds: [
          [null, colours.bad],
          [1, colours.good],
        ],
      },
      {
        type: 'stat',
        title: 'Stations not reporting',
        width: 6,
        height: 4,
        unit: 'short',
        queries: [{ influxql: 'SELECT LAST("silent") FROM "edge" WHERE $timeFilter' }],
        thresholds: [
          [null, colours.good],
          [1, colours.bad],
        ],
      },
      {
        type: 'stat',
        title: 'Alerts firing',
        width: 6,
        height: 4,
        unit: 'short',
        description: 'Where stations are silent, none firing is no all-clear.',
        queries: [{ influxql: 'SELECT LAST("firing") FROM "edge" WHERE $timeFilter' }],
        thresholds: [
          [null, colours.good],
          [1, colours.bad],
        ],
      },
      {
        type: 'stat',
        title: 'Newest reading',
        width: 6,
        height: 4,
        unit: 'ms',
        description: 'Age of the newest reading of any station.',
        queries: [{ influxql: 'SELECT LAST("lag") FROM "edge" WHERE $timeFilter' }],
        thresholds: [
          [null, colours.good],
          [3_600_000, colours.doubt],
          [10_800_000, colours.bad],
        ],
      },
    ],
    [
      {
        type: 'geomap',
        title: 'Stations',
        width: 12,
        height: 12,
        unit: 'short',
        queries: [
          {
            influxql: `SELECT LAST("presence") AS "presence", "latitude", "longitude", "name", "alerts" FROM "station" WHERE ${chosen} GROUP BY "station"`,
            format: 'table',
          },
        ],
        mappings: presence,
        thresholds: [
          [null, colours.good],
          [1, colours.doubt],
          [2, colours.bad],
          [4, 'gray'],
        ],
        options: {
          view: { id: 'fit', allLayers: true },
          // No tiles: a shore station may have no way out.
          basemap: { type: 'default', config: {}, opacity: 0 },
          layers: [
            {
              type: 'markers',
              name: 'Stations',
              location: { mode: 'coords', latitude: 'latitude', longitude: 'longitude' },
              config: {
                style: {
                  color: { field: 'presence', fixed: 'gray' },
                  size: { fixed: 9 },
                  text: { field: 'name', mode: 'field' },
                },
              },
            },
          ],
        },
      },
      {
        type: 'table',
        title: 'How they are',
        width: 12,
        height: 12,
        unit: 'short',
        queries: [
          {
            influxql: `SELECT LAST("state") AS "state", "age", "alerts", "received", "stored", "quarantined", "duplicate", "lateOnly", "shed", "pending" FROM "station" WHERE ${chosen} GROUP BY "station"`,
            format: 'table',
          },
        ],
        fields: {
          '^age$': { unit: 'ms' },
          '^station$': {
            links: [
              // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills it in
              { title: 'Open', url: '/d/redtide-station?var-station=${__value.text}&${__url_time_range}' },
            ],
          },
        },
      },
    ],
    [
      {
        type: 'state-timeline',
        title: 'Presence',
        width: 24,
        height: 10,
        unit: 'short',
        mappings: presence,
        queries: [
          {
            influxql: `SELECT MAX("presence") FROM "station" WHERE ${chosen} GROUP BY time($__interval), "station" fill(none)`,
            alias: '$tag_station',
          },
        ],
      },
    ],
  ],
};
