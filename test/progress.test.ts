import { spawn } from 'node:child_process';
import test from 'ava';
import { createProgress, type Terminal } from '../src/progress.ts';
import { counts, exampleStatus, station } from './dashboard/example-status.ts';
import { Screen } from './screen.ts';

class Pipe implements Terminal {
  readonly said: string[] = [];
  write(text: string, done?: (error?: Error | null) => void) {
    this.said.push(text);
    done?.();
  }
}

test('on a terminal it is redrawn in place', (t) => {
  const screen = new Screen();
  let status = exampleStatus();
  const progress = createProgress(screen, { status: () => status, now: () => 0 });
  progress.start();
  t.true(screen.cursorHidden);
  const first = screen.text;
  t.regex(first, /^Redtide 0\.1\.0 .*\n1 alert firing/);
  progress.look();
  t.is(screen.text, first);
  status = exampleStatus({ alerts: [], stations: [station('B01', 3, 1)] });
  progress.look();
  t.regex(screen.text, /^Redtide 0\.1\.0 .*\nNo alert is firing, 1 of 1 station reporting\n/);
  t.false(screen.text.includes('B03'), 'nothing of the longer picture is left');
  progress.stop();
  t.false(screen.cursorHidden);
  progress.stop();
});

test('lines of others stand above the live view and stay there', (t) => {
  const screen = new Screen();
  const progress = createProgress(screen, { status: () => exampleStatus(), now: () => 0 });
  progress.lines.write('before\n');
  progress.start();
  let done = 0;
  progress.lines.write('FIRING one\n', () => done++);
  progress.lines.write('FIRING two\n', () => done++);
  progress.look();
  progress.stop();
  progress.lines.write('after\n');
  t.is(done, 2);
  t.true(progress.lines.isTTY);
  const shown = screen.text.split('\n');
  t.deepEqual(
    shown.slice(0, 4).map((line) => line.slice(0, 10)),
    ['before', 'FIRING one', 'FIRING two', 'Redtide 0.'],
  );
  t.is(shown.at(-2), 'after');
  t.is(screen.text.match(/Redtide/g)!.length, 1);
});

test('a fleet taller than the terminal does not run away', (t) => {
  const screen = new Screen(80, 15);
  const stations = Array.from({ length: 50 }, (_, n) => station(`S${n}`, 3, 1));
  const progress = createProgress(screen, { status: () => exampleStatus({ stations }), now: () => 0 });
  progress.start();
  for (let n = 0; n < 5; n++) progress.look();
  progress.stop();
  t.is(screen.text.match(/Redtide/g)!.length, 1);
  t.true(screen.text.split('\n').length <= 15);
});

test('colours on a terminal, unless NO_COLOR is set', (t) => {
  const first = (env: Record<string, string>, isTTY = true) => {
    const pipe = new Pipe();
    const progress = createProgress(pipe, { status: () => exampleStatus(), now: () => 0, isTTY, env });
    progress.start();
    progress.stop();
    return pipe.said.join('');
  };
  t.true(first({}).includes('\x1b[31m'));
  t.true(first({ NO_COLOR: '' }).includes('\x1b[31m'), 'an empty one does not count');
  t.false(first({ NO_COLOR: '1' }).includes('\x1b[31m'));
  t.false(first({}, false).includes('\x1b'));
});

test('in a pipe: one line at once, then on a change and every 10 s', (t) => {
  const pipe = new Pipe();
  let real = 0;
  let status = exampleStatus();
  const progress = createProgress(pipe, { status: () => status, now: () => real });
  t.false(progress.lines.isTTY);
  const seconds = (count: number) => {
    for (let n = 0; n < count; n++) {
      real += 1000;
      progress.look();
    }
    return pipe.said.splice(0);
  };
  progress.look();
  t.is(pipe.said.splice(0).length, 1);
  t.deepEqual(seconds(9), []);
  const [summary, ...none] = seconds(1);
  t.regex(summary!, /^2026-05-02T14:20Z 1 alert firing.*\n$/);
  t.deepEqual(none, []);
  status = exampleStatus({ store: { name: 'influx', state: 'spilling', waiting: 3 } });
  t.deepEqual(seconds(1), ['2026-05-02T14:20Z store influx spilling, 3 points waiting\n']);
  t.deepEqual(seconds(8), []);
  progress.lines.write('FIRING\n');
  t.deepEqual(pipe.said.splice(0), ['FIRING\n']);
});

test('the rate is that of real time', (t) => {
  const pipe = new Pipe();
  let real = 0;
  let received = 0;
  const status = () =>
    exampleStatus({ stations: [station('B01', 3, 1, { counts: counts(received) })], unknown: undefined });
  const progress = createProgress(pipe, { status, now: () => real });
  progress.look();
  t.false(pipe.said[0]!.includes('/s'), 'nothing is known at first');
  real += 10_000;
  received += 2500;
  progress.look();
  t.regex(pipe.said[1]!, /, 250 values\/s\n$/);
});

test('a process that ends without stopping gives the cursor back', async (t) => {
  const code = `
    import { createProgress } from './src/progress.ts';
    import { exampleStatus } from './test/dashboard/example-status.ts';
    createProgress(process.stdout, { status: exampleStatus, now: () => performance.now(), isTTY: true }).start();
  `;
  const child = spawn(process.execPath, ['--import=tsx', '--input-type=module', '--eval', code], {
    cwd: new URL('..', import.meta.url).pathname,
  });
  let said = '';
  child.stdout.on('data', (chunk) => (said += chunk));
  const exit = await new Promise((resolve) => child.on('close', resolve));
  t.is(exit, 0, 'and it does not keep the process alive');
  t.true(said.startsWith('\x1b[?25l'));
  t.true(said.endsWith('\x1b[?25h'));
});
