import type { AlertTransition, Evidence } from './alert.ts';
import type { Area } from './area.ts';
import type { Chart } from './chart.ts';
import { type AlertFacts, type AlertText, type Phrases, textIn } from './phrases.ts';
import { english } from './phrases-en.ts';
import { chinese } from './phrases-zh.ts';
import { actionOf, principalOf, type Rule } from './rule.ts';
import type { TrackRecord } from './track-record.ts';
import { watchTitles, watchUnits } from './watch-rules.ts';
import { instant } from './wording.ts';

/**
 * What people and programs are told, on every channel; docs/alert-message.schema.json is its JSON schema, in which
 * keys without a value are absent. Times are ISO 8601, UTC.
 */
export interface AlertMessage extends AlertFacts {
  /** In English, as are `howSure`, `toDo` and `notKnown`. */
  readonly headline: string;
  readonly howSure: string;
  readonly toDo: string;
  readonly notKnown: readonly string[];
  /** The whole message for people, in each language of the area, the foremost first. */
  readonly texts: readonly AlertText[];
  /** What was measured and what is forecast, to be drawn; absent where the store could not say. */
  readonly chart?: Chart | undefined;
}

/** What a transition does not carry: the wording and the levels of its rule, the place, the units. */
export interface MessageContext {
  readonly rules: readonly Rule[];
  readonly areas?: readonly Area[] | undefined;
  readonly stations?: readonly {
    readonly id: string;
    readonly name?: string | undefined;
    readonly latitude?: number | undefined;
    readonly longitude?: number | undefined;
    readonly sensors?: readonly {
      readonly id: string;
      readonly variable: string;
      readonly depth?: number | undefined;
    }[];
  }[];
  readonly units?: Readonly<Record<string, string>> | undefined;
  /** Names of the variables, for people. */
  readonly titles?: Readonly<Record<string, string>> | undefined;
}

/** What is looked up in the store for a message. */
export interface Background {
  readonly chart?: Chart | undefined;
  readonly record?: TrackRecord | undefined;
}

/** `because`: why this contact is told, where it is not the first one. */
export type Compose = (transition: AlertTransition, because?: string) => AlertMessage | Promise<AlertMessage>;

/** Identity of the message about a transition. */
export function messageId({ id, sequence }: AlertTransition): string {
  return `${id}/${sequence}`;
}

export type ComposeNow = (
  transition: AlertTransition,
  because?: string,
  background?: Background,
) => AlertMessage;

/** The message is a function of transition, context and background; where one of them is silent, it says less. */
export function composeWith(context: MessageContext): ComposeNow {
  const facts = factsWith(context);
  const areaOf = new Map((context.areas ?? []).map((area) => [area.id, area]));
  return (transition, because, background = {}) => {
    const known = facts(transition, because, background.record);
    const languages = areaOf.get(transition.area)?.languages ?? ['en'];
    return {
      ...known,
      headline: english.headline(known),
      howSure: english.howSure(known),
      toDo: english.toDo(known),
      notKnown: english.notKnown(known),
      texts: languages.map((language) => textIn(phrasesFor(language), language, known)),
      chart: background.chart,
    };
  };
}

/** The phrases of a language tag such as `zh-Hant-HK`, by its language alone; English where there are none. */
export function phrasesFor(tag: string): Phrases {
  return tag.split('-', 1)[0]!.toLowerCase() === 'zh' ? chinese : english;
}

/** Languages that there are phrases for. */
export const languages = ['en', 'zh'];

function factsWith({ rules, areas = [], stations = [], ...context }: MessageContext) {
  const units = { ...watchUnits, ...context.units };
  const titles = { ...watchTitles, ...context.titles };
  const ruleOf = new Map(rules.map((rule) => [rule.id, rule]));
  const areaOf = new Map(areas.map((area) => [area.id, area]));
  const placeOf = new Map(stations.map((station) => [station.id, station]));
  const depthOf = ({ station, sensor, variable }: Evidence) =>
    placeOf.get(station)?.sensors?.find((one) => one.id === sensor && one.variable === variable)?.depth;
  const factsOf = (one: Evidence) => ({ ...evidenceFacts(one, units, titles), depth: depthOf(one) });
  return (transition: AlertTransition, because?: string, record?: TrackRecord): AlertFacts => {
    const { id, sequence, mode, from, to, cause, severity, author, note, evidence, time } = transition;
    const rule = ruleOf.get(transition.rule);
    return {
      version: 1,
      id: messageId(transition),
      alert: id,
      sequence,
      mode,
      state: to,
      previous: from,
      cause,
      severity,
      author,
      note,
      because,
      where: {
        area: areaFacts(transition.area, areaOf.get(transition.area)),
        ...placeFacts(transition.station, placeOf.get(transition.station)),
        stations: transition.stations,
      },
      what: {
        rule: transition.rule,
        hazard: rule?.hazard,
        text: rule?.text ?? `Rule ${transition.rule}`,
        reason: transition.reason,
        clear: rule && evidence.on !== 'watch' ? principalOf(rule).clear : undefined,
        provenance: rule?.provenance,
        action: rule && actionOf(rule, severity),
      },
      when: { onset: instant(transition.onset), changed: instant(time), lead: leadOf(evidence, time) },
      evidence: factsOf(evidence),
      more: transition.more.map(factsOf),
      record,
    };
  };
}

function areaFacts(id: string, area: Area | undefined): AlertFacts['where']['area'] {
  const { name, polygon, circle } = area ?? {};
  return { id, name, polygon, circle };
}

function placeFacts(station: string, place: NonNullable<MessageContext['stations']>[number] | undefined) {
  const { name, latitude, longitude } = place ?? {};
  return { station, name, latitude, longitude };
}

/** ms from the message to what is forecast; what was measured leads by nothing. */
function leadOf({ on, time }: Evidence, now: number): number {
  return on === 'forecast' ? Math.max(time - now, 0) : 0;
}

function evidenceFacts(
  evidence: Evidence,
  units: Readonly<Record<string, string>>,
  titles: Readonly<Record<string, string>>,
): AlertFacts['evidence'] {
  const { time, issuedAt, variable, ...rest } = evidence;
  return {
    ...rest,
    variable,
    title: titles[variable],
    unit: units[variable],
    time: instant(time),
    issuedAt: issuedAt === undefined ? undefined : instant(issuedAt),
  };
}
