// Compiles TypeScript to dist/ and the LSTM kernels to WebAssembly, where a source is newer than the last build.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = `${root}dist/.built`;

const newest = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => statSync(`${entry.parentPath}/${entry.name}`).mtimeMs)
    .reduce((a, b) => Math.max(a, b), 0);

function builtAt() {
  try {
    return statSync(stamp).mtimeMs;
  } catch {
    return 0;
  }
}

function run(args) {
  const result = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

const sources = Math.max(
  newest(`${root}src`),
  ...['tsconfig.json', 'tsconfig.build.json', 'tsconfig.page.json', 'package-lock.json'].map(
    (file) => statSync(root + file).mtimeMs,
  ),
);
if (sources > builtAt()) {
  run(['scripts/build-engine.js']);
  run(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']);
  run(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.page.json']);
  mkdirSync(`${root}dist`, { recursive: true });
  writeFileSync(stamp, '');
}
