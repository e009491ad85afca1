// The output layer on the last hidden state, and the losses.
import { all, fma, total } from './vector';

/** y [rows][outputs] = W h + b, W [outputs][hidden], then b; with `relu` the negative part is cut. */
export function headForward(w: usize, hidden: i32, outputs: i32, relu: bool, h: usize, stride: i32, rows: i32, y: usize): void {
  const panel = <usize>stride << 4;
  const bias = w + (<usize>(outputs * hidden) << 2);
  for (let r = 0; r < rows; r++) {
    let row = w;
    for (let o = 0; o < outputs; o++, y += 4) {
      let sum = all(0);
      let from = h + (<usize>r << 4);
      for (let u = 0; u < hidden; u += 4, row += 16, from += panel) sum = fma(v128.load(row), v128.load(from), sum);
      const value = total(sum) + load<f32>(bias + (<usize>o << 2));
      store<f32>(y, relu ? max<f32>(value, 0) : value);
    }
  }
}

/**
 * Loss and its gradient, which replaces y. Targets are [rows][outputs / levels]; with levels the loss is the pinball
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

/** From dy [rows][outputs]: adds to the head's gradient and sets dh. */
export function headBackward(w: usize, g: usize, hidden: i32, outputs: i32, h: usize, dh: usize, stride: i32, rows: i32, dy: usize): void {
  const panel = <usize>stride << 4;
  const bias = g + (<usize>(outputs * hidden) << 2);
  for (let u = 0; u < hidden; u += 4, h += panel, dh += panel) {
    for (let r = 0; r < rows; r++) {
      const from = h + (<usize>r << 4);
      const slopes = dy + (<usize>(r * outputs) << 2);
      let sum = all(0);
      for (let o = 0; o < outputs; o++) {
        const at = <usize>(o * hidden + u) << 2;
        const slope = v128.load32_splat(slopes + (<usize>o << 2));
        sum = fma(slope, v128.load(w + at), sum);
        v128.store(g + at, fma(slope, v128.load(from), v128.load(g + at)));
      }
      v128.store(dh + (<usize>r << 4), sum);
    }
  }
  for (let n = 0; n < rows * outputs; n++) {
    const at = bias + (<usize>(n % outputs) << 2);
    store<f32>(at, load<f32>(at) + load<f32>(dy + (<usize>n << 2)));
  }
}
