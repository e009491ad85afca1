import test from 'ava';
import { GatewayRequests, requestPayload, requestTopic } from '../src/gateway-requests.ts';
import type { BackfillRequest } from '../src/stream/backfill.ts';
import type { Gap } from '../src/stream/gaps.ts';

const request = (attempt: number, first = 3, station = 'B01'): BackfillRequest => ({
  ...{ kind: 'backfill', station, from: 0, to: null, attempt, time: 60_000 },
  sequence: { stream: '', first, last: first + 1 },
});
const gap = (state: Gap['state'], first = 3): Gap => ({
  ...{ kind: 'gap', station: 'B01', stream: '', state, first, last: first + 1, missing: 0, came: 2 },
  ...{ from: 0, to: 0, time: 0 },
});

function requests(topic: string | undefined = 'buoys/{station}/backfill') {
  const published: [string, number][] = [];
  const reported: string[] = [];
  const broker = { away: false };
  const subject = new GatewayRequests({
    topic: () => topic,
    publish: async (on, payload, options) => {
      if (broker.away) throw new Error('not connected');
      if (options.qos === 1 && !options.retain) published.push([on, JSON.parse(payload).attempt]);
    },
    report: (what) => reported.push(what),
  });
  return { subject, published, reported, broker };
}

test('of several requests for one gap only the last goes out, and none for a gap that is over', async (t) => {
  const { subject, published } = requests();
  subject.take([request(1), request(1, 9), request(1, 20)]);
  subject.take([request(2), gap('closed', 9), gap('given-up', 20), gap('open')]);
  t.deepEqual(published, []);
  await subject.send();
  t.deepEqual(published, [['buoys/B01/backfill', 2]]);
  await subject.send();
  t.is(published.length, 1);
});

test('while the broker is away a request waits, and a newer one takes its place', async (t) => {
  const { subject, published, reported, broker } = requests();
  broker.away = true;
  subject.take([request(1), request(1, 9)]);
  const sent = subject.send();
  subject.take([request(2)]);
  await sent;
  t.deepEqual(reported, ['not connected', 'not connected']);
  broker.away = false;
  await subject.send();
  t.deepEqual(published.toSorted(), [
    ['buoys/B01/backfill', 1],
    ['buoys/B01/backfill', 2],
  ]);
});

test('nobody is asked without a topic, nor under a name that is no level of one', async (t) => {
  const none = requests('');
  const silent = new GatewayRequests({
    topic: () => undefined,
    publish: () => Promise.reject(new Error('published')),
    report: (what) => none.reported.push(what),
  });
  silent.take([request(1)]);
  await silent.send();
  t.deepEqual(none.reported, []);
  const { subject, published, reported } = requests();
  subject.take([request(1, 3, 'B01/+/x')]);
  await subject.send();
  t.deepEqual([published, reported], [[], ['B01/+/x: no level of a topic']]);
  t.is(requestTopic('a/{station}/b', '$&'), 'a/$&/b');
});

test('a request as the documentation shows it', (t) => {
  const { kind: _, ...one } = request(1);
  t.deepEqual(JSON.parse(requestPayload({ ...one, from: Date.UTC(2026, 4, 1), to: 9e15 })), {
    ...{ station: 'B01', from: '2026-05-01T00:00:00.000Z', to: null, attempt: 1 },
    sequence: { stream: '', first: 3, last: 4 },
    time: '1970-01-01T00:01:00.000Z',
  });
});
