// Compiles the LSTM kernels to dist/engine, with and without relaxed SIMD, where a source is newer. Both the sources
// (through tsx) and the compiled program find them there.
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = 'src/model/engine/assembly';
const builds = [
  ['dist/engine/lstm.wasm', ['--enable', 'simd']],
  ['dist/engine/lstm-relaxed.wasm', ['--enable', 'simd', '--enable', 'relaxed-simd']],
];

const modified = (path) => statSync(root + path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const newest = Math.max(
  modified('scripts/build-engine.js'),
  modified('node_modules/assemblyscript/package.json'),
  ...readdirSync(root + sources).map((file) => modified(`${sources}/${file}`)),
);

async function compile([target, features]) {
  const { default: asc } = await import('assemblyscript/asc');
  const options = ['--outFile', target, '--runtime', 'stub', '-O3', '--noAssert', '--baseDir', root];
  const { error, stderr } = await asc.main([
    `${sources}/index.ts`,
    ...options,
    '--exportStart',
    '_start',
    ...features,
  ]);
  if (!error) return;
  console.error(`the LSTM kernels do not compile (${target}):\n${stderr.toString()}`);
  process.exit(1);
}

mkdirSync(`${root}dist/engine`, { recursive: true });
for (const build of builds) if (modified(build[0]) < newest) await compile(build);
