import type { NodeScale, Scene } from '../../space/scene.ts';
import type { Series } from '../dataset.ts';

/** One variable at all nodes on one grid of steps: arrays [steps, nodes], 0 where `mask` is 0. */
export interface Field {
  readonly nodes: readonly string[];
  /** Start of the first step, ms since the epoch. */
  readonly start: number;
  /** ms */
  readonly step: number;
  readonly steps: number;
  readonly values: Float64Array;
  readonly mask: Uint8Array;
}

/** The series of one variable side by side; a node without a series is masked. */
export function fieldOf(all: readonly Series[], variable: string, nodes: readonly string[]): Field {
  const own = all.filter((series) => series.variable === variable && nodes.includes(series.station));
  const step = own[0]?.step ?? 1;
  const start = Math.min(...own.map((series) => series.start));
  const steps = (Math.max(...own.map((one) => one.start + one.values.length * step)) - start) / step;
  const values = new Float64Array(Math.max(0, steps) * nodes.length);
  const mask = new Uint8Array(values.length);
  for (const series of own) {
    const node = nodes.indexOf(series.station);
    const first = (series.start - start) / step;
    series.values.forEach((value, i) => {
      if (!series.mask[i]) return;
      values[(first + i) * nodes.length + node] = value;
      mask[(first + i) * nodes.length + node] = 1;
    });
  }
  return { nodes, start, step, steps: Math.max(0, steps), values, mask };
}

/** Fewer measured steps make no scale of one's own. */
const enough = 12;

/** Each node's mean and deviation; of all together where a node has too few values or they never change. */
export function scalesOf(field: Field): NodeScale[] | undefined {
  const columns = field.nodes.map((_, node) => columnOf(field, node));
  const pooled = scaleOf(columns.flat());
  if (!pooled) return undefined;
  return columns.map((own) => (own.length >= enough ? scaleOf(own) : undefined) ?? pooled);
}

function columnOf({ nodes, steps, values, mask }: Field, node: number): number[] {
  const own: number[] = [];
  for (let at = node; at < steps * nodes.length; at += nodes.length) if (mask[at]) own.push(values[at]!);
  return own;
}

function scaleOf(values: readonly number[]): NodeScale | undefined {
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / values.length);
  return deviation > 1e-9 * Math.abs(mean) ? { mean, deviation } : undefined;
}

/** The field in each node's own deviations from its mean. */
export function scaled(field: Field, scales: readonly NodeScale[]): Field {
  const values = field.values.map((value, at) => {
    const { mean, deviation } = scales[at % field.nodes.length]!;
    return field.mask[at] ? (value - mean) / deviation : 0;
  });
  return { ...field, values };
}

/** The scene whose newest step is `newest`, of a scaled field: a view without a copy. */
export function sceneAt(
  { start, step, nodes, values, mask }: Field,
  newest: number,
  lookback: number,
): Scene {
  const [from, to] = [(newest - lookback + 1) * nodes.length, (newest + 1) * nodes.length];
  return {
    end: start + (newest + 1) * step,
    step,
    lookback,
    nodes: nodes.length,
    values: values.subarray(from, to),
    mask: mask.subarray(from, to),
  };
}
