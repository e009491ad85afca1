// The output layer on the last hidden state [row][hidden], and the losses.
import { all, fma, total } from './vector';

/** y [row][outputs] = W h + b, W [outputs][hidden], then b; with `relu` the negative part is cut. */
export function headForward(w: usize, hidden: i32, outputs: i32, relu: bool, h: usize, rows: i32, y: usize): void {
  const hRow = <usize>hidden << 2;
  const bias = w + <usize>outputs * hRow;
  for (let r = 0; r < rows; r++, h += hRow) {
    let from = w;
    for (let o = 0; o < outputs; o++, y += 4) {
      let sum = all(0);
      for (let at = h; at < h + hRow; at += 16, from += 16) sum = fma(v128.load(from), v128.load(at), sum);
      const value = total(sum) + load<f32>(bias + (<usize>o << 2));
      store<f32>(y, relu ? max<f32>(value, 0) : value);
    }
  }
}

/**
 * Loss and its gradient, which replaces y. Targets are [row][outputs / levels]; with levels the loss is the pinball
 * loss of each output at its level, otherwise the squared error. `weight` (0: none) is per target; `scale` is one
 * over the number of terms in the mean. Through a ReLU no gradient flows where y is 0.
 */
export function lossGradient(y: usize, target: usize, weight: usize, rows: i32, outputs: i32, levels: i32, level: usize, relu: bool, scale: f32): f64 {
  let sum: f64 = 0;
  const each = levels ? levels : 1;
  for (let n = 0; n < rows * outputs; n++, y += 4) {
    const at = <usize>(n / each) << 2;
    const factor = weight ? scale * load<f32>(weight + at) : scale;
    const value = load<f32>(y);
    const miss = load<f32>(target + at) - value;
    let slope: f32;
    if (levels) {
      const q = load<f32>(level + (<usize>(n % each) << 2));
      slope = miss > 0 ? -q : miss < 0 ? 1 - q : 0;
      sum -= <f64>(slope * miss * factor);
    } else {
      slope = -2 * miss;
      sum += <f64>(miss * miss * factor);
    }
    store<f32>(y, factor == 0 || (relu && value <= 0) ? 0 : slope * factor);
  }
  return sum;
}

/** From dy [row][outputs]: adds to the head's gradient and sets dh. */
export function headBackward(w: usize, g: usize, hidden: i32, outputs: i32, h: usize, dh: usize, rows: i32, dy: usize): void {
  const hRow = <usize>hidden << 2;
  const bias = g + <usize>outputs * hRow;
  for (let r = 0; r < rows; r++, h += hRow, dh += hRow) {
    memory.fill(dh, 0, hRow);
    for (let o = 0; o < outputs; o++, dy += 4) {
      const slope = v128.load32_splat(dy);
      const row = <usize>o * hRow;
      for (let k: usize = 0; k < hRow; k += 16) {
        v128.store(dh + k, fma(slope, v128.load(w + row + k), v128.load(dh + k)));
        v128.store(g + row + k, fma(slope, v128.load(h + k), v128.load(g + row + k)));
      }
      store<f32>(bias + (<usize>o << 2), load<f32>(bias + (<usize>o << 2)) + load<f32>(dy));
    }
  }
}
