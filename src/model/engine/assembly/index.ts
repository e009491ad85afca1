// What the host calls: whole batches. Pointers are byte offsets into the memory; 0 stands for "none".
import { before, stepBackward, transpose } from './backward';
import { step } from './forward';
import { headBackward, headForward, lossGradient } from './head';
export { descend } from './optimizer';

/** First byte that the host may use. */
export function heapBase(): usize {
  return __heap_base;
}

/** Index of the first number that is NaN or infinite, or -1. */
export function firstNonFinite(from: usize, count: i32): i32 {
  for (let n = 0; n < count; n++) {
    const value = load<f32>(from + (<usize>n << 2));
    if (value - value != 0) return n;
  }
  return -1;
}

/** `bytes` of the state at `from`, or zeros. */
function begin(state: usize, from: usize, to: usize, bytes: usize): void {
  if (state) memory.copy(to, state + from, bytes);
  else memory.fill(to, 0, bytes);
}

/**
 * Batch forward. x [batch][steps][inputs]; mask [batch][steps] bytes; stateH, stateC [batch][hidden], read and then
 * overwritten (0: start from zero, keep nothing); work: 8 x hidden x stride floats; out [batch][outputs].
 */
export function infer(w: usize, inputs: i32, hidden: i32, head: usize, outputs: i32, relu: bool, x: usize, batch: i32, steps: i32, mask: usize, stateH: usize, stateC: usize, work: usize, stride: i32, out: usize): void {
  const size = <usize>(hidden * stride) << 2;
  const c = work + 2 * size;
  const xRow = <usize>(steps * inputs) << 2;
  for (let from = 0; from < batch; from += stride) {
    const rows = min(stride, batch - from);
    const at = <usize>(from * hidden) << 2;
    const used = <usize>(rows * hidden) << 2;
    begin(stateH, at, work, used);
    begin(stateC, at, c, used);
    for (let t = 0; t < steps; t++) {
      const odd = <usize>(t & 1) * size;
      const even = size - odd;
      const xt = x + <usize>from * xRow + (<usize>(t * inputs) << 2);
      step(w, inputs, hidden, rows, stride, xt, xRow, mask ? mask + <usize>(from * steps + t) : 0, steps, t == 0 && !stateH, work + odd, work + even, c + odd, c + even, c + 2 * size, 0);
    }
    const last = <usize>(steps & 1) * size;
    headForward(head, hidden, outputs, relu, work + last, rows, out + (<usize>(from * outputs) << 2));
    if (stateH) {
      memory.copy(stateH + at, work + last, used);
      memory.copy(stateC + at, c + last, used);
    }
  }
}

/**
 * Forward, loss and gradients g of a batch. Shapes as in `infer` and `lossGradient`; stride is a multiple of 4.
 * wBack: 4 x hidden x hidden floats; work: hidden x stride x (7 steps + 5) + stride x outputs floats.
 */
export function gradients(w: usize, g: usize, wBack: usize, inputs: i32, hidden: i32, head: usize, outputs: i32, relu: bool, biases: i32, count: i32, x: usize, batch: i32, steps: i32, mask: usize, stateH: usize, stateC: usize, target: usize, weight: usize, levels: i32, level: usize, scale: f32, work: usize, stride: i32): f64 {
  const size = <usize>(hidden * stride) << 2;
  const h = work;
  const c = h + size * <usize>(steps + 1);
  const tc = c + size * <usize>(steps + 1);
  const gates = tc + size * <usize>steps;
  const dc = gates + 4 * size * <usize>steps;
  const y = dc + 3 * size;
  const targets = levels ? outputs / levels : outputs;
  const xRow = <usize>(steps * inputs) << 2;
  let loss: f64 = 0;
  memory.fill(g, 0, <usize>count << 2);
  transpose(w, inputs, hidden, wBack);
  for (let from = 0; from < batch; from += stride) {
    const rows = min(stride, batch - from);
    const at = <usize>(from * hidden) << 2;
    const used = <usize>(rows * hidden) << 2;
    const xb = x + <usize>from * xRow;
    const mb = mask ? mask + <usize>(from * steps) : 0;
    begin(stateH, at, h, used);
    begin(stateC, at, c, used);
    for (let t = 0; t < steps; t++) {
      const now = size * <usize>t;
      step(w, inputs, hidden, rows, stride, xb + (<usize>(t * inputs) << 2), xRow, mb ? mb + t : 0, steps, t == 0 && !stateH, h + now, h + now + size, c + now, c + now + size, gates + 4 * now, tc + now);
    }
    const last = size * <usize>steps;
    headForward(head, hidden, outputs, relu, h + last, rows, y);
    const goal = <usize>(from * targets) << 2;
    loss += lossGradient(y, target + goal, weight ? weight + goal : 0, rows, outputs, levels, level, relu, scale);
    let dh = dc + size, dhBefore = dh + size;
    headBackward(head, g + (head - w), hidden, outputs, h + last, dh, rows, y);
    memory.fill(dc, 0, used);
    for (let t = steps - 1; t >= 0; t--) {
      const now = size * <usize>t;
      stepBackward(g, wBack, inputs, hidden, rows, stride, xb + (<usize>(t * inputs) << 2), xRow, mb ? mb + t : 0, steps, t == 0, t == 0 && !stateH, h + now, c + now, gates + 4 * now, tc + now, dh, dhBefore, dc);
      const swap = dh;
      dh = dhBefore;
      dhBefore = swap;
    }
    if (stateH) {
      memory.copy(stateH + at, h + last, used);
      memory.copy(stateC + at, c + last, used);
    }
  }
  bothBiases(g, inputs, hidden, biases);
  return loss;
}

/** b_ih and b_hh have the same gradient; with one bias, b_hh has none. */
function bothBiases(g: usize, inputs: i32, hidden: i32, biases: i32): void {
  const block = <usize>(inputs + 2 + hidden) << 6;
  for (let u = 0; u < hidden; u += 4, g += block) {
    const from = g + (<usize>inputs << 6);
    if (biases == 2) memory.copy(from + 64, from, 64);
    else memory.fill(from + 64, 0, 64);
  }
}

/** For benchmarks: dh [128][32] = dz [128][128] times W, again and again: the matrix product alone, in the nearest cache. */
export function matrixProduct(times: i32, w: usize, dz: usize, dh: usize): void {
  for (let n = 0; n < times; n++) before(w, 32, 128, 128 << 6, dz, dh);
}
