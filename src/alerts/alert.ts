/**
 * `inactive`: nothing. `pending`: crossed, not yet for long enough or at enough stations. `firing`: people are told.
 * `acknowledged`: somebody has it in hand. `stale`: nothing is known any more, which is no all-clear. `resolved`: fresh
 * evidence has ended it.
 */
export type AlertState = 'inactive' | 'pending' | 'firing' | 'acknowledged' | 'stale' | 'resolved';

/** In the words of CAP 1.2 (Extreme, Severe, Moderate, Minor), and `info` for what asks nothing of anybody; rising. */
export const severities = ['info', 'minor', 'moderate', 'severe', 'extreme'] as const;
export type Severity = (typeof severities)[number];

/** `exercise` and `test` are not real, and every message says so. */
export type AlertMode = 'actual' | 'exercise' | 'test';

/** Why a transition came about: `reload` is another rules file, `repeat` and `escalation` the lapse of time. */
export type Cause = 'evidence' | 'silence' | 'command' | 'escalation' | 'repeat' | 'reload';

/** What a rule saw: the observed step or the forecast that decided, by identity; or that nothing came (`watch`). */
export interface Evidence {
  readonly on: 'observed' | 'forecast' | 'watch';
  readonly station: string;
  readonly variable: string;
  /** Of an observed step. */
  readonly sensor?: string;
  /** In the variable's unit. */
  readonly value: number;
  /**
   * When the value holds: start of the step, or of the forecast step, ms since the epoch. Of `watch`, when the newest
   * value came, or the newest forecast was issued; where it is over, when they came again.
   */
  readonly time: number;
  /** Of the step or of the forecast. */
  readonly revision?: number;
  /** Forecasts only: when it was issued, steps ahead, and by which model. */
  readonly issuedAt?: number;
  readonly horizon?: number;
  readonly model?: string;
  /** Kind of network of the model. */
  readonly network?: string;
  /** Of crossing `level`, 0 to 1, where the forecast gives one. */
  readonly probability?: number;
  /** What the value was held against, in the variable's unit. */
  readonly level?: number;
  readonly direction?: 'above' | 'below';
  /** The central interval of a forecast, with the share of outcomes it is to cover. */
  readonly interval?: { readonly low: number; readonly high: number; readonly coverage: number };
  /** The sensor stood at its ceiling: the true value is this or more. */
  readonly atLeast?: boolean;
  /** QARTOD flag of an observed step. */
  readonly flag?: number;
}

/** A change of one alert, or a word about it. Identity of the alert is (rule, area, onset). */
export interface AlertTransition {
  readonly kind: 'alert';
  /** `rule/area/onset`: stable over restarts and repeats. */
  readonly id: string;
  readonly rule: string;
  /** A station that is in no area is an area of its own. */
  readonly area: string;
  /** The one whose evidence decided. */
  readonly station: string;
  /** All that are involved. */
  readonly stations: readonly string[];
  /** When the condition first held, ms since the epoch. */
  readonly onset: number;
  readonly from: AlertState;
  readonly to: AlertState;
  /** 1, 2, 3 ... within the alert: `id/sequence` names the message for good. */
  readonly sequence: number;
  /** Time of the journal record that caused it, ms since the epoch; later than that of the transition before. */
  readonly time: number;
  readonly cause: Cause;
  /** In words, with the numbers: `forecast 14.2 ug/L in 3 h is above 10 ug/L for 2 h`. */
  readonly reason: string;
  readonly severity: Severity;
  /** What decided. */
  readonly evidence: Evidence;
  /** What else was seen. */
  readonly more: readonly Evidence[];
  /** Of a command: who gave it, and what was said with it. */
  readonly author?: string;
  readonly note?: string;
  readonly mode: AlertMode;
  /** Why nobody is told: silenced, maintenance, a higher alert stands, past while catching up. Absent: it is delivered. */
  readonly quiet?: string;
}
