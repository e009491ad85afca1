import { type LstmSpec, targetsOf, weightSizes } from '../engine/spec.ts';

/** Threads of a workgroup: one for each gate of each unit. WebGPU promises 256 (W3C WebGPU 3.6.2). */
const mostThreads = 256;

/** Why a network can't be trained by this kernel; undefined where it can. */
export function kernelProblem({ hidden }: LstmSpec): string | undefined {
  const most = mostThreads / 4;
  return hidden > most ? `it has ${hidden} units, and the kernel takes up to ${most}` : undefined;
}

/** Where each tensor begins in the parameters of a model, which lie as in PyTorch, one after the other; and their count. */
export function offsetsOf(spec: LstmSpec) {
  const sizes = weightSizes(spec);
  const wi = 0;
  const wh = wi + sizes.weight_ih;
  const bi = wh + sizes.weight_hh;
  const bh = bi + sizes.bias_ih;
  const hw = bh + sizes.bias_hh;
  const hb = hw + sizes.head_weight;
  return { wi, wh, bi, bh, hw, hb, count: hb + sizes.head_bias };
}

/** Shape of what all models of a training have in common. */
export interface KernelShape {
  readonly spec: LstmSpec;
  /** Of a window. */
  readonly steps: number;
  /** Workgroups of a model: each takes every so many-th window of the batch. */
  readonly groups: number;
}

/**
 * The two kernels of a training step, in WGSL. `gradients`: a workgroup takes windows of a batch one after the other
 * through all time steps forward and back (Hochreiter and Schmidhuber 1997; gates i, f, g, o as in PyTorch), each thread
 * with a row of the weights and its gradients. `descend`: a thread for each parameter adds up the workgroups' gradients
 * and takes a step of Adam or Nadam (`engine/optimizer.ts`). All sums are in a fixed order: the same device gives the
 * same bits.
 */
export function lstmKernel({ spec, steps, groups }: KernelShape): string {
  const { inputs, hidden, outputs, quantiles, head, biases = 2 } = spec;
  const at = offsetsOf(spec);
  const levels = quantiles ?? [0];
  return `
const I = ${inputs}u; const H = ${hidden}u; const R = ${4 * hidden}u; const O = ${outputs}u; const T = ${steps}u;
const Y = ${targetsOf(spec)}u; const Q = ${levels.length}u; const P = ${at.count}u; const G = ${groups}u;
const WI = ${at.wi}u; const WH = ${at.wh}u; const BI = ${at.bi}u; const BH = ${at.bh}u;
const HW = ${at.hw}u; const HB = ${at.hb}u;
const LEVELS = array<f32, ${levels.length}>(${levels.map((level) => `${level}f`).join(', ')});

struct Step { index: u32, models: u32, windows: u32, epsilon: f32, beta1: f32, beta2: f32 }
// What a model does in a step: its windows are order[first ...]; it learns from them, or is judged on them.
// scale: 1 / terms of the mean; then what Adam multiplies with.
struct Turn { first: u32, size: u32, learns: u32, scale: f32, fromM: f32, fromG: f32, root: f32, unused: u32 }

@group(0) @binding(0) var<uniform> now: Step;
@group(0) @binding(1) var<storage, read> x: array<f32>;        // [window][step][input]
@group(0) @binding(2) var<storage, read> y: array<f32>;        // [window][target], then as many weights of targets
@group(0) @binding(3) var<storage, read> order: array<u32>;    // [model][window]
@group(0) @binding(4) var<storage, read> turns: array<Turn>;   // [step][model]
@group(0) @binding(5) var<storage, read_write> state: array<f32>;  // [model][weights, first moments, second moments]
@group(0) @binding(6) var<storage, read_write> partial: array<f32>; // [model][group][gradients, loss]
@group(0) @binding(7) var<storage, read_write> tape: array<f32>;   // [model][group][step][i, f, g, o, c, h]
@group(0) @binding(8) var<storage, read_write> loss: array<f32>;   // [step][model]

var<workgroup> h: array<f32, H>;
var<workgroup> dh: array<f32, H>;
var<workgroup> act: array<f32, R>;
var<workgroup> dz: array<f32, R>;
var<workgroup> part: array<f32, R>;
var<workgroup> dy: array<f32, O>;
var<workgroup> cost: array<f32, O>;

fn sigmoid(v: f32) -> f32 { return 1.0 / (1.0 + exp(-v)); }
// exp overflows beyond 88; tanh is 1 in f32 long before.
fn squash(v: f32) -> f32 { return tanh(clamp(v, -15.0, 15.0)); }

@compute @workgroup_size(R) fn gradients(
  @builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) r: u32,
) {
  let turn = turns[now.index * now.models + group.y];
  if (turn.size == 0u) { return; }
  let w = group.y * 3u * P;
  let mine = (group.y * G + group.x) * (P + 1u);
  let record = (group.y * G + group.x) * T * 6u * H;
  let gate = r / H;
  let k = r % H;
  var wi: array<f32, I>; var gi: array<f32, I>;
  var wh: array<f32, H>; var gh: array<f32, H>;
  for (var n = 0u; n < I; n++) { wi[n] = state[w + WI + r * I + n]; gi[n] = 0.0; }
  for (var n = 0u; n < H; n++) { wh[n] = state[w + WH + r * H + n]; gh[n] = 0.0; }
  let bias = state[w + BI + r] + state[w + BH + r];
  var gb = 0.0;
  var total = 0.0;
  for (var n = r; n < O * H + O; n += R) { partial[mine + HW + n] = 0.0; }

  for (var row = group.x; row < turn.size; row += G) {
    let window = order[turn.first + row];
    let begin = window * T * I;
    var c = 0.0;
    if (r < H) { h[r] = 0.0; }
    workgroupBarrier();
    for (var t = 0u; t < T; t++) {
      var z = bias;
      for (var n = 0u; n < I; n++) { z += wi[n] * x[begin + t * I + n]; }
      for (var n = 0u; n < H; n++) { z += wh[n] * h[n]; }
      let a = select(sigmoid(z), squash(z), gate == 2u);
      act[r] = a;
      tape[record + t * 6u * H + r] = a;
      workgroupBarrier();
      if (r < H) {
        c = act[H + r] * c + act[r] * act[2u * H + r];
        h[r] = act[3u * H + r] * squash(c);
        tape[record + t * 6u * H + 4u * H + r] = c;
        tape[record + t * 6u * H + 5u * H + r] = h[r];
      }
      workgroupBarrier();
    }
    storageBarrier();

    for (var o = r; o < O; o += R) {
      var out = state[w + HB + o];
      for (var n = 0u; n < H; n++) { out += state[w + HW + o * H + n] * h[n]; }
      let alive = ${head === 'relu' ? 'out > 0.0' : 'true'};
      let target_ = window * Y + o / Q;
      let weight = y[now.windows * Y + target_] * turn.scale;
      let error = select(0.0, out, alive) - y[target_];
      ${
        quantiles
          ? `let level = LEVELS[o % Q];
      cost[o] = weight * select((level - 1.0) * -error, level * -error, error < 0.0);
      let slope = weight * select(select(1.0 - level, -level, error < 0.0), 0.0, error == 0.0);`
          : `cost[o] = weight * error * error;
      let slope = weight * 2.0 * error;`
      }
      dy[o] = select(0.0, slope, alive);
    }
    workgroupBarrier();
    if (r == 0u) { for (var o = 0u; o < O; o++) { total += cost[o]; } }
    if (turn.learns == 0u) { continue; }
    for (var n = r; n < O * H; n += R) { partial[mine + HW + n] += dy[n / H] * h[n % H]; }
    for (var o = r; o < O; o += R) { partial[mine + HB + o] += dy[o]; }
    if (r < H) {
      var sum = 0.0;
      for (var o = 0u; o < O; o++) { sum += dy[o] * state[w + HW + o * H + r]; }
      dh[r] = sum;
    }
    workgroupBarrier();

    var dc = 0.0;
    for (var back = 0u; back < T; back++) {
      let t = T - 1u - back;
      let place = record + t * 6u * H;
      if (r < H) {
        let i = tape[place + r]; let f = tape[place + H + r];
        let g = tape[place + 2u * H + r]; let o = tape[place + 3u * H + r];
        let s = squash(tape[place + 4u * H + r]);
        var before = 0.0;
        if (t > 0u) { before = tape[place - 2u * H + r]; }
        dc += dh[r] * o * (1.0 - s * s);
        dz[r] = dc * g * i * (1.0 - i);
        dz[H + r] = dc * before * f * (1.0 - f);
        dz[2u * H + r] = dc * i * (1.0 - g * g);
        dz[3u * H + r] = dh[r] * s * o * (1.0 - o);
        dc = dc * f;
      }
      workgroupBarrier();
      let d = dz[r];
      gb += d;
      for (var n = 0u; n < I; n++) { gi[n] += d * x[begin + t * I + n]; }
      if (t > 0u) { for (var n = 0u; n < H; n++) { gh[n] += d * tape[place - H + n]; } }
      var sum = 0.0;
      for (var n = 0u; n < H; n++) { sum += dz[gate * H + n] * state[w + WH + (gate * H + n) * H + k]; }
      part[r] = sum;
      workgroupBarrier();
      if (r < H) { dh[r] = part[r] + part[H + r] + part[2u * H + r] + part[3u * H + r]; }
      workgroupBarrier();
    }
    storageBarrier();
  }
  if (r == 0u) { partial[mine + P] = total; }
  if (turn.learns == 0u) { return; }
  for (var n = 0u; n < I; n++) { partial[mine + WI + r * I + n] = gi[n]; }
  for (var n = 0u; n < H; n++) { partial[mine + WH + r * H + n] = gh[n]; }
  partial[mine + BI + r] = gb;
  partial[mine + BH + r] = ${biases === 2 ? 'gb' : '0.0'};
}

@compute @workgroup_size(64) fn descend(@builtin(global_invocation_id) id: vec3<u32>) {
  let p = id.x;
  let turn = turns[now.index * now.models + id.y];
  if (p > P || turn.size == 0u || (turn.learns == 0u && p < P)) { return; }
  var g = 0.0;
  for (var n = 0u; n < G; n++) { g += partial[(id.y * G + n) * (P + 1u) + p]; }
  if (p == P) { loss[now.index * now.models + id.y] = g; return; }
  let w = id.y * 3u * P + p;
  let m = now.beta1 * state[w + P] + (1.0 - now.beta1) * g;
  let v = now.beta2 * state[w + 2u * P] + (1.0 - now.beta2) * g * g;
  state[w + P] = m;
  state[w + 2u * P] = v;
  state[w] -= (turn.fromM * m + turn.fromG * g) / (sqrt(v) * turn.root + now.epsilon);
}
`;
}
