import test, { type ExecutionContext } from 'ava';
import type { Change } from '../../src/dashboard/change.ts';
import type { History } from '../../src/dashboard/history.ts';
import { startHttpServer } from '../../src/dashboard/http-server.ts';
import { createMetrics } from '../../src/dashboard/metrics.ts';
import type { Status } from '../../src/dashboard/status.ts';
import { until } from '../process.ts';
import { exampleStatus } from './example-status.ts';

async function* nothing() {}
const history: History = { readings: nothing, steps: nothing, forecasts: nothing, alerts: nothing };

interface Event {
  readonly id: string;
  readonly event: string;
  readonly data: Change;
}

/** A page: the events that it was told, as a browser would read them. */
async function page(t: ExecutionContext, url: string, last?: string) {
  const stop = new AbortController();
  t.teardown(() => stop.abort());
  const headers = last === undefined ? {} : { 'Last-Event-ID': last };
  const response = await fetch(`${url}api/events`, { headers, signal: stop.signal });
  const events: Event[] = [];
  const read = async () => {
    let text = '';
    for await (const chunk of response.body!) {
      text += Buffer.from(chunk).toString();
      const blocks = text.split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks) {
        const lines = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s)));
        if (lines['data']) events.push({ ...lines, data: JSON.parse(lines['data']) } as Event);
      }
    }
  };
  read().catch(() => {});
  return { events, close: () => stop.abort(), response };
}

async function serve(t: ExecutionContext, status: () => Status) {
  const server = await startHttpServer({ port: 0, status, metrics: createMetrics(), history });
  t.teardown(() => server.stop());
  return server;
}

test('a page gets the whole status, then the stations that changed and no other', async (t) => {
  let status = exampleStatus();
  const { url } = await serve(t, () => status);
  const { events, response } = await page(t, url);
  t.is(response.headers.get('content-type'), 'text/event-stream');
  await until('the first event', () => events.length > 0);
  t.is(events[0]!.event, 'whole');
  t.deepEqual(events[0]!.data.stations, JSON.parse(JSON.stringify(status.stations)));
  t.true(events[0]!.data.edge.ready.ok);
  const [first, ...rest] = status.stations;
  status = { ...status, stations: [{ ...first!, name: 'Renamed' }, ...rest] };
  await until('the change', () => events.some(({ data }) => data.stations[0]?.name === 'Renamed'));
  const changes = events.filter(({ event, data }) => event === 'change' && data.stations.length > 0);
  t.deepEqual(
    changes.at(-1)!.data.stations.map(({ id }) => id),
    [first!.id],
  );
});

test('a page that comes back gets what it missed; after another start of the server, everything', async (t) => {
  let messages = 0;
  const status = () => exampleStatus({ produced: { ...exampleStatus().produced, messages: ++messages } });
  const first = await serve(t, status);
  const before = await page(t, first.url);
  await until('two events', () => before.events.length >= 2);
  before.close();
  const { id } = before.events[1]!;
  await until('more has happened', () => messages > 6);
  const after = await page(t, first.url, id);
  await until('what was missed', () => after.events.length >= 2);
  t.true(after.events.every(({ event }) => event === 'change'));
  const numberOf = (one: string) => Number(one.split('/')[1]);
  t.deepEqual(
    after.events.map((one) => numberOf(one.id)),
    after.events.map((_, at) => numberOf(id) + 1 + at),
  );

  const second = await serve(t, status);
  const elsewhere = await page(t, second.url, id);
  await until('an event', () => elsewhere.events.length > 0);
  t.is(elsewhere.events[0]!.event, 'whole');
});

test('one look at the status serves all pages', async (t) => {
  let looks = 0;
  const { url } = await serve(t, () => {
    looks++;
    return exampleStatus();
  });
  const pages = await Promise.all(Array.from({ length: 40 }, () => page(t, url)));
  const start = looks;
  const [first] = pages;
  const had = first!.events.length;
  await until('three more events', () => first!.events.length >= had + 3);
  t.true(looks - start <= 8, `${looks - start} looks for three events on 40 pages`);
});
