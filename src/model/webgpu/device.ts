import type { AdapterInfo } from './adapter.ts';

/**
 * The part of WebGPU (W3C) that is used here. The package `webgpu` (Dawn) is optional, so its types may be absent.
 */
export interface Buffer {
  destroy(): void;
  mapAsync(mode: number): Promise<void>;
  getMappedRange(): ArrayBuffer;
  unmap(): void;
}

export interface Pass {
  setPipeline(pipeline: object): void;
  setBindGroup(index: number, group: object, offsets: readonly number[]): void;
  dispatchWorkgroups(x: number, y: number): void;
  end(): void;
}

export interface Encoder {
  beginComputePass(): Pass;
  copyBufferToBuffer(from: Buffer, fromAt: number, to: Buffer, toAt: number, bytes: number): void;
  finish(): object;
}

export interface Device {
  readonly limits: { readonly maxStorageBufferBindingSize: number };
  readonly queue: {
    writeBuffer(buffer: Buffer, at: number, data: ArrayBufferView<ArrayBuffer>): void;
    submit(commands: readonly object[]): void;
  };
  readonly lost: Promise<{ readonly message: string }>;
  createBuffer(of: { readonly size: number; readonly usage: number }): Buffer;
  createShaderModule(of: { readonly code: string }): {
    getCompilationInfo(): Promise<{
      readonly messages: readonly {
        readonly type: string;
        readonly message: string;
        readonly lineNum: number;
      }[];
    }>;
  };
  createBindGroupLayout(of: { readonly entries: readonly object[] }): object;
  createPipelineLayout(of: { readonly bindGroupLayouts: readonly object[] }): object;
  createComputePipeline(of: {
    readonly layout: object;
    readonly compute: { readonly module: object; readonly entryPoint: string };
  }): object;
  createBindGroup(of: { readonly layout: object; readonly entries: readonly object[] }): object;
  createCommandEncoder(): Encoder;
  pushErrorScope(filter: 'validation' | 'out-of-memory'): void;
  popErrorScope(): Promise<{ readonly message: string } | null>;
  destroy(): void;
}

interface GpuAdapter {
  readonly info: AdapterInfo;
  readonly limits: Readonly<Record<string, number>>;
  requestDevice(of: { readonly requiredLimits: Readonly<Record<string, number>> }): Promise<Device>;
}

interface Gpu {
  requestAdapter(of: { readonly powerPreference: 'high-performance' }): Promise<GpuAdapter | null>;
}

/** GPUBufferUsage and GPUMapMode (W3C WebGPU 5.1). */
export const usage = { read: 1, from: 4, to: 8, uniform: 64, storage: 128 };
export const mapRead = 1;

export interface Opened {
  readonly device: Device;
  readonly info: AdapterInfo;
  /** Dawn ends with it: it must be held while the device is used. */
  readonly gpu: object;
}

const packageName = 'webgpu';

export const notInstalled =
  'the package webgpu is not installed: npm install --no-save --save-prod webgpu@0.6.2';

const absence = (error: Error & { readonly code?: string }) =>
  error.code === 'ERR_MODULE_NOT_FOUND'
    ? notInstalled
    : `the package webgpu does not load: ${error.message.split('\n')[0]}`;

/** The best adapter of this host, or why there is none. */
export async function openDevice(): Promise<Opened | { readonly problem: string }> {
  const module = await import(packageName).catch((error: Error) => ({ problem: absence(error) }));
  if ('problem' in module) return module;
  const gpu: Gpu = module.create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter)
    return {
      problem: 'Vulkan shows no adapter: install the driver (in a container, with its graphics capability)',
    };
  const wanted = ['maxStorageBufferBindingSize', 'maxBufferSize'];
  const requiredLimits = Object.fromEntries(wanted.map((name) => [name, adapter.limits[name]!]));
  return { device: await adapter.requestDevice({ requiredLimits }), info: adapter.info, gpu };
}
