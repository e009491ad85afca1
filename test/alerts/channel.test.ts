import test from 'ava';
import { answersFor, type Channel, route } from '../../src/alerts/channel.ts';
import { transitionOf } from './transition.ts';

const contact: Omit<Channel, 'notifier'> = { severity: 'moderate', areas: ['bay'] };
const inBay = { ...transitionOf(0), area: 'bay' };

test('each decision says why', (t) => {
  const reasons = [
    route(contact, inBay, false),
    route(contact, { ...inBay, severity: 'minor' }, false),
    route(contact, transitionOf(0), false),
    route(contact, { ...inBay, quiet: 'silenced by mei' }, true),
    route(contact, { ...inBay, to: 'resolved' }, false),
    route(contact, { ...inBay, to: 'pending' }, false),
    route(contact, { ...inBay, severity: 'minor', to: 'resolved' }, true),
  ];
  t.deepEqual(
    reasons.map(({ deliver, reason }) => `${deliver}: ${reason}`),
    [
      'true: moderate in bay',
      'false: minor is below moderate',
      'false: area buoy-1 is none of bay',
      'false: nobody is told: silenced by mei',
      'false: resolved, and it was never told of the alert',
      'false: pending, and it was never told of the alert',
      'true: it was told of this alert before',
    ],
  );
});

test('a second contact is told of what is escalated, and then of how it goes on', (t) => {
  const second = { ...contact, escalation: true };
  t.false(route(second, inBay, false).deliver);
  t.true(route(second, { ...inBay, cause: 'escalation' }, false).deliver);
  t.true(route(second, { ...inBay, to: 'acknowledged', cause: 'command' }, true).deliver);
});

test('an acknowledgement and an end answer for an alert, silence does not', (t) => {
  const answers = (['firing', 'stale', 'acknowledged', 'resolved', 'inactive'] as const).filter((to) =>
    answersFor({ ...inBay, to }),
  );
  t.deepEqual(answers, ['acknowledged', 'resolved', 'inactive']);
});
