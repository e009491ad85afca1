/** What ingest must know of stations and their sensors. */
export interface StationCatalog {
  has(station: string): boolean;
  /** The name as the list has it: the one string for all messages, which the maps behind find sooner than a copy. */
  listed(station: string): string | undefined;
  /**
   * What identifies the sensor. `named` is what the payload says; where it says nothing, the station's first
   * sensor of the variable, or `default`.
   */
  sensorFor(station: string, variable: string, named?: string): string;
  /** The unit in which the sensor reports where a payload does not say; undefined is the table of variables'. */
  unitOf(station: string, variable: string, sensor: string): string | undefined;
  /**
   * The listed sensor that stands for a variable, with its depth and the start of its calibration where one broke the
   * history before `time` (ms since the epoch): `fluorometer at 1.5 m@2026-05-01T00:00:00.000Z`. Undefined where none is
   * listed.
   */
  deploymentOf(station: string, variable: string, time: number): string | undefined;
  /** How the sensor's own unit becomes the variable's, where no physics says it; undefined where none is configured. */
  relationOf(station: string, variable: string, sensor: string): Relation | undefined;
  /** What becomes of readings of stations that are not listed. */
  readonly unknown: 'quarantine' | 'accept';
}

/** A linear calibration: value in the variable's unit = slope * value in `from` + intercept. */
export interface Relation {
  /** For example RFU, the relative fluorescence of an instrument. */
  readonly from: string;
  readonly slope: number;
  readonly intercept: number;
}

export interface ListedStation {
  readonly id: string;
  readonly sensors?: readonly ListedSensor[] | undefined;
}

export interface ListedSensor {
  readonly id: string;
  readonly variable: string;
  /** m below the surface. */
  readonly depth?: number | undefined;
  readonly unit?: string | undefined;
  readonly relation?: Relation | undefined;
  /** Times in ms since the epoch; those that continue the history begin no new deployment. */
  readonly calibrations?: readonly { readonly from: number; readonly continues: boolean }[] | undefined;
}

export function stationCatalog(
  stations: readonly ListedStation[],
  unknown: 'quarantine' | 'accept',
): StationCatalog {
  const names = new Map(stations.map(({ id }) => [id, id]));
  const byStation = new Map(stations.map((station) => [station.id, byVariable(station.sensors ?? [])]));
  const sensorOf = (station: string, variable: string, sensor: string) =>
    sensorsOf(station, variable).find(({ id }) => id === sensor);
  const sensorsOf = (station: string, variable: string) => byStation.get(station)?.get(variable) ?? none;
  return {
    unknown,
    has: (station) => names.has(station),
    listed: (station) => names.get(station),
    sensorFor: (station, variable, named) => named ?? sensorsOf(station, variable)[0]?.id ?? 'default',
    deploymentOf: (station, variable, time) => {
      const [first] = sensorsOf(station, variable);
      if (!first) return undefined;
      const { id, depth, calibrations = [] } = first;
      const calibration = newestOf(calibrations, time);
      const placed = depth === undefined ? id : `${id} at ${depth} m`;
      return calibration === undefined ? placed : `${placed}@${calibration}`;
    },
    unitOf: (station, variable, sensor) => {
      const own = sensorOf(station, variable, sensor);
      return own?.unit ?? own?.relation?.from;
    },
    relationOf: (station, variable, sensor) => sensorOf(station, variable, sensor)?.relation,
  };
}

/** The start of the newest calibration that broke the history before `time`. */
function newestOf(calibrations: NonNullable<ListedSensor['calibrations']>, time: number): string | undefined {
  const times = calibrations.flatMap(({ from, continues }) => (continues || from >= time ? [] : [from]));
  return times.length > 0 ? new Date(Math.max(...times)).toISOString() : undefined;
}

const none: readonly ListedSensor[] = [];

type SensorsByVariable = ReadonlyMap<string, readonly ListedSensor[]>;
const noSensors: SensorsByVariable = new Map();

function byVariable(sensors: readonly ListedSensor[]): SensorsByVariable {
  if (sensors.length === 0) return noSensors;
  const variables = new Set(sensors.map(({ variable }) => variable));
  return new Map([...variables].map((one) => [one, sensors.filter(({ variable }) => variable === one)]));
}

/**
 * Names of stations and sensors become keys, tags and levels of topics: 1 to 128 characters, none of them a
 * control character, a lone surrogate or one of `/ + #`.
 */
export function isName(text: unknown): text is string {
  return typeof text === 'string' && text.length <= 128 && /^[^\p{Cc}\p{Cs}/+#]+$/u.test(text);
}
