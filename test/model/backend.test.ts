import test from 'ava';
import { chooseTrainer } from '../../src/model/backend.ts';
import type { Device, Opened } from '../../src/model/webgpu/device.ts';

let given = 0;
const device = { destroy: () => given++ } as unknown as Device;
const opened = (vendor: string, architecture: string, description: string): Opened => ({
  device,
  info: { vendor, architecture, device: '', description },
  gpu: {},
});
const real = async () => opened('nvidia', 'hopper', 'NVIDIA: 570.86');
const program = async () => opened('google', 'swiftshader', 'SwiftShader driver 5.0.0');
const none = async () => ({ problem: 'Vulkan shows no adapter' });
const never = async () => {
  throw new Error('no GPU was asked for');
};

test.serial('auto takes a real GPU, never a program, and says why', async (t) => {
  const gpu = await chooseTrainer('auto', { open: real });
  t.like(gpu.backend, {
    name: 'webgpu (nvidia hopper, NVIDIA: 570.86)',
    hardware: { backend: 'webgpu', adapter: 'nvidia hopper', driver: 'NVIDIA: 570.86', software: false },
  });
  t.is(gpu.reason, 'this host has a GPU');
  for (const [open, reason] of [
    [program, /^google swiftshader, .*in software is no faster$/],
    [none, /^Vulkan shows no adapter$/],
  ] as const) {
    const engine = await chooseTrainer('auto', { open });
    t.is(engine.backend.name, 'engine (WebAssembly, SIMD)');
    t.is(engine.backend.hardware, undefined);
    t.regex(engine.reason, reason);
  }
});

test.serial('what was asked for by name has no stand-in', async (t) => {
  t.is((await chooseTrainer('webgpu', { open: program })).backend.hardware?.software, true);
  await t.throwsAsync(chooseTrainer('webgpu', { open: none }), {
    message: 'backend webgpu: Vulkan shows no adapter',
  });
  t.is((await chooseTrainer('engine', { open: never })).reason, 'as asked for');
  await t.throwsAsync(chooseTrainer('tensorflow', { open: never }), { message: /tensorflow: Cannot find/ });
});

test.serial('where a GPU is required, nothing else trains', async (t) => {
  const requireGpu = true;
  t.is((await chooseTrainer('auto', { requireGpu, open: real })).backend.hardware?.software, false);
  for (const [asked, open, message] of [
    ['auto', program, /^a GPU is required, and google swiftshader, .* is none: check the Vulkan driver$/],
    ['webgpu', program, /^a GPU is required, and google swiftshader/],
    ['auto', none, /^a GPU is required, and Vulkan shows no adapter$/],
    ['engine', never, /^a GPU is required, and backend engine .* uses none; ask for auto or webgpu$/],
    ['cpu', never, /^a GPU is required, and backend tfjs cpu .* uses none/],
  ] as const)
    await t.throwsAsync(chooseTrainer(asked, { requireGpu, open }), { message }, `${asked}`);
});

test.serial(
  'a GPU that is not taken is given back at once, and one that is by whoever took it',
  async (t) => {
    given = 0;
    await chooseTrainer('auto', { open: program });
    t.is(given, 1);
    await t.throwsAsync(chooseTrainer('auto', { requireGpu: true, open: program }));
    t.is(given, 2);
    const { close } = await chooseTrainer('auto', { open: real });
    t.is(given, 2);
    close!();
    t.is(given, 3);
  },
);
