import { Writable } from 'node:stream';
import test from 'ava';
import type { Io } from '../../src/commands/command.ts';
import { main } from '../../src/main.ts';

/** Runs a command line in this process and collects what it says. */
async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const sink = (name: 'out' | 'err') =>
    new Writable({
      write(chunk, _encoding, done) {
        said[name] += chunk;
        done();
      },
    });
  const io: Io = { out: sink('out'), err: sink('err'), env: {}, signal: new AbortController().signal };
  return { code: await main(argv, io), ...said };
}

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
