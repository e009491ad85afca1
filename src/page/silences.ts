import type { SilenceStatus, Status } from '../dashboard/status.ts';
import { element } from './element.ts';
import { orderButtons } from './order.ts';
import { instant, say } from './settings.ts';

/** Who is not told of what, until when, by whose word and why; nothing where everybody is. */
export function silenceList({ silences = [] }: Status): HTMLElement | undefined {
  if (silences.length === 0) return undefined;
  return element('section', {}, element('h2', {}, say('silences')), element('ul', {}, silences.map(item)));
}

function item({ id, of, rule, place, until, author, note }: SilenceStatus): HTMLElement {
  const what = of === 'maintenance' ? say('maintenance') : (rule ?? say('allRules'));
  return element(
    'li',
    {},
    element('strong', {}, `${what} ${say('at')} ${place ?? say('everywhere')}`),
    ' ',
    element('small', {}, `${say('until')} ${instant(until)}, ${author}`),
    element('br'),
    element('span', { class: 'soft' }, note),
    orderButtons([{ action: 'unsilence', details: { silence: id } }]),
  );
}
