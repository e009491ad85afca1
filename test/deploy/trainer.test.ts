import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { command as check } from '../../src/commands/check.ts';
import type { Command } from '../../src/commands/command.ts';
import { command as retrain } from '../../src/commands/retrain.ts';
import { parseConfig } from '../../src/config/load.ts';
import { notInstalled } from '../../src/model/webgpu/device.ts';

const root = new URL('../../', import.meta.url).pathname;
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const [service, timer, containerfile, readme, example] = [
  'redtide-retrain.service',
  'redtide-retrain.timer',
  'Containerfile',
  'README.md',
  'trainer.example.yaml',
].map((name) => read(`deploy/trainer/${name}`)) as [string, string, string, string, string];
const { peerDependencies } = JSON.parse(read('package.json'));
const commands: Record<string, Command> = { retrain, check };

/** Whether these are words of a command line that redtide takes, with a configuration of a trainer. */
function takes([name, ...words]: readonly string[]): boolean {
  const options = words.filter((word) => word.startsWith('--')).map((word) => word.slice(2));
  const known = commands[name!]?.options ?? {};
  return name! in commands && options.every((option) => option in known);
}

test('every command line that the files name is one that redtide takes', (t) => {
  const [, exec] = /^ExecStart=\/usr\/bin\/node \/opt\/redtide\/(.+)$/m.exec(service)!;
  const [script, ...words] = exec!.split(' ');
  t.true(existsSync(join(root, script!)));
  t.true(takes(words), exec);
  t.true(takes(JSON.parse(/^CMD (.+)$/m.exec(containerfile)![1]!)));
  const told = [...readme.matchAll(/(?:redtide\.js|redtide-trainer) ((?:retrain|check) \/etc.*)$/gm)];
  t.is(told.length, 3);
  for (const [, line] of told) t.true(takes(line!.split(' ')), line);
  t.false(takes(['retrain', '/etc/redtide/trainer.yaml', '--twice']));
});

test('the image is made of files that are there, with the Dawn that is tested', (t) => {
  const copied = [...containerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, from]) =>
    from!.split(' '),
  );
  t.true(copied.length > 5);
  const sent = read('deploy/trainer/Containerfile.dockerignore');
  for (const path of copied) {
    t.true(existsSync(join(root, path)), path);
    t.regex(sent, new RegExp(`^!${path}$`, 'm'));
  }
  const versions = [containerfile, readme, read('.ci/run'), notInstalled].map(
    (text) => /webgpu@(\S+)/.exec(text)?.[1],
  );
  for (const version of versions) t.is(version, peerDependencies['webgpu']);
  t.regex(containerfile, /NVIDIA_DRIVER_CAPABILITIES=compute,utility,graphics/);
  t.regex(containerfile, /apt-get install .*libvulkan1/);
});

test('the example is a valid configuration, and its folders are those of unit and image', (t) => {
  const config = parseConfig(example, 'trainer.example.yaml');
  const [, state] = /^StateDirectory=(.+)$/m.exec(service)!;
  t.is(config.retrain.data, `/var/lib/${state}`);
  t.is(config.model.folder, `/var/lib/${state}/models`);
  t.regex(containerfile, new RegExp(`^VOLUME /var/lib/${state}$`, 'm'));
  const credentials = [...service.matchAll(/^LoadCredential=(\S+):(\S+)$/gm)];
  t.is(credentials.length, 2);
  for (const [, name, file] of credentials) {
    t.true(example.includes(`/run/credentials/redtide-retrain.service/${name}`), name);
    t.true(readme.includes(file!), file);
  }
});

test('that the present model stays is no failure of the unit; a wrong configuration is not tried again', (t) => {
  t.regex(service, /^SuccessExitStatus=3$/m);
  t.regex(service, /^RestartPreventExitStatus=2$/m);
  t.notRegex(service, /MemoryDenyWriteExecute/);
  t.notRegex(service, /PrivateDevices=yes/, 'there would be no GPU');
});

test('unit and timer pass systemd-analyze verify, which a wrong one does not', (t) => {
  const program = ['/usr/bin/systemd-analyze', '/bin/systemd-analyze'].find((path) => existsSync(path));
  if (!program) {
    t.log('skipped: systemd-analyze is not installed');
    t.pass();
    return;
  }
  const verify = (unit: string) => {
    const folder = mkdtempSync(`${tmpdir()}/redtide-unit-`);
    t.teardown(() => rmSync(folder, { recursive: true }));
    const node = existsSync('/usr/bin/node') ? '/usr/bin/node' : process.execPath;
    writeFileSync(join(folder, 'redtide-retrain.service'), unit.replace('/usr/bin/node', node));
    writeFileSync(join(folder, 'redtide-retrain.timer'), timer);
    const files = ['service', 'timer'].map((kind) => join(folder, `redtide-retrain.${kind}`));
    const { stdout, stderr } = spawnSync(program, ['verify', ...files], { encoding: 'utf8' });
    return stderr + stdout;
  };
  t.is(verify(service), '');
  t.regex(verify(service.replace('DeviceAllow=', 'DevicesAllow=')), /DevicesAllow/);
});
