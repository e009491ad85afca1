import { pendingValues, presence, type StationStatus, type Status } from '../dashboard/status.ts';
import type { Edge } from '../edge.ts';
import { InfluxStore } from '../store/influx-store.ts';
import type { Line } from '../store/line-protocol.ts';
import type { Store } from '../store/store.ts';
import { every } from './shore.ts';

/** For colours: the higher, the worse. */
export const presences = ['reporting', 'late', 'connected, but silent', 'silent', 'never seen'] as const;

/**
 * The status as points in InfluxDB, so that Grafana can show how the stations and the edge were over time: `station`
 * (tag station) and `edge`. Not part of what a replay gives again: they say how this run went.
 */
export function gaugesOf(status: Status): Line[] {
  return [edgeLine(status), ...status.stations.map((station) => stationLine(station, status))];
}

function edgeLine(status: Status): Line {
  const {
    now,
    source,
    store,
    model,
    journal,
    produced,
    alerts,
    stations,
    channels = [],
    closedUntil,
  } = status;
  const messages = (name: 'waiting' | 'dead' | 'unanswered') =>
    channels.reduce((sum, channel) => sum + channel[name], 0);
  const reporting = stations.filter((station) => presence(station, now) === 'reporting').length;
  const newest = Math.max(...stations.map((station) => station.newest ?? Number.NEGATIVE_INFINITY));
  return {
    measurement: 'edge',
    tags: {},
    floats: {},
    integers: {
      head: journal.head,
      position: journal.position,
      stalled: journal.stalled,
      waiting: store.waiting,
      outbox: messages('waiting'),
      dead: messages('dead'),
      unanswered: messages('unanswered'),
      ...(journal.latency !== undefined && { latency: Math.round(journal.latency) }),
      ...(closedUntil !== undefined && { watermarkLag: Math.max(0, now - closedUntil) }),
      messages: produced.messages,
      steps: produced.steps,
      windows: produced.windows,
      forecasts: produced.forecasts,
      noForecasts: produced.noForecasts,
      firing: alerts.filter(({ state }) => state === 'firing').length,
      reporting,
      silent: stations.length - reporting,
      ...(Number.isFinite(newest) && { lag: Math.max(0, now - newest) }),
    },
    texts: { source: source.state, store: store.state, model: model?.id ?? '' },
    time: now,
  };
}

function stationLine(station: StationStatus, { now, alerts }: Status): Line {
  const { id, name = id, latitude, longitude, newest, counts } = station;
  const state = presence(station, now);
  const own = alerts.filter((alert) => alert.station === id && alert.state === 'firing');
  return {
    measurement: 'station',
    tags: { station: id },
    floats: {
      ...(latitude !== undefined && { latitude }),
      ...(longitude !== undefined && { longitude }),
    },
    integers: {
      presence: presences.indexOf(state),
      alerts: own.length,
      ...counts,
      pending: pendingValues(counts),
      ...(newest !== undefined && { age: Math.max(0, now - newest) }),
    },
    texts: { name, state },
    time: now,
  };
}

/** Writes the gauges every `interval` ms of real time, where the store is InfluxDB; what it misses while that is away is gone. */
export function keepGauges(edge: Edge, store: Store, interval: number): () => void {
  if (!(store instanceof InfluxStore)) return () => {};
  return every(
    interval,
    () => store.gauges(gaugesOf(edge.status())),
    () => {},
  );
}
