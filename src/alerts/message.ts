import type { AlertState, AlertTransition, Evidence } from './alert.ts';
import { principalOf, type Rule } from './rule.ts';
import { instant } from './wording.ts';

/**
 * What people and programs are told, on every channel; docs/alerts.md describes it as JSON, from
 * which keys without a value are absent. Times are ISO 8601, UTC.
 */
export interface AlertMessage {
  readonly version: 1;
  /** The same for every repeat of this message, and for no other. */
  readonly id: string;
  /** The same for all messages of this alert. */
  readonly alert: string;
  readonly state: AlertState;
  readonly severity: AlertTransition['severity'];
  readonly headline: string;
  readonly where: Place;
  readonly what: {
    readonly rule: string;
    readonly variable: string;
    readonly value: number;
    readonly unit?: string | undefined;
    readonly direction?: Evidence['direction'] | undefined;
    readonly level?: number | undefined;
    readonly clear?: number | undefined;
    readonly provenance?: string | undefined;
    readonly reason: string;
  };
  readonly when: { readonly onset: string; readonly changed: string };
  readonly howSure: string;
  readonly evidence: {
    readonly on: Evidence['on'];
    readonly time: string;
    readonly issuedAt?: string | undefined;
    readonly horizon?: number | undefined;
    readonly model?: string | undefined;
  };
  readonly notKnown: readonly string[];
}

export interface Place {
  readonly station: string;
  readonly name?: string | undefined;
  /** Degrees north. */
  readonly latitude?: number | undefined;
  /** Degrees east. */
  readonly longitude?: number | undefined;
}

/** What a transition does not carry: the wording and the levels of its rule, the place, the units. */
export interface MessageContext {
  readonly rules: readonly Rule[];
  readonly stations?: readonly {
    readonly id: string;
    readonly name?: string | undefined;
    readonly latitude?: number | undefined;
    readonly longitude?: number | undefined;
  }[];
  readonly units?: Readonly<Record<string, string>> | undefined;
}

export type Compose = (transition: AlertTransition) => AlertMessage;

/** Identity of the message about a transition. */
export function messageId({ id, sequence }: AlertTransition): string {
  return `${id}/${sequence}`;
}

/** The message is a function of transition and context; where a rule or station is gone, it says less. */
export function composeWith({ rules, stations = [], units = {} }: MessageContext): Compose {
  const ruleOf = new Map(rules.map((rule) => [rule.id, rule]));
  const placeOf = new Map(stations.map((station) => [station.id, station]));
  return (transition) => {
    const { station, severity, to, onset, time, evidence } = transition;
    const rule = ruleOf.get(transition.rule);
    const { name, latitude, longitude } = placeOf.get(station) ?? {};
    const where = { station, name, latitude, longitude };
    return {
      version: 1,
      id: messageId(transition),
      alert: transition.id,
      state: to,
      severity,
      headline: headline(transition, rule, where),
      where,
      what: whatOf(transition, rule, units[evidence.variable]),
      when: { onset: instant(onset), changed: instant(time) },
      howSure: howSure(evidence),
      evidence: evidenceOf(evidence),
      notKnown: notKnown(evidence),
    };
  };
}

function headline(
  { to, rule: id }: AlertTransition,
  rule: Rule | undefined,
  { station, name }: Place,
): string {
  const place = name ? `${name} (${station})` : station;
  const text = rule?.text ?? `Rule ${id}`;
  return to === 'resolved' ? `Over at ${place}: ${text}` : `${text} at ${place}`;
}

function whatOf(
  { rule: id, reason, evidence }: AlertTransition,
  rule: Rule | undefined,
  unit: string | undefined,
): AlertMessage['what'] {
  const { variable, value } = evidence;
  const { direction, level, clear } = (rule && principalOf(rule)) ?? {};
  const { provenance } = rule ?? {};
  return { rule: id, variable, value, unit, direction, level, clear, provenance, reason };
}

function evidenceOf({ on, time, issuedAt, horizon, model }: Evidence): AlertMessage['evidence'] {
  const issued = issuedAt === undefined ? undefined : instant(issuedAt);
  return { on, time: instant(time), issuedAt: issued, horizon, model };
}

function howSure({ on, horizon }: Evidence): string {
  if (on === 'observed')
    return 'Measured: the mean of one step of one sensor; see the reason for doubtful quality.';
  return `A point forecast, ${horizon} step${horizon === 1 ? '' : 's'} ahead: the model gives no probability.`;
}

const blindSpots: Readonly<Record<string, string>> = {
  chlorophyll:
    'Which algae, and whether they are harmful: chlorophyll tells no species, and some blooms show none.',
  dissolvedOxygen: 'Why the oxygen is low, and how it is at other depths.',
};

function notKnown({ variable }: Evidence): string[] {
  const own = blindSpots[variable];
  return [...(own ? [own] : []), 'How it is away from this station: a buoy measures one place.'];
}
