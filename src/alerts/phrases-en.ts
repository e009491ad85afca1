import type { AlertFacts, EvidenceFacts, Phrases, Place } from './phrases.ts';
import type { TrackRecord } from './track-record.ts';
import { amount, span } from './wording.ts';

const marks = { actual: '', exercise: 'EXERCISE, not real: ', test: 'TEST, not real: ' } as const;

export const placeName = ({ area, station, name }: Place) => {
  if (area.id === station || area.id === '') return name ? `${name} (${station})` : station;
  return area.name ?? area.id;
};
const stationName = ({ station, name }: Place) => (name ? `${name} (${station})` : station);

function headline({ mode, state, cause, what: { text }, where }: AlertFacts): string {
  const place = placeName(where);
  const said = {
    firing: `${text} at ${place}`,
    acknowledged: `Acknowledged at ${place}: ${text}`,
    stale: `No longer known at ${place}, which is no all-clear: ${text}`,
    resolved: `Over at ${place}: ${text}`,
    inactive: `Withdrawn at ${place}: ${text}`,
    pending: `Perhaps at ${place}: ${text}`,
  }[state];
  const again = state === 'firing' && (cause === 'repeat' || cause === 'escalation');
  return `${marks[mode]}${again ? 'Still unacknowledged: ' : ''}${said}`;
}

function where({ where }: AlertFacts): string {
  const { latitude, longitude, stations } = where;
  const at = latitude === undefined || longitude === undefined ? '' : `, ${latitude} N ${longitude} E`;
  const others = stations.filter((station) => station !== where.station);
  const also = others.length > 0 ? ` Also involved: ${others.join(', ')}.` : '';
  const area = placeName(where) === stationName(where) ? '' : `${placeName(where)}: `;
  return `${area}${stationName(where)}${at}.${also}`;
}

const value = ({ value, unit, atLeast }: EvidenceFacts) =>
  `${atLeast ? 'at least ' : ''}${amount(value, unit)}`;
const nameOf = ({ title, variable }: EvidenceFacts) => title ?? variable;

function what(facts: AlertFacts): string {
  const { what, author, note, evidence, severity } = facts;
  const limit =
    evidence.level === undefined
      ? ''
      : ` The level is ${amount(evidence.level, evidence.unit)}${what.provenance ? `: ${what.provenance}` : ''}.`;
  const by = author ? ` By ${author}${note ? `: ${note}` : ''}.` : note ? ` ${note}.` : '';
  return `${nameOf(evidence)}: ${what.reason}. Severity ${severity}.${limit}${by}`;
}

function howSure({ evidence, state, when }: AlertFacts): string {
  const { on, horizon = 0, probability, interval, level, unit, flag, atLeast, direction } = evidence;
  if (state === 'stale') return 'Not at all: nothing fresh is known. This does not mean that it is over.';
  if (on === 'watch')
    return state === 'resolved'
      ? 'Certain: something came.'
      : 'Certain that nothing came. How the water is, is not known: this is no all-clear.';
  if (on === 'observed')
    return [
      'Measured: the mean of one step of one sensor.',
      ...(flag === 3
        ? ['Its quality is suspect: real blooms look like that, and so do fouled sensors.']
        : []),
      ...(atLeast ? ['The sensor stood at its ceiling, so the true value may be higher.'] : []),
    ].join(' ');
  const ahead = `${horizon} step${horizon === 1 ? '' : 's'} ahead${when.lead > 0 ? ` (in ${span(roundMinutes(when.lead))})` : ''}`;
  const between = interval
    ? ` With ${percent(interval.coverage)} it lies between ${amount(interval.low, unit)} and ${amount(interval.high, unit)}.`
    : '';
  if (probability === undefined)
    return `A forecast, ${ahead}; the model gives no probability.${between || ' Nor does it say how far off it may be.'}`;
  return `A forecast, ${ahead}: with ${percent(probability)} it is ${direction ?? 'beyond'} ${level === undefined ? 'the level' : amount(level, unit)}.${between}`;
}

const percent = (share: number) => `${Math.round(share * 100)} %`;
const roundMinutes = (ms: number) => Math.max(Math.round(ms / 60_000), 1) * 60_000;

function when({ when, evidence, state }: AlertFacts): string {
  const held = {
    forecast: `The forecast is for ${evidence.time}`,
    observed: `Measured from ${evidence.time} on`,
    watch: `The newest is of ${evidence.time}`,
  }[evidence.on];
  return `Since ${when.onset}; this change (${state}) at ${when.changed}. ${held}.`;
}

function evidence({ evidence, more }: AlertFacts): string {
  return [evidence, ...more].map(oneEvidence).join(' ');
}

/** The sensor that measured it, and how deep, where that says anything. */
const by = ({ sensor, depth }: EvidenceFacts) => {
  const named = sensor !== undefined && sensor !== 'default' ? [sensor] : [];
  const said = [...named, ...(depth === undefined ? [] : [`${depth} m deep`])];
  return said.length > 0 ? ` (${said.join(', ')})` : '';
};

function oneEvidence(one: EvidenceFacts): string {
  const revision = one.revision ? `, revision ${one.revision}` : '';
  if (one.on === 'watch') return `${nameOf(one)} at ${one.station}: ${value(one)}.`;
  if (one.on === 'observed')
    return `${nameOf(one)} at ${one.station}${by(one)} ${one.time}${revision}: ${value(one)}.`;
  return `${nameOf(one)} at ${one.station} forecast for ${one.time}, issued ${one.issuedAt}${revision}: ${value(one)}.`;
}

function model({ evidence, record }: AlertFacts): string {
  if (evidence.on === 'observed') return 'None: this was measured.';
  if (evidence.on === 'watch') return 'None: this is about what did not come.';
  const kind = evidence.network ? ` (${evidence.network})` : '';
  return `${evidence.model ?? 'unknown'}${kind}. ${record ? recordText(record, evidence.unit) : 'How it has been doing here is not known.'}`;
}

function recordText(
  { days, forecasts, error, persistence, inside, coverage }: TrackRecord,
  unit?: string,
): string {
  const than =
    persistence === undefined
      ? ''
      : `; saying that nothing changes was off by ${amount(persistence, unit)}, so the model did ${error < persistence ? 'better' : 'no better'}`;
  const share =
    inside === undefined || coverage === undefined
      ? ''
      : ` ${percent(inside)} of the outcomes lay in its interval, which is to hold ${percent(coverage)}.`;
  return `In the last ${days} days here, ${forecasts} forecasts so far ahead were off by ${amount(error, unit)} on average${than}.${share}`;
}

const advice: Readonly<Record<string, string>> = {
  bloom:
    'Take a water sample and have it looked at under a microscope before acting on the kind of algae; watch oxygen, above all before dawn.',
  hypoxia:
    'Check oxygen at the depth of the stock; have aeration ready, stop feeding, and do not move fish without need.',
};

function toDo({ mode, state, cause, author, evidence, what: { action, hazard = '' } }: AlertFacts): string {
  if (mode === 'test') return 'Nothing: this is a test.';
  if (state === 'resolved' && evidence.on === 'watch') return 'Nothing more on account of this.';
  if (state === 'resolved')
    return `Nothing more on account of this alert: ${cause === 'command' ? `${author ?? 'an operator'} ended it` : 'fresh measurements ended it'}.`;
  if (state === 'inactive') return 'Nothing: the rule that raised it no longer asks for it.';
  if (state === 'stale')
    return 'Keep the precautions. Check the station and its connection, or measure by hand.';
  return action ?? advice[hazard] ?? 'Measure by hand, and decide by that.';
}

const blindSpots: Readonly<Record<string, string>> = {
  chlorophyll:
    'Which algae, and whether they are harmful: chlorophyll tells no species, and some blooms show none.',
  dissolvedOxygen: 'Why the oxygen is low, and how it is at other depths.',
  dataAge:
    'How the water is there: no warning of a bloom or of low oxygen can come from a station that is silent.',
  forecastAge: 'What is coming: only what is measured there can raise a warning.',
};

function notKnown({ evidence: { variable } }: AlertFacts): string[] {
  const own = blindSpots[variable];
  return [...(own ? [own] : []), 'How it is away from the stations: a buoy measures one place.'];
}

export const english: Phrases = {
  headline,
  where,
  what,
  howSure,
  when,
  evidence,
  model,
  toDo,
  notKnown,
  space: ' ',
  titles: {
    because: 'Why you are told',
    where: 'Where',
    what: 'What',
    howSure: 'How sure',
    when: 'When',
    evidence: 'Evidence',
    model: 'Model',
    toDo: 'What to do',
    notKnown: 'Not known',
  },
};
