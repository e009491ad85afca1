import type { Counts, StationStatus, Status } from '../../src/dashboard/status.ts';

export const now = Date.UTC(2026, 4, 2, 14, 20);
const minute = 60_000;
const hour = 60 * minute;

export const counts = (received: number, rest: Partial<Counts> = {}): Counts => ({
  received,
  stored: received,
  quarantined: 0,
  duplicate: 0,
  lateOnly: 0,
  shed: 0,
  ...rest,
});

const place = {
  B01: [22.41, 114.22],
  B02: [22.425, 114.208],
  B03: [22.45, 114.228],
  B04: [22.425, 114.27],
} as const;

export function station(
  id: string,
  chlorophyll: number,
  heard: number | undefined,
  more: Partial<StationStatus> = {},
) {
  const newest = heard === undefined ? undefined : now - heard * minute;
  const [latitude, longitude] = Object.hasOwn(place, id) ? place[id as keyof typeof place] : [];
  const reading = (value: number) => ({ value, time: newest ?? 0, flag: 1 });
  return {
    id,
    latitude,
    longitude,
    cadence: 10 * minute,
    readings:
      newest === undefined ? {} : { chlorophyll: reading(chlorophyll), dissolvedOxygen: reading(7.25) },
    newest,
    watermark: newest === undefined ? undefined : newest - 10 * minute,
    forecasts:
      newest === undefined
        ? []
        : [
            {
              variable: 'chlorophyll',
              issuedAt: now - 20 * minute,
              model: 'lstm-1',
              step: hour,
              horizons: [1, 2, 3],
              medians: [chlorophyll * 1.1, chlorophyll * 1.2, chlorophyll * 1.3],
            },
          ],
    counts: counts(500, { stored: 490, duplicate: 3 }),
    ...more,
  } satisfies StationStatus;
}

/** Four stations: one well, one in a bloom, one late, one silent. */
export function exampleStatus(more: Partial<Status> = {}): Status {
  return {
    version: '0.1.0',
    now,
    source: { state: 'connected', address: 'mqtt://127.0.0.1:1883, embedded' },
    store: { name: 'lmdb', state: 'answering', waiting: 12 },
    model: {
      id: 'lstm-chlorophyll-3f2a',
      backend: 'wasm: SIMD, 1 thread',
      network: 'study-lstm',
      skill: { champion: 0.04, persistence: 0.31 },
    },
    journal: { head: 12_345, position: 12_340, stalled: 0, latency: 12 },
    closedUntil: now - hour,
    variables: [
      { name: 'chlorophyll', title: 'Chlorophyll a', unit: 'ug/L' },
      { name: 'dissolvedOxygen', title: 'Dissolved oxygen', unit: 'mg/L' },
    ],
    stations: [
      station('B01', 3.2, 4, { name: 'Harbour mouth' }),
      station('B02', 4.1, 40, { name: 'Oyster bank' }),
      station('B03', 21.7, 2, { name: 'Fish farm north' }),
      station('B04', 2.6, 190),
    ],
    alerts: [
      {
        id: 'chlorophyll-forecast/B03/1777730400000',
        rule: 'chlorophyll-forecast',
        area: 'B03',
        station: 'B03',
        state: 'firing',
        severity: 'moderate',
        onset: now - 2 * hour,
        text: 'Bloom conditions are forecast',
        reason: 'forecast 28.2 ug/L in 3 h is above 20 ug/L',
      },
    ],
    silences: [
      {
        ...{ id: 's7', of: 'silence', rule: 'oxygen-low', place: 'B01', until: now + 6 * hour },
        ...{ author: 'A. Officer', note: 'boat is out' },
      },
    ],
    channels: [{ name: 'mail', waiting: 2, dead: 1, unanswered: 0 }],
    produced: { messages: 420, steps: 96, windows: 40, forecasts: 80, noForecasts: 3, alerts: 2 },
    unknown: counts(9, { stored: 0, quarantined: 9 }),
    ...more,
  };
}
