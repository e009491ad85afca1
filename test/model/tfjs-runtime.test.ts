import { register } from 'node:module';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import { backendNames, chooseBackend } from '../../src/model/backend.ts';
import { chooseTfjs } from '../../src/model/tfjs-runtime.ts';

const absent =
  (...names: string[]) =>
  async (specifier: string) => {
    if (names.some((name) => specifier.endsWith(name))) throw new Error(`Cannot find package '${specifier}'`);
    return import(specifier);
  };

const sum = () => tf.tidy(() => tf.sum(tf.tensor1d([1, 2, 3])).dataSync()[0]);

for (const name of ['wasm', 'cpu'] as const)
  test.serial(`${name} is taken where it is asked for, and counts`, async (t) => {
    t.deepEqual(await chooseTfjs(name), { name, reason: 'as configured' });
    t.is(tf.getBackend(), name);
    t.is(sum(), 6);
  });

test.serial('the first that loads is taken, and why the faster ones were not is said', async (t) => {
  const missing = "Cannot find package '@tensorflow/tfjs-node'";
  t.deepEqual(await chooseTfjs('auto', absent('tfjs-node')), {
    name: 'wasm',
    reason: `the first that loads; tensorflow: ${missing}`,
  });
  t.deepEqual(await chooseTfjs('auto', absent('tfjs-node', 'backend-wasm')), {
    name: 'cpu',
    reason: `the first that loads; tensorflow: ${missing}; wasm: Cannot find package '@tensorflow/tfjs-backend-wasm'`,
  });
});

test.serial(
  'where none loads all reasons are said, and one that was asked for has no stand-in',
  async (t) => {
    await t.throwsAsync(chooseTfjs('auto', absent('tfjs-node', 'backend-wasm', 'backend-cpu')), {
      message: /^no backend of TensorFlow.js can be used: tensorflow: .*; wasm: .*; cpu: .*$/,
    });
    await t.throwsAsync(chooseTfjs('tensorflow', absent('tfjs-node')), {
      message: /can be used: tensorflow: Cannot/,
    });
  },
);

test.serial('tfjs-node is found by its name, with the functions of node:util that it needs', async (t) => {
  const legacy = util as unknown as Record<string, unknown>;
  const before = { isNullOrUndefined: legacy['isNullOrUndefined'], isUndefined: legacy['isUndefined'] };
  t.teardown(() => Object.assign(legacy, before));
  delete legacy['isNullOrUndefined'];
  delete legacy['isUndefined'];
  const fake = new URL('fake-tfjs-node.ts', import.meta.url).href;
  register(
    `data:text/javascript,${encodeURIComponent(`export const resolve = (specifier, context, next) =>
      specifier === '@tensorflow/tfjs-node' ? { url: ${JSON.stringify(fake)}, format: 'module', shortCircuit: true } : next(specifier, context);`)}`,
  );
  const { name } = await chooseBackend('tfjs');
  t.is(name, 'tfjs tensorflow (the first that loads)');
  t.is(tf.getBackend(), 'tensorflow');
  t.is(sum(), 6);
  t.is((await chooseBackend('tensorflow')).name, 'tfjs tensorflow (as configured)');
});

test.serial(
  'each name that can be configured but tfjs-node has a backend here, which says what it is',
  async (t) => {
    const here = backendNames.filter((name) => name !== 'tensorflow' && name !== 'tfjs');
    const names = [];
    for (const name of here) names.push((await chooseBackend(name)).name);
    t.regex(
      names.join('; '),
      /^engine \(.*SIMD\); engine \(.*SIMD\); tfjs wasm \(as configured\); tfjs cpu \(/,
    );
  },
);
