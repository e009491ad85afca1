/** QARTOD primary-level flags (Manual for the Use of Real-Time Oceanographic Data Quality Control Flags, v1.2). */
export const Flag = { pass: 1, notEvaluated: 2, suspect: 3, fail: 4, missing: 9 } as const;
export type Flag = (typeof Flag)[keyof typeof Flag];

/**
 * One value: a variable, a sensor, a station, a time. Identity is (station, sensor, variable, time).
 * `value` is in the unit of the table of variables, whatever the payload carried.
 */
export interface Reading {
  readonly kind: 'reading';
  readonly station: string;
  readonly sensor: string;
  readonly variable: string;
  /** Observation time, ms since the epoch, UTC. */
  readonly time: number;
  readonly value: number;
  readonly receivedAt: number;
  /** 2 (not evaluated) until quality control has seen it. A flag never changes the value. */
  readonly flag: Flag;
  /** The checks that did not pass, in the words of QARTOD: `grossRange`, `spike`, `rateOfChange`, `flatLine`. */
  readonly failed: readonly string[];
  /** `correction`: the same identity came before with another value. `flagged`: only the flag is new. */
  readonly revision: 'first' | 'correction' | 'flagged';
  /** Older than the horizon in which steps can be revised: it is stored, and changes no step or window. */
  readonly lateOnly: boolean;
}

/** A message, or one value of it, that cannot become a reading. It is quarantined with this reason. */
export interface Rejection {
  readonly kind: 'rejection';
  /** Where known; undecodable messages have none. */
  readonly station: string | undefined;
  readonly reason: RejectionReason;
  /** What was wrong and where, with the offending value: `/values/2/value: "abc" is not a number`. */
  readonly detail: string;
  /** How many values are lost to it; 1 where that can't be known. */
  readonly values: number;
}

export type RejectionReason =
  | 'undecodable'
  | 'unknown-topic'
  | 'unknown-station'
  | 'unknown-variable'
  | 'bad-value'
  | 'bad-time'
  | 'bad-unit'
  | 'clock-ahead'
  | 'clock-behind'
  | 'too-large'
  | 'too-many-values'
  | 'too-many-stations'
  | 'too-many-sensors';

/** A message, or a record of one, has come under a number of its gateway's own. */
export interface Numbered {
  readonly kind: 'numbered';
  readonly station: string;
  /** The counter; empty where the gateway has but one for the station. */
  readonly stream: string;
  readonly number: number;
  /** Newest observation time under it, ms since the epoch; NaN where there is none. */
  readonly time: number;
  readonly receivedAt: number;
}

/** A sign of life of a station, or of the gateway that speaks for it, that brought no value. */
export interface Contact {
  readonly kind: 'contact';
  /** Of the station, or of the gateway. */
  readonly name: string;
  /** What its presence says: connected, or lost (a last will); undefined where only a message without values came. */
  readonly online: boolean | undefined;
  readonly receivedAt: number;
}

/** Time passes, as a journal record: nothing behind the journal reads a clock. */
export interface Tick {
  readonly kind: 'tick';
  readonly time: number;
}
