import test from 'ava';
import { run } from './in-process.ts';

test('without a command it lists them all', async (t) => {
  const { code, out } = await run();
  t.is(code, 0);
  for (const name of ['edge', 'demo', 'simulate', 'replay', 'train', 'retrain', 'check'])
    t.regex(out, new RegExp(`^  ${name} `, 'm'));
});

for (const name of ['edge', 'demo', 'simulate', 'replay', 'train', 'retrain', 'check'])
  test(`${name} --help explains usage, options and exit codes`, async (t) => {
    const { code, out } = await run(name, '--help');
    t.is(code, 0);
    t.regex(out, new RegExp(`^Usage: redtide ${name}`));
    t.regex(out, /^Options:\n {2}--/m);
    t.regex(out, /Exit codes: 0 done/);
  });

test('an unknown command or option is one line and exit code 2', async (t) => {
  const unknown = await run('frobnicate');
  t.is(unknown.code, 2);
  t.regex(unknown.err, /^redtide: no command "frobnicate"; there are .*\n$/);
  const option = await run('check', '--nope');
  t.is(option.code, 2);
  t.regex(option.err, /^redtide check: Unknown option '--nope'; see redtide check --help\n$/);
  t.is((await run('constructor')).code, 2);
});

test('check prints every problem of a file, and exits with 2', async (t) => {
  const { code, err } = await run('check', '/nowhere/redtide.yaml');
  t.is(code, 2);
  t.regex(err, /nowhere\/redtide\.yaml: cannot be read/);
});

test('check says what a valid file means', async (t) => {
  const example = new URL('../../deploy/edge/redtide.example.yaml', import.meta.url).pathname;
  const { code, out } = await run('check', example);
  t.is(code, 0);
  t.regex(out, /is valid\n {2}broker {4}mqtts:\/\/broker\.example\.org/);
  const json = await run('check', example, '--json');
  t.is(JSON.parse(json.out).stream.step, 3_600_000);
});
