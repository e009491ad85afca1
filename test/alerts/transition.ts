import type { AlertTransition } from '../../src/alerts/alert.ts';
import { hour, midnight } from './evidence.ts';

/** A transition of a forecast alert into `to`, whose onset is `n` hours after midnight. */
export function transitionOf(n: number, to: AlertTransition['to'] = 'firing'): AlertTransition {
  const onset = midnight + n * hour;
  const over = to === 'resolved';
  return {
    kind: 'alert',
    id: `bloom/buoy-1/${new Date(onset).toISOString()}`,
    rule: 'bloom',
    area: 'buoy-1',
    station: 'buoy-1',
    stations: ['buoy-1'],
    onset,
    from: over ? 'firing' : 'inactive',
    to,
    sequence: over ? 2 : 1,
    time: onset + (over ? hour : 0),
    cause: 'evidence',
    reason: over
      ? 'forecast 9 ug/L within 3 h is at or below the clearing level 15 ug/L'
      : 'forecast 24.1 ug/L within 3 h is above 20 ug/L',
    severity: 'moderate',
    evidence: {
      on: 'forecast',
      station: 'buoy-1',
      variable: 'chlorophyll',
      value: over ? 9 : 24.1,
      time: onset + 2 * hour,
      issuedAt: onset,
      horizon: 3,
      model: 'lstm-7f3a',
    },
    more: [],
    mode: 'actual',
  };
}
