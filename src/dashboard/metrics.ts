import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { type Counts, pendingValues, presence, type Status, severities } from './status.ts';

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [value: number, labels?: Labels];
type Kind = typeof Counter | typeof Gauge;

interface Definition {
  readonly kind: Kind;
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  readonly samples: (status: Status) => readonly Sample[];
}

const fates = ['stored', 'quarantined', 'duplicate', 'lateOnly', 'shed'] as const;
const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const unknownStation = '(unknown)';

/** Every account of the ledger, that of unknown stations too. */
function perAccount(status: Status, samples: (counts: Counts, labels: Labels) => Sample[]): Sample[] {
  const known = status.stations.flatMap(({ id, counts }) => samples(counts, { station: id }));
  return status.unknown ? [...known, ...samples(status.unknown, { station: unknownStation })] : known;
}

/** A time of each station that has one, as seconds before now. */
function behind(time: 'newest' | 'watermark') {
  return ({ stations, now }: Status): Sample[] =>
    stations.flatMap((station) => {
      const at = station[time];
      return at === undefined ? [] : [[(now - at) / 1000, { station: station.id }] as const];
    });
}

/** A number of what is known of the forecasts of each station, variable and horizon. */
function verified(
  name: 'skill' | 'skillOverClimatology' | 'coverage' | 'bias' | 'drift',
  metric: string,
  help: string,
): Definition {
  const samples = ({ stations }: Status): Sample[] =>
    stations.flatMap(({ id, verified: all = [] }) =>
      all.flatMap(({ variable, horizon, [name]: value }) =>
        value === undefined ? [] : [[value, { station: id, variable, horizon: `${horizon}` }] as const],
      ),
    );
  return { kind: Gauge, name: metric, help, labels: ['station', 'variable', 'horizon'], samples };
}

function produced(name: keyof Status['produced'], metric: string, help: string): Definition {
  return { kind: Counter, name: metric, help, samples: (status) => [[status.produced[name] ?? 0]] };
}

/** Names after the conventions of Prometheus: base units, `_total` for what only grows. */
const definitions: readonly Definition[] = [
  {
    kind: Gauge,
    name: 'redtide_build_info',
    help: 'Always 1; the version is a label.',
    labels: ['version'],
    samples: ({ version }) => [[1, { version }]],
  },
  {
    kind: Gauge,
    name: 'redtide_source_connected',
    help: '1 while the source of messages is connected.',
    samples: ({ source }) => [[source.state === 'connected' ? 1 : 0]],
  },
  {
    kind: Gauge,
    name: 'redtide_channel_messages',
    help: 'Messages of a channel that are waiting, dead (given up) or unanswered (no receipt has come yet).',
    labels: ['channel', 'state'],
    samples: ({ channels = [] }) =>
      channels.flatMap(({ name, ...counts }) =>
        (['waiting', 'dead', 'unanswered'] as const).map(
          (state): Sample => [counts[state], { channel: name, state }],
        ),
      ),
  },
  produced('messages', 'redtide_messages_received_total', 'Messages accepted into the journal.'),
  {
    kind: Counter,
    name: 'redtide_values_received_total',
    help: 'Values received. They end as redtide_values_settled_total or are redtide_values_pending.',
    labels: ['station'],
    samples: (status) => perAccount(status, ({ received }, labels) => [[received, labels]]),
  },
  {
    kind: Counter,
    name: 'redtide_values_settled_total',
    help: 'Values by what became of them: stored, quarantined, duplicate, late_only or shed.',
    labels: ['station', 'fate'],
    samples: (status) =>
      perAccount(status, (counts, labels) =>
        fates.map((fate) => [counts[fate], { ...labels, fate: snakeCase(fate) }]),
      ),
  },
  {
    kind: Gauge,
    name: 'redtide_values_pending',
    help: 'Values received that have met no fate yet.',
    labels: ['station'],
    samples: (status) => perAccount(status, (counts, labels) => [[pendingValues(counts), labels]]),
  },
  {
    kind: Gauge,
    name: 'redtide_station_data_age_seconds',
    help: 'Since the newest reading of a station, by the clock of the data.',
    labels: ['station'],
    samples: behind('newest'),
  },
  {
    kind: Gauge,
    name: 'redtide_station_watermark_lag_seconds',
    help: 'From the watermark of a station to now, by the clock of the data.',
    labels: ['station'],
    samples: behind('watermark'),
  },
  {
    kind: Gauge,
    name: 'redtide_station_reporting',
    help: '1 while a station reports at its cadence, 0 when it is late, silent or was never seen.',
    labels: ['station'],
    samples: ({ stations, now }) =>
      stations.map((station) => [presence(station, now) === 'reporting' ? 1 : 0, { station: station.id }]),
  },
  {
    kind: Gauge,
    name: 'redtide_station_condition',
    help: '1 for the condition that a station is in: heard, late, silent or connected-but-silent.',
    labels: ['station', 'condition'],
    samples: ({ stations }) =>
      stations.flatMap(({ id, condition }) =>
        condition ? [[1, { station: id, condition: condition.state }] as const] : [],
      ),
  },
  {
    kind: Gauge,
    name: 'redtide_gap_messages',
    help: 'Messages that never arrived, by the numbers of the gateway: missing now, given_up, or recovered since.',
    labels: ['station', 'state'],
    samples: ({ stations }) =>
      stations.flatMap(({ id, gaps }) =>
        gaps
          ? (['missing', 'recovered', 'givenUp'] as const).map(
              (state): Sample => [gaps[state], { station: id, state: snakeCase(state) }],
            )
          : [],
      ),
  },
  produced('steps', 'redtide_steps_total', 'Step means closed or revised.'),
  produced('windows', 'redtide_windows_total', 'Windows handed to the model.'),
  produced('forecasts', 'redtide_forecasts_total', 'Forecasts issued.'),
  produced('noForecasts', 'redtide_forecasts_declined_total', 'Windows and variables without a forecast.'),
  produced(
    'verifications',
    'redtide_forecasts_verified_total',
    'Horizons of forecasts compared with what was measured.',
  ),
  verified('skill', 'redtide_forecast_skill', 'Rolling 1 - RMSE / RMSE of persistence.'),
  verified(
    'skillOverClimatology',
    'redtide_forecast_skill_over_climatology',
    'Rolling 1 - RMSE / RMSE of the mean of that hour over the last 30 days.',
  ),
  verified('coverage', 'redtide_forecast_coverage', 'Rolling share of measured values in the 80 % interval.'),
  verified('bias', 'redtide_forecast_bias', "Rolling mean of forecast - measured, in the variable's unit."),
  verified('drift', 'redtide_forecast_drift', '1 and more: the errors have grown for good (Page-Hinkley).'),
  produced('alerts', 'redtide_alert_transitions_total', 'Changes of state of alerts.'),
  {
    kind: Gauge,
    name: 'redtide_alerts',
    help: 'Alerts by state and severity.',
    labels: ['state', 'severity'],
    samples: ({ alerts }) =>
      ['pending', 'firing'].flatMap((state) =>
        severities.map((severity): Sample => {
          const such = alerts.filter((alert) => alert.state === state && alert.severity === severity);
          return [such.length, { state, severity }];
        }),
      ),
  },
  {
    kind: Gauge,
    name: 'redtide_model_info',
    help: 'Always 1; the model in service is in the labels. Absent without a model.',
    labels: ['id', 'backend', 'network'],
    samples: ({ model }) =>
      model ? [[1, { id: model.id, backend: model.backend, network: model.network ?? '' }]] : [],
  },
  {
    kind: Gauge,
    name: 'redtide_model_skill',
    help: 'Skill of the model in service on the recent hold-out of the contest that promoted it, over what it was judged beside. Absent where none did.',
    labels: ['over'],
    samples: ({ model }) => Object.entries(model?.skill ?? {}).map(([over, skill]) => [skill, { over }]),
  },
  {
    kind: Gauge,
    name: 'redtide_model_refused',
    help: '1 while the version that should serve was refused, on its way or when it was loaded; else 0.',
    labels: [],
    samples: ({ modelRefused, delivery }) => [
      [modelRefused || delivery?.last?.outcome === 'refused' ? 1 : 0, {}],
    ],
  },
  {
    kind: Gauge,
    name: 'redtide_store_state',
    help: '1 for the state that the writer of the store is in.',
    labels: ['store', 'state'],
    samples: ({ store }) =>
      ['answering', 'spilling', 'stuck'].map((state) => [
        state === store.state ? 1 : 0,
        { store: store.name, state },
      ]),
  },
  {
    kind: Gauge,
    name: 'redtide_store_waiting_points',
    help: 'Points not yet stored.',
    samples: ({ store }) => [[store.waiting]],
  },
  {
    kind: Counter,
    name: 'redtide_broker_dropped_total',
    help: 'Messages that the broker says it dropped instead of handing them on.',
    samples: ({ source }) => (source.dropped ? [[source.dropped.dropped]] : []),
  },
  {
    kind: Gauge,
    name: 'redtide_clock_state',
    help: '1 for the state of the host clock: trusted, held (messages wait) or disregarding (it jumped).',
    labels: ['state'],
    samples: ({ clock }) =>
      clock
        ? ['trusted', 'held', 'disregarding'].map((state) => [state === clock.state ? 1 : 0, { state }])
        : [],
  },
  {
    kind: Counter,
    name: 'redtide_clock_jumps_total',
    help: 'Jumps of the host clock since the start, followed or not.',
    samples: ({ clock }) => (clock ? [[clock.jumps]] : []),
  },
  {
    kind: Gauge,
    name: 'redtide_clock_ahead_seconds',
    help: 'From the time that the edge goes by to that of the host.',
    samples: ({ clock }) => (clock ? [[clock.ahead / 1000]] : []),
  },
  {
    kind: Gauge,
    name: 'redtide_journal_head_sequence',
    help: 'Sequence number of the newest record of the journal.',
    samples: ({ journal }) => [[journal.head]],
  },
  {
    kind: Gauge,
    name: 'redtide_journal_position_sequence',
    help: 'Sequence number of the last record that went through the pipeline.',
    samples: ({ journal }) => [[journal.position]],
  },
  {
    kind: Gauge,
    name: 'redtide_journal_stalled_seconds',
    help: 'For how long records have waited with none going through.',
    samples: ({ journal }) => [[journal.stalled / 1000]],
  },
  {
    kind: Gauge,
    name: 'redtide_latency_seconds',
    help: 'From the receipt of the newest message until all was known that follows from it.',
    samples: ({ journal: { latency } }) => (latency === undefined ? [] : [[latency / 1000]]),
  },
];

export interface Metrics {
  /** For metrics that others add. */
  readonly registry: Registry;
  /** The text of a scrape, all of it told from one status. */
  scrape(status: Status): Promise<string>;
}

/** Each scrape sets every metric anew, so that nothing is counted twice; those of Node.js come along. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const updates = definitions.map((definition) => register(definition, registry));
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    scrape: (status) => {
      for (const update of updates) update(status);
      return registry.metrics();
    },
  };
}

function register({ kind: Kind, name, help, labels = [], samples }: Definition, registry: Registry) {
  const metric = new Kind({ name, help, labelNames: labels, registers: [registry] });
  return (status: Status) => {
    metric.reset();
    for (const [value, on = {}] of samples(status)) metric.inc(on, value);
  };
}
