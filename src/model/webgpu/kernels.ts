import type { Buffer, Device } from './device.ts';

/** The two kernels of `lstmKernel`, with the buffers that they work on. */
export interface Kernels {
  readonly gradients: object;
  readonly descend: object;
  readonly group: object;
}

/** Bytes of the kernels' `Step`. */
const stepSize = 24;

/** `buffers` in the order of their bindings: the steps, four to read, four to write. */
export function compile(device: Device, code: string, buffers: readonly Buffer[]): Kernels {
  const kinds = ['uniform', ...Array(4).fill('read-only-storage'), ...Array(4).fill('storage')];
  const layout = device.createBindGroupLayout({
    entries: kinds.map((type, binding) => ({
      ...{ binding, visibility: 4 },
      buffer: { type, hasDynamicOffset: type === 'uniform' },
    })),
  });
  const pipeline = device.createPipelineLayout({ bindGroupLayouts: [layout] });
  const module = device.createShaderModule({ code });
  const kernel = (entryPoint: string) =>
    device.createComputePipeline({ layout: pipeline, compute: { module, entryPoint } });
  const group = device.createBindGroup({
    layout,
    entries: buffers.map((buffer, binding) => ({
      binding,
      resource: { buffer, ...(binding === 0 && { size: stepSize }) },
    })),
  });
  return { gradients: kernel('gradients'), descend: kernel('descend'), group };
}
