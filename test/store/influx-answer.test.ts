import test from 'ava';
import { judge } from '../../src/store/influx-answer.ts';

const error = (text: string) => JSON.stringify({ error: text });

test('204 is stored', (t) => {
  t.deepEqual(judge({ status: 204, body: '' }, 0), { kind: 'stored' });
});

test('400 is a refusal, with the reason and how many lines it means', (t) => {
  const body = error('partial write: points beyond retention policy dropped=3');
  const reason = '400: partial write: points beyond retention policy dropped=3';
  t.deepEqual(judge({ status: 400, body }, 0), { kind: 'refused', reason, dropped: 3 });
  const unparsable = judge({ status: 400, body: error("unable to parse 'x': missing fields") }, 0);
  t.like(unparsable, { kind: 'refused', dropped: 0 });
});

test('a page of something else is not a refusal, whatever its status', (t) => {
  for (const status of [400, 404, 301, 200 + 1, 403, 502])
    t.is(judge({ status, body: '<html>Gateway</html>' }, 0).kind, 'unavailable', `${status}`);
  t.is(judge({ status: 404, body: error('database not found: "x"') }, 0).kind, 'no-database');
  t.is(judge({ status: 413, body: error('Request Entity Too Large') }, 0).kind, 'too-large');
  t.is(judge({ status: 401, body: error('authorization failed') }, 0).kind, 'unavailable');
});

test('Retry-After is seconds or a date', (t) => {
  const now = Date.parse('2026-05-01T00:00:00Z');
  const after = (retryAfter: string | null) => {
    const verdict = judge({ status: 429, body: '', retryAfter }, now);
    return verdict.kind === 'unavailable' ? verdict.after : 'not unavailable';
  };
  t.is(after('7'), 7000);
  t.is(after('Fri, 01 May 2026 00:01:30 GMT'), 90_000);
  t.is(after('Thu, 30 Apr 2026 00:00:00 GMT'), 0);
  t.is(after('soon'), undefined);
  t.is(after(null), undefined);
});

test('a long answer is cut, an empty one is said to be', (t) => {
  const verdict = judge({ status: 500, body: 'x'.repeat(10_000) }, 0);
  t.true(verdict.kind === 'unavailable' && verdict.reason.length < 300);
  t.like(judge({ status: 503, body: '' }, 0), { reason: '503: no reason given' });
});
