import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { openDisk } from '../../src/disk.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';
import { redtide, temporaryFolder, until } from '../process.ts';
import { forecast, step } from '../store/points.ts';
import { run } from './in-process.ts';
import { configure } from './shore.ts';

const rulesOf = (...ids: string[]) =>
  `rules:\n${ids.map((id) => `  - { id: ${id}, text: Green, variable: chlorophyll, level: 20, clear: 15 }\n`).join('')}`;

test('orders reach a running edge, are answered, and are in the audit trail; changed rules take effect', async (t) => {
  const data = temporaryFolder(t);
  const rulesFile = join(data, 'rules.yaml');
  writeFileSync(rulesFile, rulesOf('bloom'));
  const broker = { embedded: { port: 0 } };
  const file = configure(data, 'edge', { data, broker, rulesFile, model: { folder: join(data, 'models') } });
  const said = async (...args: string[]) => {
    const { code, out, err } = await run('alerts', ...args);
    return `${code} ${out}${err}`;
  };
  t.regex(await said('ack', file, 'x'), /^1 .*no edge runs/);
  const edge = redtide(t, 'edge', file);
  await edge.line(/status page/);
  t.is(await said('test', file, 'bloom', 'B01', '--author', 'Ada', '--note', 'new phone'), '0 done\n');
  t.regex(await said('ack', file, 'x'), /^3 .*there is no open alert x/);
  t.regex(await said('silence', file, '--for', '2h', '--note', 'pier'), /^0 silence s\d+ until /);
  t.regex(await said('silence', file, '--note', 'pier'), /^2 .*needs --until TIME or --for DURATION/);
  t.regex(await said('test', file, 'other', 'B01'), /^3 .*there is no rule other/);
  const span = ['--from', '2026-03-01T06:00Z', '--until', '2026-03-02T00:00Z'];
  t.regex(await said('missed', file, 'bloom', ...span), /^2 .*needs RULE STATION/);
  t.regex(await said('missed', file, 'bloom', 'B01'), /^3 .*from is missing|^3 .*must be a time/);
  t.is(await said('missed', file, 'bloom', 'B01', ...span, '--author', 'Ada'), '0 done\n');
  writeFileSync(rulesFile, 'rules: [{ id: broken }]');
  await edge.line(/stays as it was: .*line 1/);
  writeFileSync(rulesFile, rulesOf('bloom', 'other'));
  await edge.line(/is in force/);
  t.is(await said('exercise', file, 'other', 'B01', '--for', '1d', '--note', 'drill'), '0 done\n');
  await until('the exercise is in the store', async () => (await said('list', file)).includes('EXERCISE'));
  const listed = await said('list', file, '--all', '--json');
  const [missed, tested] = listed
    .slice(2)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.like(missed, { reason: 'verdict: missed', author: 'Ada', quiet: 'for the record' });
  t.like(tested, { rule: 'bloom', mode: 'test', to: 'inactive', author: 'Ada', note: 'new phone' });
  t.regex(await said('show', file, tested.id), /^0 1 {2}.*TEST inactive > firing.*by Ada \(new phone\)/);
  await edge.stop('SIGTERM');
});

test('a file of rules is tried on stored history beside the rules in force', async (t) => {
  const data = temporaryFolder(t);
  const disk = openDisk(join(data, 'edge'));
  const start = Date.UTC(2026, 0, 1);
  const hour = 3_600_000;
  const bloom = (at: number) => at >= 100 && at < 130;
  const steps = Array.from({ length: 400 }, (_, at) => {
    const mean = bloom(at) ? 40 : at === 300 ? 21 : 5;
    return step({ station: 'B01', start: start + at * hour, mean, flag: 1, count: 1 });
  });
  const ahead = Array.from({ length: 20 }, (_, i) => {
    const issuedAt = start + (90 + i) * hour;
    return forecast({ station: 'B01', issuedAt, values: [1, 2, 3].map(() => [1, i < 2 ? 5 : 40, 50]) });
  });
  await new LmdbStore(disk).write([...steps, ...ahead]);
  await disk.close();
  const file = configure(data, 'history', {
    data,
    rules: [{ id: 'now', text: 'x', variable: 'chlorophyll', level: 20, clear: 15 }],
  });
  const tried = join(data, 'tried.yaml');
  writeFileSync(
    tried,
    `${rulesOf('same')}  - { id: early, text: x, variable: chlorophyll, on: forecast, level: 20, clear: 15 }\n`,
  );
  const period = ['--config', file, '--from', '2026-01-01', '--to', '2026-02-01'];
  const { out, code } = await run('rules', 'try', tried, ...period, '--json');
  t.is(code, 0);
  const {
    tried: [same, early],
    inForce: [now],
  } = JSON.parse(out);
  t.deepEqual({ ...same, rule: 'now' }, { ...now, list: same.list });
  t.like(now, { episodes: 2, caught: 2, falseAlarms: 0, pod: 1, far: 0, csi: 1 });
  t.like(early, { warnings: 1, episodes: 2, caught: 1, missed: 1, pod: 0.5 });
  t.deepEqual(early.leads, [8 * hour], 'the forecast of hour 92 crosses first; the bloom begins in hour 100');
  t.regex((await run('rules', 'try', tried, ...period)).out, /^tried\n {2}rule .*\n {2}same /);
});

test('faults of a file of rules are named with their lines', async (t) => {
  const file = join(temporaryFolder(t), 'rules.yaml');
  writeFileSync(
    file,
    'rules:\n  - id: a\n    text: Karenia\n    variable: chlorophyll\n    level: 3\n    clear: 4\n',
  );
  const { code, err } = await run('rules', 'check', file);
  t.is(code, 2);
  t.regex(err, /line 2: .*clear 4 is on the wrong side of level 3/);
  t.regex(err, /line 2: .*text names Karenia, which no buoy can see/);
});
