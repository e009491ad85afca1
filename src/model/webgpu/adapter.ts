import type { Hardware } from '../lstm-backend.ts';

/** What WebGPU says of an adapter (GPUAdapterInfo, W3C WebGPU 4.4). */
export interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallbackAdapter?: boolean;
}

/** What trains. */
export interface Adapter {
  /** Vendor, architecture and device, where they are said. */
  readonly name: string;
  readonly driver: string;
  /** It is a program on the CPU. */
  readonly software: boolean;
}

const programs = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|software/i;

export function adapterOf(info: AdapterInfo): Adapter {
  const { vendor, architecture, device, description, isFallbackAdapter } = info;
  const name = [vendor, architecture, device].filter(Boolean).join(' ') || 'unnamed adapter';
  const software = isFallbackAdapter === true || programs.test(`${name} ${description}`);
  return { name, driver: description || 'no driver said', software };
}

export const adapterText = ({ name, driver, software }: Adapter) =>
  `${name}, ${driver}${software ? ', in software' : ''}`;

/** As it stands in ledger and manifest. */
export const hardwareOf = ({ name, driver, software }: Adapter): Hardware => ({
  ...{ backend: 'webgpu', adapter: name, driver, software },
});

/** What was found of the package and its adapters: an adapter, or why there is none. */
export type Found = { readonly adapter: Adapter } | { readonly problem: string };

export interface TrainingChoice {
  readonly backend: 'engine' | 'webgpu';
  readonly reason: string;
}

/** A refusal where a GPU is required and there is none; `asked` is what the configuration or the person says. */
export function chooseTraining(
  asked: 'auto' | 'webgpu',
  found: Found,
  requireGpu: boolean,
): TrainingChoice | { readonly refused: string } {
  if ('problem' in found) {
    if (requireGpu) return { refused: `a GPU is required, and ${found.problem}` };
    if (asked === 'webgpu') return { refused: `backend webgpu: ${found.problem}` };
    return { backend: 'engine', reason: found.problem };
  }
  const { adapter } = found;
  if (requireGpu && adapter.software)
    return { refused: `a GPU is required, and ${adapterText(adapter)} is none: check the Vulkan driver` };
  if (asked === 'auto' && adapter.software)
    return { backend: 'engine', reason: `${adapterText(adapter)} is no faster` };
  return { backend: 'webgpu', reason: asked === 'auto' ? 'this host has a GPU' : 'as asked for' };
}
