import type { Network } from './network.ts';
import type { Windows } from './windows.ts';

/** Windows that are forecast at once, which bounds the memory. */
const together = 512;

/** Mean loss of a network over windows from zero state: squared error, or with quantiles the pinball loss. */
export function evaluate(network: Network, from: Windows): number {
  const { outputs, quantiles } = network.spec;
  const levels = quantiles?.length ?? 1;
  let [sum, terms] = [0, 0];
  for (let at = 0; at < from.windows; at += together) {
    const y = forecast(network, from, at, Math.min(together, from.windows - at));
    y.forEach((value, n) => {
      const target = (at * outputs) / levels + Math.floor(n / levels);
      const weight = from.weight?.[target] ?? 1;
      sum += weight * miss(from.y[target]! - value, quantiles?.[n % levels]);
      terms += weight;
    });
  }
  return sum / terms;
}

const miss = (error: number, q?: number) =>
  q === undefined ? error * error : Math.max(q * error, (q - 1) * error);

function forecast(network: Network, { steps, x, mask }: Windows, at: number, batch: number): Float32Array {
  const width = steps * network.spec.inputs;
  return network.forward(x.subarray(at * width, (at + batch) * width), {
    batch,
    steps,
    ...(mask && { mask: mask.subarray(at * steps, (at + batch) * steps) }),
  });
}
