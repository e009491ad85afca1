/** How a station stands by what was heard of it: values in time, too late, no longer, or signs of life without values. */
export type Condition = 'heard' | 'late' | 'silent' | 'connected-but-silent';

/**
 * What happens to a station: a value comes; a report is overdue; it has been given up (`lost`), by a gateway that is
 * there or is not; a sign of life comes, or the last one is too old or was taken back.
 */
export type Sign = 'value' | 'overdue' | 'lost' | 'lost-connected' | 'connected' | 'disconnected';

/** What is not there changes nothing. */
export const transitions: Readonly<Record<Condition, Readonly<Partial<Record<Sign, Condition>>>>> = {
  heard: { overdue: 'late' },
  late: { value: 'heard', lost: 'silent', 'lost-connected': 'connected-but-silent' },
  silent: { value: 'heard', connected: 'connected-but-silent' },
  'connected-but-silent': { value: 'heard', disconnected: 'silent' },
};

/** A station's condition has changed. Silence is not an all-clear: what is warned of there is no longer known. */
export interface StationState {
  readonly kind: 'station';
  readonly station: string;
  readonly state: Condition;
  readonly before: Condition;
  /** Of `heard`, the arrival of the value; else that of the last one, or when the watch began where none ever came. */
  readonly since: number;
  /** Arrival of the last value before, or when the watch began: from there to `since` a silence has lasted. */
  readonly last: number;
  /** Of the record that changed it, ms. */
  readonly time: number;
  /** ms between the reports that are expected of it, configured or learnt. */
  readonly interval: number;
}
