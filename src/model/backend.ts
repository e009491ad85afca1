import { engineBackend } from './engine-backend.ts';
import type { LstmBackend } from './lstm-backend.ts';
import { adapterOf, chooseTraining, type Found } from './webgpu/adapter.ts';
import type { Opened } from './webgpu/device.ts';

/** `tfjs` is the first backend of TensorFlow.js that loads, fastest first. */
export const backendNames = ['auto', 'engine', 'tfjs', 'tensorflow', 'wasm', 'cpu'] as const;
export type BackendName = (typeof backendNames)[number];

/** What can train: `auto` is a real GPU where there is one. */
export const trainingNames = ['auto', 'engine', 'webgpu', 'tensorflow', 'tfjs', 'wasm', 'cpu'] as const;
export type TrainingName = (typeof trainingNames)[number];

/** The backend asked for; `auto` is the fused engine. TensorFlow.js is loaded only where it is asked for. */
export async function chooseBackend(asked: BackendName): Promise<LstmBackend> {
  if (asked === 'auto' || asked === 'engine') return engineBackend();
  const [{ chooseTfjs, tensorflowHardware }, { tfjsBackend }] = await Promise.all([
    import('./tfjs-runtime.ts'),
    import('./tfjs-backend.ts'),
  ]);
  const { name, reason } = await chooseTfjs(asked === 'tfjs' ? 'auto' : asked);
  const hardware = name === 'tensorflow' ? tensorflowHardware() : undefined;
  return { ...tfjsBackend(`tfjs ${name} (${reason})`), ...(hardware && { hardware }) };
}

/** What trains, and why it and no other. */
export interface TrainingBackend {
  readonly backend: LstmBackend;
  readonly reason: string;
  /** Gives the GPU back, where there is one; a process that ends does so too. */
  close?(): void;
}

type Open = () => Promise<Opened | { readonly problem: string }>;

/**
 * What trains on this host: with `auto` a GPU that is no program on the CPU, else the engine. Forecasts are the engine's
 * with all but TensorFlow.js.
 *
 * @throws with the reason where what was asked for cannot be had, and with `requireGpu` where it would be no GPU. A
 *   network that the GPU can't train is then no longer left to the engine, either.
 */
export async function chooseTrainer(
  asked: TrainingName,
  { requireGpu = false, open = openHere }: { readonly requireGpu?: boolean; readonly open?: Open } = {},
): Promise<TrainingBackend> {
  if (asked === 'auto' || asked === 'webgpu') return chooseGpu(asked, requireGpu, await open());
  const backend = await chooseBackend(asked);
  if (requireGpu && (backend.hardware?.software ?? true))
    throw new Error(`a GPU is required, and backend ${backend.name} uses none; ask for auto or webgpu`);
  return { backend, reason: 'as asked for' };
}

async function chooseGpu(
  asked: 'auto' | 'webgpu',
  requireGpu: boolean,
  opened: Awaited<ReturnType<Open>>,
): Promise<TrainingBackend> {
  const device = 'device' in opened ? opened.device : undefined;
  const found: Found = 'problem' in opened ? opened : { adapter: adapterOf(opened.info) };
  const choice = chooseTraining(asked, found, requireGpu);
  if ('backend' in choice && choice.backend === 'webgpu') {
    const { webgpuBackend } = await import('./webgpu/webgpu-backend.ts');
    return {
      backend: webgpuBackend(opened as Opened, requireGpu),
      reason: choice.reason,
      close: () => device?.destroy(),
    };
  }
  device?.destroy();
  if ('refused' in choice) throw new Error(choice.refused);
  return { backend: engineBackend(), reason: choice.reason };
}

const openHere: Open = async () => (await import('./webgpu/device.ts')).openDevice();
