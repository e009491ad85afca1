import { defaultMissing, type JsonMapping, valuePlaces } from './format.ts';
import { isObject, pointer } from './json-payload.ts';
import { type Seen, salvage, show, Undecodable } from './observation.ts';
import { observationTime } from './observation-time.ts';
import { numbered } from './sequence.ts';

type Read = (root: unknown) => unknown;

/**
 * Compiles a mapping of a gateway's JSON. What a record does not have is not an observation: gateways leave out
 * what they did not measure. `time` and `station` are looked for in the record, then at the top.
 *
 * @throws for pointers that are none.
 */
export function mappedJson(mapping: JsonMapping) {
  const records = mapping.records === undefined ? undefined : pointer(mapping.records);
  const read = recordReader(mapping);
  return (body: unknown, topicStation: string | undefined): Seen[] => {
    if (!records) return read(body, body, topicStation, '');
    const list = records(body);
    if (!Array.isArray(list)) throw new Undecodable(`${mapping.records}: ${show(list)} is not an array`);
    return list.flatMap((record, at) =>
      salvage(() => read(record, body, topicStation, `${mapping.records}/${at}`)),
    );
  };
}

function recordReader(mapping: JsonMapping) {
  const time = pointer(mapping.time);
  const station = mapping.station === undefined ? undefined : pointer(mapping.station);
  const [sequence, stream] = [mapping.sequence, mapping.stream].map((at) =>
    at === undefined ? nowhere : pointer(at),
  );
  const places = valuePlaces(mapping.values).map((place) => ({ ...place, read: pointer(place.at) }));
  const missing = new Set<unknown>([...(mapping.missing ?? defaultMissing), null, undefined]);
  return (record: unknown, body: unknown, topicStation: string | undefined, at: string): Seen[] => {
    if (!isObject(record) && !Array.isArray(record))
      throw new Undecodable(`${at}: ${show(record)} is not an object or array`);
    const statedTime = within(time, record, body);
    const observed = observationTime(statedTime, mapping.timeFormat, mapping.assumeUtc);
    const name = station ? within(station, record, body) : topicStation;
    const seen: Seen[] = [];
    for (const { variable, sensor, unit, read, at: place } of places) {
      const value = read(record);
      if (missing.has(value)) continue;
      seen.push({
        station: name,
        variable,
        sensor,
        time: observed,
        statedTime,
        value,
        unit,
        at: at + place,
        textNumbers: true,
      });
    }
    const stated = { sequence: within(sequence!, record, body), stream: within(stream!, record, body) };
    return numbered({ station: name, ...stated, at }, seen);
  };
}

const nowhere: Read = () => undefined;
const within = (read: Read, record: unknown, body: unknown) => read(record) ?? read(body);
