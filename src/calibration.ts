import type { Config } from './config/schema.ts';
import { stationCatalog } from './ingest/stations.ts';

export interface Epochs {
  /** Start of the latest epoch before `time` that broke a variable's history; -Infinity where none did. */
  readonly epochOf: (station: string, variable: string, time: number) => number;
  /** When any of a station's histories broke, rising. */
  readonly breaksOf: (station: string) => readonly number[];
}

/** Calibrations of the sensors that stand for the variables; those that continue the history break nothing. */
export function epochsOf(stations: Config['stations']): Epochs {
  const catalog = stationCatalog(stations, 'accept');
  const breaks = new Map(
    stations.map(({ id, sensors }) => [
      id,
      sensors
        .filter(({ id: sensor, variable }) => catalog.sensorFor(id, variable) === sensor)
        .flatMap(({ variable, calibrations = [] }) =>
          calibrations.filter(({ continues }) => !continues).map(({ from }) => ({ variable, from })),
        ),
    ]),
  );
  return {
    epochOf: (station, variable, time) =>
      (breaks.get(station) ?? [])
        .filter((one) => one.variable === variable && one.from < time)
        .reduce((latest, { from }) => Math.max(latest, from), Number.NEGATIVE_INFINITY),
    breaksOf: (station) =>
      [...new Set((breaks.get(station) ?? []).map(({ from }) => from))].sort((a, b) => a - b),
  };
}
