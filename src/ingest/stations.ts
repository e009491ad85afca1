/** What ingest must know of stations and their sensors. */
export interface StationCatalog {
  has(station: string): boolean;
  /**
   * What identifies the sensor. `named` is what the payload says; where it says nothing, the station's first
   * sensor of the variable, or `default`.
   */
  sensorFor(station: string, variable: string, named?: string): string;
  /** What becomes of readings of stations that are not listed. */
  readonly unknown: 'quarantine' | 'accept';
}

export interface ListedStation {
  readonly id: string;
  readonly sensors?: readonly { readonly id: string; readonly variable: string }[];
}

export function stationCatalog(
  stations: readonly ListedStation[],
  unknown: 'quarantine' | 'accept',
): StationCatalog {
  const firstSensors = new Map(stations.map((station) => [station.id, firstByVariable(station)]));
  return {
    unknown,
    has: (station) => firstSensors.has(station),
    sensorFor: (station, variable, named) => named ?? firstSensors.get(station)?.get(variable) ?? 'default',
  };
}

function firstByVariable(station: ListedStation): Map<string, string> {
  const first = new Map<string, string>();
  for (const { id, variable } of station.sensors ?? []) if (!first.has(variable)) first.set(variable, id);
  return first;
}

/**
 * Names of stations and sensors become keys, tags and levels of topics: 1 to 128 characters, none of them a
 * control character, a lone surrogate or one of `/ + #`.
 */
export function isName(text: unknown): text is string {
  return typeof text === 'string' && text.length <= 128 && /^[^\p{Cc}\p{Cs}/+#]+$/u.test(text);
}
