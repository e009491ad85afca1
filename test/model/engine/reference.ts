// The LSTM in float64 and plain loops, written from the equations (Hochreiter and Schmidhuber 1997 with the forget
// gate of Gers et al. 2000; gates i, f, g, o). Slow, and the measure of the engine; finite differences measure it.
import { type LstmSpec, type Weights, weightNames, weightSizes } from '../../../src/model/engine/spec.ts';
import type { Batch } from '../../../src/model/engine/targets.ts';

export type Parameters = Record<keyof Weights, Float64Array>;

export const toFloat64 = (weights: Weights) =>
  Object.fromEntries(weightNames.map((name) => [name, Float64Array.from(weights[name])])) as Parameters;

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

interface Trace {
  gates: Float64Array[];
  h: Float64Array[];
  c: Float64Array[];
}

/** One row through all steps; everything is kept for the way back. */
function run({ inputs, hidden }: LstmSpec, p: Parameters, given: Batch, row: number): Trace {
  const start = (values?: Float32Array) =>
    values ? Float64Array.from(values.subarray(row * hidden, (row + 1) * hidden)) : new Float64Array(hidden);
  const trace: Trace = { gates: [], h: [start(given.state?.h)], c: [start(given.state?.c)] };
  for (let t = 0; t < given.steps; t++) {
    const [h0, c0] = [trace.h[t]!, trace.c[t]!];
    const held = given.mask && !given.mask[row * given.steps + t];
    const gates = new Float64Array(4 * hidden);
    const x = (row * given.steps + t) * inputs;
    for (let n = 0; n < 4 * hidden; n++) {
      let z = p.bias_ih[n]! + p.bias_hh[n]!;
      for (let k = 0; k < inputs; k++) z += p.weight_ih[n * inputs + k]! * given.x[x + k]!;
      for (let k = 0; k < hidden; k++) z += p.weight_hh[n * hidden + k]! * h0[k]!;
      gates[n] = n >= 2 * hidden && n < 3 * hidden ? Math.tanh(z) : sigmoid(z);
    }
    const c = c0.map((before, k) =>
      held ? before : gates[hidden + k]! * before + gates[k]! * gates[2 * hidden + k]!,
    );
    trace.gates.push(gates);
    trace.c.push(c);
    trace.h.push(h0.map((before, k) => (held ? before : gates[3 * hidden + k]! * Math.tanh(c[k]!))));
  }
  return trace;
}

function output({ hidden, outputs, head }: LstmSpec, p: Parameters, h: Float64Array): Float64Array {
  return Float64Array.from({ length: outputs }, (_, o) => {
    const y = h.reduce((sum, value, k) => sum + value * p.head_weight[o * hidden + k]!, p.head_bias[o]!);
    return head === 'relu' ? Math.max(0, y) : y;
  });
}

/** [batch, outputs]; `state` is not written. */
export function forward(spec: LstmSpec, p: Parameters, given: Omit<Batch, 'y'>): Float64Array {
  const batch = { ...given, y: new Float32Array() };
  const rows = Array.from({ length: given.batch }, (_, row) =>
    output(spec, p, run(spec, p, batch, row).h.at(-1)!),
  );
  return Float64Array.from(rows.flatMap((row) => [...row]));
}

/** The state after the last step, [batch, hidden] each. */
export function finalState(spec: LstmSpec, p: Parameters, given: Batch): { h: number[]; c: number[] } {
  const traces = Array.from({ length: given.batch }, (_, row) => run(spec, p, given, row));
  return { h: traces.flatMap(({ h }) => [...h.at(-1)!]), c: traces.flatMap(({ c }) => [...c.at(-1)!]) };
}

/** Loss of one output and its slope. */
function miss(spec: LstmSpec, y: number, target: number, output: number): [number, number] {
  const error = target - y;
  if (!spec.quantiles) return [error * error, -2 * error];
  const q = spec.quantiles[output % spec.quantiles.length]!;
  return [Math.max(q * error, (q - 1) * error), error > 0 ? -q : error < 0 ? 1 - q : 0];
}

/** Loss and gradients by back-propagation through time. */
export function gradients(
  spec: LstmSpec,
  p: Parameters,
  given: Batch,
): { loss: number; gradients: Parameters } {
  const { inputs, hidden, outputs } = spec;
  const sizes = weightSizes(spec);
  const g = Object.fromEntries(
    weightNames.map((name) => [name, new Float64Array(sizes[name])]),
  ) as Parameters;
  const levels = spec.quantiles?.length ?? 1;
  const targets = outputs / levels;
  const total = given.weight ? given.weight.reduce((a, b) => a + b, 0) * levels : given.batch * outputs;
  let loss = 0;
  for (let row = 0; row < given.batch; row++) {
    const trace = run(spec, p, given, row);
    const last = trace.h.at(-1)!;
    const y = output(spec, p, last);
    let dh = new Float64Array(hidden);
    let dc = new Float64Array(hidden);
    for (let o = 0; o < outputs; o++) {
      const at = row * targets + Math.floor(o / levels);
      const factor = (given.weight?.[at] ?? 1) / total;
      const [term, slope] = miss(spec, y[o]!, given.y[at]!, o);
      loss += term * factor;
      const dy = spec.head === 'relu' && y[o]! <= 0 ? 0 : slope * factor;
      g.head_bias[o]! += dy;
      for (let k = 0; k < hidden; k++) {
        g.head_weight[o * hidden + k]! += dy * last[k]!;
        dh[k]! += dy * p.head_weight[o * hidden + k]!;
      }
    }
    for (let t = given.steps - 1; t >= 0; t--) {
      if (given.mask && !given.mask[row * given.steps + t]) continue;
      const gates = trace.gates[t]!;
      const dz = new Float64Array(4 * hidden);
      const before = new Float64Array(hidden);
      for (let k = 0; k < hidden; k++) {
        const [i, f, gg, o] = [0, 1, 2, 3].map((n) => gates[n * hidden + k]!) as [
          number,
          number,
          number,
          number,
        ];
        const tc = Math.tanh(trace.c[t + 1]![k]!);
        const dcell = dc[k]! + dh[k]! * o * (1 - tc * tc);
        dz[k] = dcell * gg * i * (1 - i);
        dz[hidden + k] = dcell * trace.c[t]![k]! * f * (1 - f);
        dz[2 * hidden + k] = dcell * i * (1 - gg * gg);
        dz[3 * hidden + k] = dh[k]! * tc * o * (1 - o);
        before[k] = dcell * f;
      }
      dh = new Float64Array(hidden);
      dc = before;
      for (let n = 0; n < 4 * hidden; n++) {
        g.bias_ih[n]! += dz[n]!;
        if (spec.biases !== 1) g.bias_hh[n]! += dz[n]!;
        for (let k = 0; k < inputs; k++) {
          g.weight_ih[n * inputs + k]! += dz[n]! * given.x[(row * given.steps + t) * inputs + k]!;
        }
        for (let k = 0; k < hidden; k++) {
          g.weight_hh[n * hidden + k]! += dz[n]! * trace.h[t]![k]!;
          dh[k]! += dz[n]! * p.weight_hh[n * hidden + k]!;
        }
      }
    }
  }
  return { loss, gradients: g };
}
