import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { createFleet, type Telemetry } from './fleet.ts';
import type { Scenario } from './scenario.ts';
import { measured } from './sensor.ts';
import { cadence, stations } from './stations.ts';

/** Half-open interval [from, to) of ms since the epoch. */
export interface Span {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  readonly scenario?: Scenario;
}

/** All records of the fleet, by time and then by station, as its sensors gave them: no fault of a buoy is in it. */
export function* history({ seed, from, to, scenario }: Span): Generator<Telemetry> {
  const fleet = createFleet({ seed, ...(scenario && { scenario }) });
  for (let time = Math.ceil(from / cadence) * cadence; time < to; time += cadence)
    for (const { id } of stations) yield fleet.readingsAt(id, time);
}

export const csvHeader = ['time', 'station', ...measured].join(',');

/** `2026-05-01T00:10:00Z,B01,24.11,...`: the columns of `csvHeader`. */
export function csvRow({ time, station, values }: Telemetry): string {
  return [isoTime(time), station, ...measured.map((variable) => values[variable])].join(',');
}

/** ISO 8601, UTC, to the second. */
export function isoTime(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}

/** Writes records as CSV, gzipped where the name ends in .gz; resolves with their number. */
export async function writeCsv(path: string, records: Iterable<Telemetry>): Promise<number> {
  let count = 0;
  function* rows() {
    let text = `${csvHeader}\n`;
    for (const record of records) {
      text += `${csvRow(record)}\n`;
      if (++count % 1000 === 0) {
        yield text;
        text = '';
      }
    }
    yield text;
  }
  const source = Readable.from(rows());
  const file = createWriteStream(path);
  await (path.endsWith('.gz') ? pipeline(source, createGzip(), file) : pipeline(source, file));
  return count;
}
