import { checkConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import type { Entry } from '../../src/ingest/journal-record.ts';
import { createFleet } from '../../src/simulate/fleet.ts';
import { demoScenario } from '../../src/simulate/scenario.ts';

/** A short history of a small fleet with everything that goes wrong, as entries of a journal. */

export const hour = 3_600_000;
export const start = Date.UTC(2026, 4, 1);
export const shipped = new URL('../fixtures/models/', import.meta.url).pathname;
export const version = '24be86371ad1';
const cadence = hour / 2;
const stations = ['B02', 'B04', 'B07'];

export function configOf(data: string): Config {
  return checkConfig(
    {
      data,
      log: 'silent',
      stations: stations.map((id) => ({ id, cadence: '30m' })),
      model: { folder: shipped },
      stream: { lateness: '10m', revisable: '6h' },
      rules,
    },
    'test',
  );
}

/** Levels that the story crosses on its first day already. */
const rules = (['observed', 'forecast'] as const).flatMap((on) => [
  { id: `chlorophyll-${on}`, text: 'Green', variable: 'chlorophyll', on, level: 4.5, clear: 4.2 },
  {
    id: `oxygen-${on}`,
    text: 'Low',
    variable: 'dissolvedOxygen',
    on,
    direction: 'below' as const,
    level: 7.5,
    clear: 7.9,
  },
]);

const fleet = createFleet({ seed: 3, scenario: demoScenario(start) });

function message(station: string, receivedAt: number, content: unknown): Entry {
  const payload = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
  return { kind: 'message', topic: `buoys/${station}/telemetry`, payload, receivedAt };
}

function record(station: string, time: number, shift = 0) {
  const { values } = fleet.readingsAt(station, time);
  return { time: new Date(time + shift).toISOString(), values };
}

/** Two readings of each station an hour; B07 falls silent for 4 h and then sends all in one burst. */
export function recording(hours = 34): Entry[] {
  const entries: Entry[] = [{ kind: 'tick', time: start }];
  for (let at = start; at < start + hours * hour; at += hour) {
    const elapsed = (at - start) / hour;
    if (elapsed === 20) entries.push({ kind: 'model', time: at, id: version });
    for (const station of stations) entries.push(...hourOf(station, at, elapsed));
    entries.push(...faultsAt(at, elapsed), { kind: 'tick', time: at + hour });
  }
  return entries;
}

function hourOf(station: string, at: number, elapsed: number): Entry[] {
  const records = [record(station, at), record(station, at + cadence)];
  const received = at + hour - 60_000;
  if (station === 'B07' && elapsed >= 26 && elapsed < 30) return [];
  if (station !== 'B07' || elapsed !== 30) return [message(station, received, records)];
  const burst = Array.from({ length: 8 }, (_, step) => record(station, at - 4 * hour + step * cadence));
  return [message(station, received, records), message(station, received, burst)];
}

function faultsAt(at: number, elapsed: number): Entry[] {
  const received = at + hour - 30_000;
  const faults: Record<number, Entry[]> = {
    3: [message('B02', received, [record('B02', at)])],
    5: [message('B04', received, '{"time": ')],
    7: [message('B09', received, [record('B04', at)])],
    9: [message('B02', received, [record('B02', at, 7 * hour)])],
    22: [message('B04', received, [{ ...record('B04', at), values: { chlorophyll: 9.5, salinity: 'x' } }])],
    27: [
      message('B02', received, [{ time: new Date(at - 20 * hour).toISOString(), values: { salinity: 1 } }]),
    ],
    31: [message('B02', received, [record('B02', at), record('B02', at - cadence)])],
  };
  return faults[elapsed] ?? [];
}
