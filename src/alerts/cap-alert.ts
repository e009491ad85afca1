import type { Severity } from './alert.ts';
import type { AlertMessage } from './message.ts';
import type { AlertText } from './phrases.ts';
import { nest, tag } from './xml.ts';

/** What does not depend on the alert. */
export interface CapSender {
  /** Globally unique by the convention of CAP 1.2, 3.2.1: a domain name, or an address in one. */
  readonly sender: string;
  readonly senderName?: string | undefined;
  readonly contact?: string | undefined;
  /** Where people find more. */
  readonly web?: string | undefined;
  readonly scope: 'Public' | 'Restricted' | 'Private';
  /** Of scope Restricted, and of scope Private. */
  readonly restriction?: string | undefined;
  readonly addresses?: string | undefined;
  /** ms from `sent` to `expires`. */
  readonly valid: number;
}

/** An earlier message of the same alert, as CAP refers to it. */
export interface CapReference {
  readonly identifier: string;
  readonly sent: string;
}

export type CapKind = 'Alert' | 'Update' | 'Cancel';

export const capNamespace = 'urn:oasis:names:tc:emergency:cap:1.2';

/** Without the characters that CAP forbids in identifiers (3.2.1: space, comma, `<`, `&`), and fit for a URN. */
export function capIdentifier(id: string): string {
  return encodeURIComponent(id)
    .replaceAll('%2F', '/')
    .replaceAll('%3A', ':')
    .replace(/['()!*~]/g, '_');
}

/** CAP 1.2, 3.3.2: with an offset, UTC as `-00:00`, no `Z` and no fractions of a second. */
export function capTime(iso: string): string {
  return new Date(iso).toISOString().replace(/\.\d{3}Z$/, '-00:00');
}

/**
 * Only an end by evidence, or by somebody's word, cancels; what a changed rules file withdrew is an Update that says so.
 *
 * @throws where a message claims an end that nothing but silence or time has brought: it must not be published.
 */
export function capKind(
  { state, cause, id }: Pick<AlertMessage, 'state' | 'cause' | 'id'>,
  earlier: number,
): CapKind {
  const over = state === 'resolved' || state === 'inactive';
  if (over && (cause === 'evidence' || cause === 'command')) return 'Cancel';
  if (state === 'resolved') throw new Error(`${id}: an end because of ${cause} is no all-clear`);
  return earlier === 0 ? 'Alert' : 'Update';
}

const severities: Readonly<Record<Severity, string>> = {
  info: 'Minor',
  minor: 'Minor',
  moderate: 'Moderate',
  severe: 'Severe',
  extreme: 'Extreme',
};
const status = { actual: 'Actual', exercise: 'Exercise', test: 'Test' } as const;

/** CAP 1.2, 3.2.2: Likely is above about 50 %, Possible at or below it, Unlikely about 0. */
export function capCertainty({ evidence: { on, probability }, state }: AlertMessage): string {
  if (state === 'stale') return 'Unknown';
  if (on !== 'forecast') return 'Observed';
  if (probability === undefined) return 'Unknown';
  if (probability > 0.5) return 'Likely';
  return probability > 0.05 ? 'Possible' : 'Unlikely';
}

/** CAP 1.2, 3.2.2: Immediate is now, Expected within the hour, Future later. */
export function capUrgency({ evidence: { on }, when: { lead }, state }: AlertMessage): string {
  if (state === 'resolved' || state === 'inactive') return 'Past';
  if (state === 'stale') return 'Unknown';
  if (on !== 'forecast' || lead === 0) return 'Immediate';
  return lead <= 3_600_000 ? 'Expected' : 'Future';
}

/** The message as a CAP 1.2 document. Pure: a repeat is the same text. */
export function capAlert(message: AlertMessage, sender: CapSender, earlier: readonly CapReference[]): string {
  const kind = capKind(message, earlier.length);
  const sent = capTime(message.when.changed);
  const references = earlier.map((one) => `${sender.sender},${one.identifier},${one.sent}`).join(' ');
  const alert = nest(
    'alert',
    [
      tag('identifier', capIdentifier(message.id)),
      tag('sender', sender.sender),
      tag('sent', sent),
      tag('status', status[message.mode]),
      tag('msgType', kind),
      tag('source', `redtide, ${message.evidence.model ?? 'measured'}`),
      tag('scope', sender.scope),
      tag('restriction', sender.scope === 'Restricted' ? sender.restriction : undefined),
      tag('addresses', sender.scope === 'Private' ? (sender.addresses ?? sender.sender) : undefined),
      tag('note', noteOf(message)),
      tag('references', references),
      tag('incidents', capIdentifier(message.alert)),
      ...message.texts.map((text) => info(message, text, sender, kind)),
    ],
    { xmlns: capNamespace },
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${alert}\n`;
}

function noteOf({ mode, because, note }: AlertMessage): string | undefined {
  const marked =
    mode === 'actual' ? [] : [`This is ${mode === 'test' ? 'a test' : 'an exercise'}, not a real event.`];
  return [...marked, because, note].filter(Boolean).join(' ') || undefined;
}

function info(message: AlertMessage, text: AlertText, sender: CapSender, kind: CapKind): string {
  const { when, severity } = message;
  return nest('info', [
    tag('language', text.language),
    tag('category', 'Env'),
    tag('event', message.what.text),
    tag('responseType', responseOf(message, kind)),
    tag('urgency', capUrgency(message)),
    tag('severity', severities[severity]),
    tag('certainty', capCertainty(message)),
    tag('effective', capTime(when.changed)),
    tag('onset', capTime(message.evidence.on === 'forecast' ? message.evidence.time : when.onset)),
    tag('expires', capTime(new Date(Date.parse(when.changed) + sender.valid).toISOString())),
    tag('senderName', sender.senderName),
    tag('headline', text.headline),
    tag('description', text.sections.map(({ title, text }) => `${title}: ${text}`).join('\n')),
    tag('instruction', text.toDo),
    tag('web', sender.web),
    tag('contact', sender.contact),
    ...parametersOf(message).map(([name, value]) =>
      value === undefined ? '' : nest('parameter', [tag('valueName', name), tag('value', value)]),
    ),
    area(message),
  ]);
}

function responseOf({ state, evidence }: AlertMessage, kind: CapKind): string {
  if (kind === 'Cancel') return 'AllClear';
  if (state === 'inactive') return 'None';
  if (state === 'stale') return 'Monitor';
  return evidence.on === 'forecast' ? 'Prepare' : 'Assess';
}

function parametersOf({
  evidence,
  severity,
  state,
  id,
  record,
}: AlertMessage): [string, string | number | undefined][] {
  const { probability, horizon, level, model, network, variable, value, unit, station, issuedAt, time } =
    evidence;
  const { interval } = evidence;
  return [
    ['redtide:message', id],
    ['redtide:state', state],
    ['redtide:severity', severity],
    ['redtide:variable', variable],
    ['redtide:value', value],
    ['redtide:unit', unit],
    ['redtide:threshold', level],
    ['redtide:probability', probability],
    ['redtide:interval', interval && `${interval.low} ${interval.high} ${interval.coverage}`],
    ['redtide:horizon', horizon],
    ['redtide:modelVersion', model],
    ['redtide:network', network],
    ['redtide:meanAbsoluteError', record?.error],
    ['redtide:evidence', [evidence.on, station, variable, issuedAt ?? '-', time].join(' ')],
  ];
}

/** Without a polygon or circle of the area, the station is a circle without extent: of more than it nothing is known. */
function area({ where }: AlertMessage): string {
  const { area, latitude, longitude, station, name } = where;
  const { polygon, circle } = area;
  const place = latitude === undefined || longitude === undefined ? undefined : `${latitude},${longitude} 0`;
  return nest('area', [
    tag('areaDesc', area.name ?? (area.id === station ? (name ?? station) : area.id)),
    tag('polygon', polygon?.map(([north, east]) => `${north},${east}`).join(' ')),
    tag(
      'circle',
      circle ? `${circle.latitude},${circle.longitude} ${circle.radius}` : polygon ? undefined : place,
    ),
    nest('geocode', [tag('valueName', 'redtide:area'), tag('value', area.id)]),
  ]);
}
