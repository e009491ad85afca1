export type AlertState = 'inactive' | 'pending' | 'firing' | 'resolved';

/** What a rule saw: the observed step or the forecast that crossed, by identity. */
export interface Evidence {
  readonly on: 'observed' | 'forecast';
  readonly station: string;
  readonly variable: string;
  /** In the variable's unit. */
  readonly value: number;
  /** When the value holds: start of the step, or of the forecast step, ms since the epoch. */
  readonly time: number;
  /** Forecasts only: when it was issued, steps ahead, and by which model. */
  readonly issuedAt?: number;
  readonly horizon?: number;
  readonly model?: string;
}

/** A change of state of one alert. Identity of the alert is (rule, station, onset). */
export interface AlertTransition {
  readonly kind: 'alert';
  /** `rule/station/onset`: stable over restarts and repeats. */
  readonly id: string;
  readonly rule: string;
  readonly station: string;
  /** When the condition first held, ms since the epoch; the onset of the alert. */
  readonly onset: number;
  readonly from: AlertState;
  readonly to: AlertState;
  /** Time of the journal record that caused it, ms since the epoch. */
  readonly time: number;
  /** In words, with the numbers: `forecast 14.2 ug/L in 3 h is above 10 ug/L for 2 h`. */
  readonly reason: string;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly evidence: Evidence;
}
