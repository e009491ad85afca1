import type { StationStatus, Status } from '../dashboard/status.ts';
import { age } from '../dashboard/status.ts';
import { unitSymbol } from '../dashboard/unit-symbol.ts';
import { element, scrolled } from './element.ts';
import { figure, say, whole } from './settings.ts';

const share = (value: number | undefined) => (value === undefined ? '–' : `${Math.round(value * 100)} %`);

/** How the first-issued forecasts of a station have done against what was measured then, by variable and lead. */
export function skillTable(
  { verified = [], forecasts }: StationStatus,
  { variables }: Status,
): HTMLElement[] {
  const heading = element('h2', {}, say('skill'));
  if (verified.length === 0) return [heading, element('p', { class: 'soft' }, say('skillNone'))];
  const head = [
    say('variable'),
    say('ahead'),
    say('verified'),
    say('skillOverPersistence'),
    say('skillOverClimatology'),
    say('coverage'),
    say('bias'),
    say('drift'),
  ];
  const rows = variables.flatMap(({ name, title, unit }) =>
    verified
      .filter(({ variable }) => variable === name)
      .sort((a, b) => a.horizon - b.horizon)
      .map((one) => {
        const step = forecasts.find(({ variable }) => variable === name)?.step;
        const lead = step === undefined ? `${one.horizon} ${say('horizon')}` : age(one.horizon * step);
        return element(
          'tr',
          {},
          element('th', { scope: 'row' }, title),
          element('td', {}, lead),
          element('td', {}, whole(one.verified)),
          element('td', { class: (one.skill ?? 0) < 0 && 'stale' }, share(one.skill)),
          element('td', {}, share(one.skillOverClimatology)),
          element('td', {}, share(one.coverage)),
          element('td', {}, `${figure(one.bias)} ${unitSymbol(unit)}`),
          element('td', {}, one.drift >= 1 ? say('drifts') : say('none')),
        );
      }),
  );
  const table = element(
    'table',
    {},
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        head.map((text) => element('th', { scope: 'col' }, text)),
      ),
    ),
    element('tbody', {}, rows),
  );
  return [heading, scrolled(say('skill'), table)];
}
