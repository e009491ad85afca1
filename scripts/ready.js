// Makes a clone ready with nothing but Node and npm: installs what is missing, builds what is out of date.
// Quiet when there is nothing to do. Plain JavaScript without dependencies, since it runs before they are there.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`redtide needs Node 20.19 or newer; this is ${process.versions.node}`);
  process.exit(1);
}

const modified = (path) => (existsSync(root + path) ? statSync(root + path).mtimeMs : 0);

/** npm writes the hidden lock file last: where it is older than ours, an install is missing or was cut short. */
const installed = () => modified('node_modules/.package-lock.json') >= modified('package-lock.json');

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (result.status !== 0) {
    console.error(`"${command} ${args.join(' ')}" failed; mend what it says above and start again`);
    process.exit(result.status ?? 1);
  }
}

if (!installed()) {
  console.error('installing dependencies ...');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--include=dev']);
}
run(process.execPath, ['scripts/build.js']);
