// What the host calls: whole batches. Pointers are byte offsets into the memory; 0 stands for "none".
import { stepBackward, transpose } from './backward';
import { step } from './forward';
import { headBackward, headForward, lossGradient } from './head';
export { descend } from './optimizer';

/** Index of the first number that is NaN or infinite, or -1. */
export function firstNonFinite(from: usize, count: i32): i32 {
  for (let n = 0; n < count; n++) {
    const value = load<f32>(from + (<usize>n << 2));
    if (value - value != 0) return n;
  }
  return -1;
}

/** Between rows [row][hidden] and panels [hidden / 4][stride][4]. */
function spread(rowsAt: usize, hidden: i32, rows: i32, stride: i32, panels: usize): void {
  for (let r = 0; r < rows; r++) {
    let to = panels + (<usize>r << 4);
    for (let u = 0; u < hidden; u += 4, rowsAt += 16, to += <usize>stride << 4) v128.store(to, v128.load(rowsAt));
  }
}

function collect(panels: usize, hidden: i32, rows: i32, stride: i32, rowsAt: usize): void {
  for (let r = 0; r < rows; r++) {
    let from = panels + (<usize>r << 4);
    for (let u = 0; u < hidden; u += 4, rowsAt += 16, from += <usize>stride << 4) v128.store(rowsAt, v128.load(from));
  }
}

/**
 * Batch forward. x [batch][steps][inputs]; mask [batch][steps] bytes; stateH, stateC [batch][hidden], read and then
 * overwritten (0: start from zero, keep nothing); work: 4 x hidden x stride floats; out [batch][outputs].
 */
export function infer(w: usize, inputs: i32, hidden: i32, head: usize, outputs: i32, relu: bool, x: usize, batch: i32, steps: i32, mask: usize, stateH: usize, stateC: usize, work: usize, stride: i32, out: usize): void {
  const size = <usize>(hidden * stride) << 2;
  const c = work + 2 * size;
  const xRow = <usize>(steps * inputs) << 2;
  for (let from = 0; from < batch; from += stride) {
    const rows = min(stride, batch - from);
    const at = <usize>(from * hidden) << 2;
    if (stateH) {
      spread(stateH + at, hidden, rows, stride, work);
      spread(stateC + at, hidden, rows, stride, c);
    } else {
      memory.fill(c, 0, size);
      memory.fill(work, 0, size);
    }
    for (let t = 0; t < steps; t++) {
      const odd = <usize>(t & 1) * size;
      const even = size - odd;
      const xt = x + <usize>from * xRow + (<usize>(t * inputs) << 2);
      step(w, inputs, hidden, rows, stride, xt, xRow, mask ? mask + <usize>(from * steps + t) : 0, steps, t == 0 && !stateH, work + odd, work + even, c + odd, c + even, 0, 0);
    }
    const last = <usize>(steps & 1) * size;
    headForward(head, hidden, outputs, relu, work + last, stride, rows, out + (<usize>(from * outputs) << 2));
    if (stateH) {
      collect(work + last, hidden, rows, stride, stateH + at);
      collect(c + last, hidden, rows, stride, stateC + at);
    }
  }
}

/**
 * Forward, loss and gradients of a batch; answers the loss and adds to g (zeroed here). Shapes as in `infer` and
 * `lossGradient`. wBack: 4 x hidden x hidden floats; work: hidden x stride x (7 steps + 5) + stride x outputs floats.
 */
export function gradients(w: usize, g: usize, wBack: usize, inputs: i32, hidden: i32, head: usize, outputs: i32, relu: bool, biases: i32, count: i32, x: usize, batch: i32, steps: i32, mask: usize, stateH: usize, stateC: usize, target: usize, weight: usize, levels: i32, level: usize, scale: f32, work: usize, stride: i32): f64 {
  const size = <usize>(hidden * stride) << 2;
  const h = work;
  const c = h + size * <usize>(steps + 1);
  const tc = c + size * <usize>(steps + 1);
  const gates = tc + size * <usize>steps;
  const dh = gates + 4 * size * <usize>steps;
  const dc = dh + 2 * size;
  const y = dc + size;
  const gHead = g + (head - w);
  const targets = levels ? outputs / levels : outputs;
  const xRow = <usize>(steps * inputs) << 2;
  let loss: f64 = 0;
  memory.fill(g, 0, <usize>count << 2);
  transpose(w, inputs, hidden, wBack);
  for (let from = 0; from < batch; from += stride) {
    const rows = min(stride, batch - from);
    const at = <usize>(from * hidden) << 2;
    if (stateH) {
      spread(stateH + at, hidden, rows, stride, h);
      spread(stateC + at, hidden, rows, stride, c);
    } else {
      memory.fill(h, 0, size);
      memory.fill(c, 0, size);
    }
    const xb = x + <usize>from * xRow;
    const mb = mask ? mask + <usize>(from * steps) : 0;
    for (let t = 0; t < steps; t++) {
      const now = size * <usize>t;
      step(w, inputs, hidden, rows, stride, xb + (<usize>(t * inputs) << 2), xRow, mb ? mb + t : 0, steps, t == 0 && !stateH, h + now, h + now + size, c + now, c + now + size, gates + 4 * now, tc + now);
    }
    const last = size * <usize>steps;
    headForward(head, hidden, outputs, relu, h + last, stride, rows, y);
    const goal = <usize>(from * targets) << 2;
    loss += lossGradient(y, target + goal, weight ? weight + goal : 0, rows, outputs, levels, level, relu, scale);
    let dhNow = dh;
    let dhBefore = dh + size;
    headBackward(head, gHead, hidden, outputs, h + last, dhNow, stride, rows, y);
    memory.fill(dc, 0, size);
    for (let t = steps - 1; t >= 0; t--) {
      const now = size * <usize>t;
      stepBackward(g, wBack, inputs, hidden, rows, stride, xb + (<usize>(t * inputs) << 2), xRow, mb ? mb + t : 0, steps, t == 0, t == 0 && !stateH, h + now, c + now, gates + 4 * now, tc + now, dhNow, dhBefore, dc);
      const swap = dhNow;
      dhNow = dhBefore;
      dhBefore = swap;
    }
    if (stateH) {
      collect(h + last, hidden, rows, stride, stateH + at);
      collect(c + last, hidden, rows, stride, stateC + at);
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

/** First byte that the host may use. */
export function heapBase(): usize {
  return __heap_base;
}
