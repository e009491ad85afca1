// npm test: lint, types, tests. With arguments, only AVA with these arguments.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name, path) => [name, [`node_modules/${path}`]];
const ava = bin('tests', 'ava/entrypoints/cli.mjs');
const steps = [bin('lint', '@biomejs/biome/bin/biome'), bin('types', 'typescript/bin/tsc'), ava];
const extra = {
  lint: ['check', '--error-on-warnings', '.'],
  types: ['--noEmit'],
  tests: process.argv.slice(2),
};

for (const [name, args] of process.argv.length > 2 ? [ava] : steps) {
  console.error(`${name} ...`);
  const result = spawnSync(process.execPath, [...args, ...extra[name]], { cwd: root, stdio: 'inherit' });
  if (result.status !== 0) process.exit(result.status ?? 1);
}
