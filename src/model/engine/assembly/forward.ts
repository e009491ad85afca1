// One LSTM layer forward. A block is up to `stride` rows (samples) that go through all steps together.
//
// Layouts, all float32, hidden padded to H, a multiple of 8, with units of zero weight (they stay 0 for ever):
//   weights  [H/4][inputs + 2 + H][4 gates i f g o][4 units]; rows: inputs, b_ih, b_hh, hidden
//   h, c     [row][H]
//   z        [H/4][stride][4 gates][4 units]
//
// A sum runs over bias, inputs, hidden units, in this order and one by one, whichever kernel takes it: the result of
// a row does not depend on the rows beside it.
//
// The inner loops hold eight sums in registers, the least that hides the latency of a multiply-add at two a cycle.
// They are not unrolled: within a basic block V8 puts all loads before the arithmetic, and a longer block would need
// more than the 15 registers that it has; unrolled four times they lost a quarter of their speed to spills.
import { one } from './constants';
import { expNegative, tanhClamp, tanhP, tanhQ } from './activation';
import { fma } from './vector';

/** Rows two by two, four units: pre-activations into z. `terms` is H, or 0 where h is all zero. */
function twoRows(w: usize, inputs: i32, x: usize, xRow: usize, terms: i32, h: usize, hRow: usize, z: usize, end: usize): void {
  const bias = w + (<usize>inputs << 6);
  const last = bias + 128 + (<usize>terms << 6);
  const bias0 = f32x4.add(v128.load(bias), v128.load(bias, 64));
  const bias1 = f32x4.add(v128.load(bias, 16), v128.load(bias, 80));
  const bias2 = f32x4.add(v128.load(bias, 32), v128.load(bias, 96));
  const bias3 = f32x4.add(v128.load(bias, 48), v128.load(bias, 112));
  for (; z < end; z += 128, x += 2 * xRow, h += 2 * hRow) {
    let a0 = bias0, a1 = bias1, a2 = bias2, a3 = bias3;
    let b0 = bias0, b1 = bias1, b2 = bias2, b3 = bias3;
    let at = w;
    for (let p = x, q = x + xRow; at < bias; at += 64, p += 4, q += 4) {
      const s = v128.load32_splat(p), r = v128.load32_splat(q);
      let v = v128.load(at);
      a0 = fma(s, v, a0); b0 = fma(r, v, b0); v = v128.load(at, 16);
      a1 = fma(s, v, a1); b1 = fma(r, v, b1); v = v128.load(at, 32);
      a2 = fma(s, v, a2); b2 = fma(r, v, b2); v = v128.load(at, 48);
      a3 = fma(s, v, a3); b3 = fma(r, v, b3);
    }
    at += 128;
    for (let p = h, q = h + hRow; at < last; at += 64, p += 4, q += 4) {
      const s = v128.load32_splat(p), r = v128.load32_splat(q);
      let v = v128.load(at);
      a0 = fma(s, v, a0); b0 = fma(r, v, b0); v = v128.load(at, 16);
      a1 = fma(s, v, a1); b1 = fma(r, v, b1); v = v128.load(at, 32);
      a2 = fma(s, v, a2); b2 = fma(r, v, b2); v = v128.load(at, 48);
      a3 = fma(s, v, a3); b3 = fma(r, v, b3);
    }
    v128.store(z, a0); v128.store(z, a1, 16); v128.store(z, a2, 32); v128.store(z, a3, 48);
    v128.store(z, b0, 64); v128.store(z, b1, 80); v128.store(z, b2, 96); v128.store(z, b3, 112);
  }
}

/** One row, eight units: `block` leads to the weights of the next four units, `panel` to their z. */
function oneRow(w: usize, block: usize, inputs: i32, x: usize, terms: i32, h: usize, z: usize, panel: usize): void {
  const bias = w + (<usize>inputs << 6), other = bias + block;
  let a0 = f32x4.add(v128.load(bias), v128.load(bias, 64));
  let a1 = f32x4.add(v128.load(bias, 16), v128.load(bias, 80));
  let a2 = f32x4.add(v128.load(bias, 32), v128.load(bias, 96));
  let a3 = f32x4.add(v128.load(bias, 48), v128.load(bias, 112));
  let b0 = f32x4.add(v128.load(other), v128.load(other, 64));
  let b1 = f32x4.add(v128.load(other, 16), v128.load(other, 80));
  let b2 = f32x4.add(v128.load(other, 32), v128.load(other, 96));
  let b3 = f32x4.add(v128.load(other, 48), v128.load(other, 112));
  let u = w + block;
  for (; w < bias; w += 64, u += 64, x += 4) {
    const s = v128.load32_splat(x);
    a0 = fma(s, v128.load(w), a0); a1 = fma(s, v128.load(w, 16), a1);
    a2 = fma(s, v128.load(w, 32), a2); a3 = fma(s, v128.load(w, 48), a3);
    b0 = fma(s, v128.load(u), b0); b1 = fma(s, v128.load(u, 16), b1);
    b2 = fma(s, v128.load(u, 32), b2); b3 = fma(s, v128.load(u, 48), b3);
  }
  w += 128;
  u += 128;
  for (const end = w + (<usize>terms << 6); w < end; w += 64, u += 64, h += 4) {
    const s = v128.load32_splat(h);
    a0 = fma(s, v128.load(w), a0); a1 = fma(s, v128.load(w, 16), a1);
    a2 = fma(s, v128.load(w, 32), a2); a3 = fma(s, v128.load(w, 48), a3);
    b0 = fma(s, v128.load(u), b0); b1 = fma(s, v128.load(u, 16), b1);
    b2 = fma(s, v128.load(u, 32), b2); b3 = fma(s, v128.load(u, 48), b3);
  }
  v128.store(z, a0); v128.store(z, a1, 16); v128.store(z, a2, 32); v128.store(z, a3, 48);
  z += panel;
  v128.store(z, b0); v128.store(z, b1, 16); v128.store(z, b2, 32); v128.store(z, b3, 48);
}

/** Pre-activations of units `from` to `from + units`. */
function products(w: usize, from: i32, units: i32, inputs: i32, hidden: i32, rows: i32, panel: usize, x: usize, xRow: usize, terms: i32, h: usize, z: usize): void {
  const hRow = <usize>hidden << 2;
  const block = <usize>(inputs + 2 + hidden) << 6;
  const pairs = rows & -2;
  w += <usize>(from >> 2) * block;
  z += <usize>(from >> 2) * panel;
  for (let u = 0; u < units; u += 8, w += 2 * block, z += 2 * panel) {
    const end = z + (<usize>pairs << 6);
    twoRows(w, inputs, x, xRow, terms, h, hRow, z, end);
    twoRows(w + block, inputs, x, xRow, terms, h, hRow, z + panel, end + panel);
    if (pairs < rows) {
      oneRow(w, block, inputs, x + <usize>pairs * xRow, terms, h + <usize>pairs * hRow, z + (<usize>pairs << 6), panel);
    }
  }
}

/** z of four units to c and, in place of z_o, o; `hRow` bytes between rows. With `keep` i, f, g replace z too. */
function states(z: usize, rows: i32, c0: usize, c: usize, hRow: usize, keep: bool): void {
  for (const end = z + (<usize>rows << 6); z < end; z += 64, c0 += hRow, c += hRow) {
    const i1 = f32x4.add(one(), expNegative(v128.load(z)));
    const f1 = f32x4.add(one(), expNegative(v128.load(z, 16)));
    const o1 = f32x4.add(one(), expNegative(v128.load(z, 48)));
    const x = tanhClamp(v128.load(z, 32));
    const xx = f32x4.mul(x, x);
    const q = tanhQ(xx);
    // One division for four quotients: 1/a = bcd / abcd.
    const ifs = f32x4.mul(i1, f1);
    const oq = f32x4.mul(o1, q);
    const inverse = f32x4.div(one(), f32x4.mul(ifs, oq));
    const toIf = f32x4.mul(oq, inverse);
    const toOq = f32x4.mul(ifs, inverse);
    const i = f32x4.mul(f1, toIf);
    const f = f32x4.mul(i1, toIf);
    const g = f32x4.mul(tanhP(x, xx), f32x4.mul(o1, toOq));
    v128.store(z, f32x4.mul(q, toOq), 48);
    v128.store(c, fma(f, v128.load(c0), f32x4.mul(i, g)));
    if (keep) {
      v128.store(z, i);
      v128.store(z, f, 16);
      v128.store(z, g, 32);
    }
  }
}

/** h = o tanh c; with `tc` tanh c is kept. */
function outputs(z: usize, rows: i32, c: usize, h: usize, tc: usize, hRow: usize): void {
  for (const end = z + (<usize>rows << 6); z < end; z += 64, c += hRow, h += hRow) {
    const x = tanhClamp(v128.load(c));
    const xx = f32x4.mul(x, x);
    const t = f32x4.div(tanhP(x, xx), tanhQ(xx));
    v128.store(h, f32x4.mul(v128.load(z, 48), t));
    if (tc) {
      v128.store(tc, t);
      tc += hRow;
    }
  }
}

/**
 * One step of `rows` rows. `x` is the first row's inputs of this step, `xRow` bytes between rows; `mask` is the first
 * row's mask of this step (0: none), `maskRow` bytes between rows: where it is 0, the state before stands again;
 * `zero`: the state before is all 0. The gates stay in `z` and tanh c in `tc`, if `tc` is not 0.
 */
export function step(w: usize, inputs: i32, hidden: i32, rows: i32, stride: i32, x: usize, xRow: usize, mask: usize, maskRow: usize, zero: bool, h0: usize, h: usize, c0: usize, c: usize, z: usize, tc: usize): void {
  const hRow = <usize>hidden << 2;
  const panel = <usize>stride << 6;
  // Few rows: all sums before all cells, which then fill the pipeline. Many: both while z is in the nearest cache.
  const group = rows < 8 ? hidden : 8;
  for (let u = 0; u < hidden; u += group) {
    products(w, u, group, inputs, hidden, rows, panel, x, xRow, zero ? 0 : hidden, h0, z);
    for (let k = u; k < u + group; k += 4) {
      const at = <usize>k << 2;
      const zk = z + <usize>(k >> 2) * panel;
      states(zk, rows, c0 + at, c + at, hRow, tc != 0);
      outputs(zk, rows, c + at, h + at, tc ? tc + at : 0, hRow);
    }
  }
  if (!mask) return;
  for (let r = 0; r < rows; r++) {
    if (load<u8>(mask + <usize>r * maskRow)) continue;
    memory.copy(h + <usize>r * hRow, h0 + <usize>r * hRow, hRow);
    memory.copy(c + <usize>r * hRow, c0 + <usize>r * hRow, hRow);
  }
}
