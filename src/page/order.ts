import { element } from './element.ts';
import { say } from './settings.ts';

const remembered = { token: '', author: '' };
const hour = 3_600_000;

/** What can be asked of the edge about something that is shown. */
export interface Offer {
  readonly action: 'acknowledge' | 'silence' | 'unsilence' | 'resend';
  readonly details: Readonly<Record<string, string>>;
  /** Of a silence: when it begins, ms since the epoch. People say for how many hours, and why. */
  readonly from?: number;
}

/**
 * Buttons that open a small form: who, a note, the access token. The edge answers only to a token of its
 * configuration; it is kept in memory until the page is closed, and nowhere else.
 */
export function orderButtons(offers: readonly Offer[]): HTMLElement {
  const place = element('div', { class: 'orders' });
  const open = (offer: Offer) => () => {
    place.replaceChildren(form(offer, () => place.replaceChildren(...buttons)));
    place.querySelector('input')?.focus();
  };
  const buttons = offers.map((offer) =>
    element('button', { type: 'button', click: open(offer) }, say(offer.action)),
  );
  place.append(...buttons);
  return place;
}

/** While somebody fills in a form it must stay. */
export const isFilledIn = (root: HTMLElement): boolean =>
  root.contains(document.activeElement) && document.activeElement?.closest('form') !== null;

function form(offer: Offer, end: () => void): HTMLElement {
  const outcome = element('output');
  const send = async (event: Event) => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(event.target as HTMLFormElement)) as Record<string, string>;
    const { token = '', author = '' } = given;
    Object.assign(remembered, { token, author });
    try {
      await post(token, { action: offer.action, author, details: detailsOf(offer, given) });
      outcome.textContent = say('done');
    } catch (error) {
      outcome.textContent = (error as Error).message;
    }
  };
  const timed = offer.from !== undefined;
  return element(
    'form',
    { submit: (event) => void send(event) },
    input('author', 'author', 'text', remembered.author),
    timed && input('hours', 'hours', 'number', '12'),
    input('note', 'note', 'text', '', timed),
    input('token', 'token', 'password', remembered.token),
    element('button', { type: 'submit' }, say(offer.action)),
    element('button', { type: 'button', click: end }, say('cancel')),
    outcome,
  );
}

function detailsOf({ details, from }: Offer, { note, hours }: Record<string, string>): object {
  const until = from === undefined ? undefined : new Date(from + Number(hours) * hour).toISOString();
  return { ...details, ...(until && { until }), ...(note && { note }) };
}

function input(
  name: string,
  label: 'author' | 'note' | 'token' | 'hours',
  type: string,
  value: string,
  required = true,
): HTMLElement {
  const more = type === 'number' ? { min: 0, step: 'any' } : {};
  return element('label', {}, say(label), element('input', { name, type, value, required, ...more }));
}

async function post(token: string, order: object): Promise<void> {
  const response = await fetch('/api/orders', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
    body: JSON.stringify(order),
  });
  if (response.ok) return;
  const answer = (await response.json().catch(() => ({}))) as { error?: string };
  throw new Error(answer.error ?? `${response.status}`);
}
