import { element } from './element.ts';
import { say } from './settings.ts';

const remembered = { token: '', author: '' };

/**
 * Buttons that open a small form: who, a note, the access token. The edge answers only to a token of its
 * configuration; it is kept in memory until the page is closed, and nowhere else.
 */
export function orderForm(alert: string): HTMLElement {
  const place = element('div', { class: 'orders' });
  const open = (action: string, fields: readonly HTMLElement[]) => () => {
    place.replaceChildren(form(alert, action, fields, () => place.replaceChildren(...buttons)));
    place.querySelector('input')?.focus();
  };
  const buttons = [
    element('button', { type: 'button', click: open('acknowledge', []) }, say('acknowledge')),
    element(
      'button',
      { type: 'button', click: () => open('silence', [input('hours', 'hours', 'number', '12')])() },
      say('silence'),
    ),
  ];
  place.append(...buttons);
  return place;
}

function form(alert: string, action: string, fields: readonly HTMLElement[], end: () => void): HTMLElement {
  const outcome = element('output');
  const send = async (event: Event) => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(event.target as HTMLFormElement)) as Record<string, string>;
    const { token = '', author = '', note, hours } = given;
    Object.assign(remembered, { token, author });
    try {
      await post(token, {
        action,
        author,
        details: { alert, ...(note && { note }), ...(hours && { hours: Number(hours) }) },
      });
      outcome.textContent = say('done');
    } catch (error) {
      outcome.textContent = (error as Error).message;
    }
  };
  return element(
    'form',
    { submit: (event) => void send(event) },
    input('author', 'author', 'text', remembered.author),
    fields,
    input('note', 'note', 'text', '', false),
    input('token', 'token', 'password', remembered.token),
    element('button', { type: 'submit' }, say(action as 'acknowledge')),
    element('button', { type: 'button', click: end }, say('cancel')),
    outcome,
  );
}

function input(
  name: string,
  label: 'author' | 'note' | 'token' | 'hours',
  type: string,
  value: string,
  required = true,
): HTMLElement {
  return element('label', {}, say(label), element('input', { name, type, value, required }));
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
