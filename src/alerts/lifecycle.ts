import type { AlertMode, AlertState, AlertTransition, Cause } from './alert.ts';
import type { Member } from './member.ts';

/** A resolved alert is over: the next onset is another alert. */
export type RestingState = Exclude<AlertState, 'resolved'>;

/**
 * What happens to an alert. `raised`: to a higher severity. `joined`: another station. `lapsed`: pending, and nothing
 * more was heard. `heard`: evidence is back (and the alert was acknowledged before, or not). `withdrawn`: its rule is no
 * longer there, or it was an exercise. `noted`: somebody said something about it.
 */
export type Event =
  | 'crossed'
  | 'held'
  | 'raised'
  | 'joined'
  | 'cleared'
  | 'lapsed'
  | 'silent'
  | 'heard'
  | 'heard-acknowledged'
  | 'acknowledged'
  | 'repeated'
  | 'escalated'
  | 'withdrawn'
  | 'noted';

/** What is not there cannot happen. Only `cleared`, by evidence, leads to resolved. */
export const transitions: Readonly<Record<RestingState, Readonly<Partial<Record<Event, AlertState>>>>> = {
  inactive: { crossed: 'pending', held: 'firing' },
  pending: { held: 'firing', cleared: 'inactive', lapsed: 'inactive', withdrawn: 'inactive' },
  firing: {
    raised: 'firing',
    joined: 'firing',
    cleared: 'resolved',
    silent: 'stale',
    acknowledged: 'acknowledged',
    repeated: 'firing',
    escalated: 'firing',
    withdrawn: 'inactive',
    noted: 'firing',
  },
  acknowledged: {
    raised: 'firing',
    joined: 'acknowledged',
    cleared: 'resolved',
    silent: 'stale',
    withdrawn: 'inactive',
    noted: 'acknowledged',
  },
  stale: {
    raised: 'firing',
    joined: 'stale',
    heard: 'firing',
    'heard-acknowledged': 'acknowledged',
    cleared: 'resolved',
    acknowledged: 'stale',
    repeated: 'stale',
    escalated: 'stale',
    withdrawn: 'inactive',
    noted: 'stale',
  },
};

export const causes: Readonly<Record<Event, Cause>> = {
  crossed: 'evidence',
  held: 'evidence',
  raised: 'evidence',
  joined: 'evidence',
  cleared: 'evidence',
  lapsed: 'silence',
  silent: 'silence',
  heard: 'evidence',
  'heard-acknowledged': 'evidence',
  acknowledged: 'command',
  repeated: 'repeat',
  escalated: 'escalation',
  withdrawn: 'reload',
  noted: 'command',
};

/** How the alert of one rule in one area stands. Plain values, so that a checkpoint can hold it. */
export interface Standing {
  readonly key: string;
  readonly area: string;
  state: RestingState;
  mode: AlertMode;
  onset: number;
  /** Index of the severity among the grades of the rule; -1 before the alert fires. */
  grade: number;
  /** By station. */
  members: Record<string, Member>;
  /** Whether anybody was told that it began, and when people were last told. */
  told: boolean;
  toldAt: number;
  /** People are to be told, as soon as nothing keeps them from it. */
  owed: boolean;
  firedAt: number;
  acknowledged: boolean;
  escalated: boolean;
  /** Of the newest transition, of this alert or of the one before. */
  time: number;
  sequence: number;
  /** The newest transition, for what is said without new evidence. */
  last: AlertTransition | undefined;
  /** Times of the ends within the last day: each makes the next end take longer. */
  ends: number[];
  /** Alerts that are over, by their last transition, newest last. */
  closed: AlertTransition[];
  /** When an exercise ends. */
  until?: number;
}

export const beginStanding = (key: string, area: string): Standing => ({
  key,
  area,
  mode: 'actual',
  time: -8.64e15,
  ends: [],
  closed: [],
  ...fresh(),
});

const fresh = () => ({
  state: 'inactive' as const,
  onset: 0,
  grade: -1,
  members: {},
  told: false,
  toldAt: 0,
  owed: false,
  firedAt: 0,
  acknowledged: false,
  escalated: false,
  sequence: 0,
  last: undefined,
});

export const isOpen = ({ state }: Pick<Standing, 'state'>) => state !== 'inactive' && state !== 'pending';

/** What a transition says besides where it leads. */
export type Said = Pick<
  AlertTransition,
  'rule' | 'station' | 'stations' | 'reason' | 'severity' | 'evidence' | 'more'
> &
  Partial<Pick<AlertTransition, 'author' | 'note'>>;

/**
 * Moves the alert and gives the transition. `now` is the time of the journal record; `quiet` says why nobody is to be
 * told, and `owing` whether people are to be told later.
 *
 * @throws where the table knows no such event in that state.
 */
export function move(
  standing: Standing,
  event: Event,
  said: Said,
  now: number,
  quiet?: string,
  owing = false,
): AlertTransition {
  const from = standing.state;
  const to = transitions[from][event];
  if (!to) throw new Error(`${event} can't happen to an alert that is ${from}`);
  standing.time = Math.max(now, standing.time + 1);
  standing.sequence += 1;
  const { onset, area, time, sequence, mode } = standing;
  const id = idOf(said.rule, standing);
  const state = { id, area, onset, from, to, sequence, time, cause: causeOf(event, mode), mode };
  const transition: AlertTransition = {
    kind: 'alert',
    ...state,
    ...said,
    ...(quiet !== undefined && { quiet }),
  };
  settle(standing, event, transition, owing);
  return transition;
}

export const idOf = (rule: string, { area, onset }: Pick<Standing, 'area' | 'onset'>) =>
  `${rule}/${area}/${new Date(onset).toISOString()}`;

/** What is not real ends because somebody said so. */
const causeOf = (event: Event, mode: AlertMode): Cause => (mode === 'actual' ? causes[event] : 'command');

function settle(standing: Standing, event: Event, transition: AlertTransition, owing: boolean): void {
  const { to, time, quiet } = transition;
  if (to === 'resolved' || to === 'inactive') {
    close(standing, transition);
    return;
  }
  standing.state = to;
  standing.last = transition;
  if (event === 'held') standing.firedAt = time;
  if (event === 'raised') Object.assign(standing, { acknowledged: false, escalated: false, firedAt: time });
  if (event === 'acknowledged') standing.acknowledged = true;
  if (event === 'escalated') standing.escalated = true;
  if (quiet === undefined) Object.assign(standing, { told: true, toldAt: time, owed: false });
  else if (owing) standing.owed = true;
}

const remembered = 10;

function close(standing: Standing, transition: AlertTransition): void {
  if (transition.to === 'resolved') standing.ends = [...standing.ends, transition.time];
  if (transition.from !== 'pending') remember(standing, transition);
  Object.assign(standing, fresh());
}

/** Keeps the last transition of an alert that is over. */
export function remember(standing: Standing, transition: AlertTransition): void {
  standing.closed = [...standing.closed, transition].slice(-remembered);
}
