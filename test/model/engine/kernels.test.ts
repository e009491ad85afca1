import { spawnSync } from 'node:child_process';
import test from 'ava';
import { bestSimd, instantiate } from '../../../src/model/engine/kernels.ts';

const flags = ['--import=tsx', '--no-warnings', '--input-type=module', '-e'];
const script = `
  const { createEngine } = await import(${JSON.stringify(new URL('../../../src/model/engine/engine.ts', import.meta.url).href)});
  console.log(createEngine().simd);
`;

test('relaxed SIMD runs where the runtime validates it, and nowhere else', (t) => {
  const run = (...more: string[]) =>
    spawnSync(process.execPath, [...more, ...flags, script], { encoding: 'utf8' }).stdout.trim();
  t.is(run(), bestSimd());
  if (Number.parseInt(process.versions.node, 10) < 22)
    t.is(run('--experimental-wasm-relaxed-simd'), 'relaxed');
});

test('the build without relaxed SIMD runs everywhere', (t) => {
  t.true(instantiate('fixed').heapBase() > 0);
});
