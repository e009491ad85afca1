import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { redtide, temporaryFolder } from '../process.ts';

test('from a back-test of some horizons to a line-up that serves all of them at a running edge', async (t) => {
  const folder = temporaryFolder(t);
  const [history, models, report] = ['history.csv.gz', 'models', 'report.json'].map((name) =>
    join(folder, name),
  );
  const run = async (...args: string[]) => {
    const { code, out, err } = await redtide(t, ...args).ended;
    t.is(code, 0, err);
    return out;
  };
  const span = ['--from', '2025-03-01T00:00:00Z', '--to', '2025-05-01T00:00:00Z'];
  await run('simulate', '--out', history!, '--seed', '3', ...span);
  const some = [history!, '--variables', 'chlorophyll'];
  const ids: string[] = [];
  for (const network of ['persistence', 'lag-regression'])
    ids.push(JSON.parse(await run('train', ...some, '--models', models!, '--network', network, '--json')).id);
  const tried = ['--network', 'none', '--horizons', '1,3', '--origins', '1', '--json'];
  writeFileSync(report!, await run('backtest', ...some, ...tried));
  const made = await run('models', 'line-up', report!, ...ids, '--models', models!);
  t.regex(made, /^ {2}B01 chlorophyll: 1 lag-regression, 3 \S+, 6 persistence, /m);
  const demo = redtide(t, 'demo', '--models', models!, '--data', join(folder, 'data'), ...quick);
  const { code, out } = await demo.ended;
  t.is(code, 0);
  t.regex(out, new RegExp(`^model +${made.split('\n')[0]}`, 'm'));
  t.true(Number(/; (\d+) forecasts/.exec(demo.lines.at(-2)!.text)?.[1]) > 0, demo.lines.at(-2)!.text);
});

const quick = ['--port', '0', '--http-port', '0', '--speed', '12000', '--hours', '30'];
