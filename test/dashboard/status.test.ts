import test from 'ava';
import { age, headline, pendingValues, presence, totals } from '../../src/dashboard/status.ts';
import { counts, exampleStatus, now, station } from './example-status.ts';

test('a station is judged by its own cadence', (t) => {
  const heard = (minutes: number | undefined, cadence = 10) =>
    presence(station('B01', 3, minutes, { cadence: cadence * 60_000 }), now);
  t.is(heard(undefined), 'never seen');
  t.is(heard(-400), 'reporting');
  t.is(heard(20), 'reporting');
  t.is(heard(21), 'late');
  t.is(heard(60), 'late');
  t.is(heard(61), 'silent');
  t.is(heard(61, 60), 'reporting');
});

test('what the watchdog says comes first, and a heard station that sends old readings is not reporting', (t) => {
  const stands = (state: 'heard' | 'late' | 'silent' | 'connected-but-silent', minutes = 5) =>
    presence(station('B01', 3, minutes, { condition: { state, since: now } }), now);
  t.is(stands('heard'), 'reporting');
  t.is(stands('late'), 'late');
  t.is(stands('silent'), 'silent');
  t.is(stands('connected-but-silent'), 'connected, but silent');
  t.is(stands('heard', 61), 'silent');
});

test('the headline claims no more than is known', (t) => {
  const quiet = { alerts: [] };
  t.is(headline(exampleStatus()), '1 alert firing, 2 of 4 stations reporting');
  t.is(headline(exampleStatus(quiet)), 'No alert is firing, 2 of 4 stations reporting');
  const [alert] = exampleStatus().alerts;
  const pending = exampleStatus({ alerts: [{ ...alert!, state: 'pending' }] });
  t.is(headline(pending), 'No alert is firing, 2 of 4 stations reporting');
  const silent = exampleStatus({ ...quiet, stations: [station('B01', 3, 900)] });
  t.is(headline(silent), 'Nothing is known of the water now: 0 of 1 station reporting');
  const both = exampleStatus({ alerts: [alert!, { ...alert!, id: 'another' }], stations: [] });
  t.is(headline(both), '2 alerts firing, 0 of 0 stations reporting');
});

test('the ledger adds up over stations and unknown ones', (t) => {
  const status = exampleStatus({
    stations: [
      station('B01', 3, 1, { counts: counts(10, { stored: 4, quarantined: 1, lateOnly: 2 }) }),
      station('B02', 3, 1, { counts: counts(5, { stored: 0, duplicate: 3, shed: 1 }) }),
    ],
    unknown: counts(2, { stored: 0, quarantined: 2 }),
  });
  const sum = totals(status);
  t.deepEqual(sum, { received: 17, stored: 4, quarantined: 3, duplicate: 3, lateOnly: 2, shed: 1 });
  t.is(pendingValues(sum), 4);
  t.is(totals(exampleStatus({ stations: [], unknown: undefined })).received, 0);
});

test('ages are as exact as a person needs them', (t) => {
  const second = 1000;
  const said = [-5, 0, 20, 89, 90, 720, 5400, 12_600, 129_600, 864_000].map((s) => age(s * second));
  t.deepEqual(said, ['0 s', '0 s', '20 s', '89 s', '2 min', '12 min', '1.5 h', '3.5 h', '2 d', '10 d']);
});
