import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import test, { type ExecutionContext } from 'ava';

const unit = readFileSync(new URL('../../deploy/edge/redtide.service', import.meta.url), 'utf8');

/** What systemd says of the unit. Only the program's path is changed, to a Node that is on this machine. */
function analyze(t: ExecutionContext, text: string, ...command: string[]) {
  const program = ['/usr/bin/systemd-analyze', '/bin/systemd-analyze'].find((path) => existsSync(path));
  if (!program) {
    t.log('skipped: systemd-analyze is not installed');
    t.pass();
    return undefined;
  }
  const folder = mkdtempSync(`${tmpdir()}/redtide-unit-`);
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = `${folder}/redtide.service`;
  writeFileSync(file, existsSync('/usr/bin/node') ? text : text.replace('/usr/bin/node', process.execPath));
  return spawnSync(program, [...command, file], { encoding: 'utf8' });
}

test('the unit passes systemd-analyze verify', (t) => {
  const result = analyze(t, unit, 'verify');
  if (!result) return;
  t.is(result.stderr + result.stdout, '');
  t.is(result.status, 0);
});

test('the check is one that a wrong unit fails', (t) => {
  const result = analyze(t, unit.replace('ProtectHome=', 'ProtectHouse='), 'verify');
  if (result) t.regex(result.stderr, /ProtectHouse/);
});

test('little is exposed, as systemd-analyze security counts it', (t) => {
  const result = analyze(t, unit, 'security', '--offline=true', '--threshold=20');
  if (result) t.is(result.status, 0, result.stdout.split('\n').at(-2));
});

test('memory may be made executable, without which V8 does not start', (t) => {
  t.notRegex(unit, /MemoryDenyWriteExecute/);
});

test('it runs a file that the repository has, as a user of its own, and starts again', (t) => {
  const [, script] = /ExecStart=\/usr\/bin\/node \/opt\/redtide\/(\S+) edge/.exec(unit)!;
  t.true(existsSync(new URL(`../../${script}`, import.meta.url)));
  t.regex(unit, /^User=redtide$/m);
  t.regex(unit, /^Restart=always$/m);
  t.regex(unit, /^StartLimitIntervalSec=0$/m);
});
