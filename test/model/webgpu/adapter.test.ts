import test from 'ava';
import { adapterOf, adapterText, chooseTraining } from '../../../src/model/webgpu/adapter.ts';

const h200 = adapterOf({
  ...{ vendor: 'nvidia', architecture: 'hopper', device: 'NVIDIA H200', description: 'NVIDIA: 570.86' },
  isFallbackAdapter: false,
});
const swift = adapterOf({
  ...{ vendor: 'google', architecture: 'swiftshader', device: '', description: 'SwiftShader driver 5.0.0' },
});
const none = {
  problem: 'the package webgpu is not installed: npm install --no-save --save-prod webgpu@0.6.2',
};

test('an adapter that is a program is told from a GPU', (t) => {
  t.deepEqual(h200, { name: 'nvidia hopper NVIDIA H200', driver: 'NVIDIA: 570.86', software: false });
  t.is(adapterText(swift), 'google swiftshader, SwiftShader driver 5.0.0, in software');
  const empty = { vendor: '', architecture: '', device: '', description: '' };
  t.true(adapterOf({ ...empty, description: 'llvmpipe (LLVM 15)' }).software);
  t.deepEqual(adapterOf({ ...empty, isFallbackAdapter: true }), {
    ...{ name: 'unnamed adapter', driver: 'no driver said', software: true },
  });
});

test('the choice says its reason, and a GPU that is required is a GPU', (t) => {
  const gpu = { adapter: h200 };
  const program = { adapter: swift };
  t.deepEqual(chooseTraining('auto', gpu, true), {
    ...{ backend: 'webgpu', reason: 'this host has a GPU' },
  });
  t.like(chooseTraining('auto', program, false), { backend: 'engine' });
  t.deepEqual(chooseTraining('webgpu', program, false), { backend: 'webgpu', reason: 'as asked for' });
  t.like(chooseTraining('auto', none, false), { backend: 'engine', reason: none.problem });
  for (const [asked, found, required] of [
    ['webgpu', none, false],
    ['auto', none, true],
    ['webgpu', program, true],
    ['auto', program, true],
  ] as const)
    t.true('refused' in chooseTraining(asked, found, required), `${asked} ${required}`);
});
