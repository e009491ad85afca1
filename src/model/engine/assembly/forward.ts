// One LSTM layer forward. A block is up to `stride` rows (samples) that go through all steps together.
//
// Layouts, all float32, hidden padded to H, a multiple of 8, with units of zero weight (they stay 0 for ever):
//   weights  [H/4][inputs + 2 + H][4 gates i f g o][4 units]; rows: inputs, b_ih, b_hh, hidden
//   h, c     [H/4][stride][4 units]
//   gates    [H/4][stride][4 gates][4 units]
//
// A sum runs over bias, inputs, hidden units, in this order and one by one, whichever kernel takes it: the result of
// a row does not depend on the rows beside it.
import { expNegative, tanhClamp, tanhP, tanhQ } from './activation';
import { all, fma } from './vector';

/** From four pre-activations to c and h; with `gates` the backward pass keeps i, f, g, o and tanh c. */
// @ts-ignore: decorator
@inline
function cell(zi: v128, zf: v128, zg: v128, zo: v128, c0: usize, c: usize, h: usize, gates: usize, tc: usize): void {
  const one = all(1);
  const i1 = f32x4.add(one, expNegative(zi));
  const f1 = f32x4.add(one, expNegative(zf));
  const o1 = f32x4.add(one, expNegative(zo));
  const x = tanhClamp(zg);
  const xx = f32x4.mul(x, x);
  const q = tanhQ(xx);
  // One division for four quotients: 1/a = bcd / abcd.
  const ifs = f32x4.mul(i1, f1);
  const oq = f32x4.mul(o1, q);
  const inverse = f32x4.div(one, f32x4.mul(ifs, oq));
  const toIf = f32x4.mul(oq, inverse);
  const toOq = f32x4.mul(ifs, inverse);
  const i = f32x4.mul(f1, toIf);
  const f = f32x4.mul(i1, toIf);
  const o = f32x4.mul(q, toOq);
  const g = f32x4.mul(tanhP(x, xx), f32x4.mul(o1, toOq));
  const cell = fma(f, v128.load(c0), f32x4.mul(i, g));
  const y = tanhClamp(cell);
  const yy = f32x4.mul(y, y);
  const t = f32x4.div(tanhP(y, yy), tanhQ(yy));
  v128.store(c, cell);
  v128.store(h, f32x4.mul(o, t));
  if (gates) {
    v128.store(gates, i);
    v128.store(gates, f, 16);
    v128.store(gates, g, 32);
    v128.store(gates, o, 48);
    v128.store(tc, t);
  }
}

/** A row whose step is masked keeps its state; its gates are 0, which the backward pass reads as "nothing moved". */
function hold(c0: usize, c: usize, h0: usize, h: usize, gates: usize, tc: usize): void {
  v128.store(c, v128.load(c0));
  v128.store(h, v128.load(h0));
  if (gates) {
    const zero = all(0);
    v128.store(gates, zero);
    v128.store(gates, zero, 16);
    v128.store(gates, zero, 32);
    v128.store(gates, zero, 48);
    v128.store(tc, zero);
  }
}

/** Two rows, four units. */
function twoRows(w: usize, inputs: i32, x0: usize, x1: usize, hidden: i32, h0: usize, panel: usize, c0: usize, c: usize, h: usize, gates: usize, tc: usize): void {
  const bias = w + (<usize>inputs << 6);
  let a0 = f32x4.add(v128.load(bias), v128.load(bias, 64));
  let a1 = f32x4.add(v128.load(bias, 16), v128.load(bias, 80));
  let a2 = f32x4.add(v128.load(bias, 32), v128.load(bias, 96));
  let a3 = f32x4.add(v128.load(bias, 48), v128.load(bias, 112));
  let b0 = a0, b1 = a1, b2 = a2, b3 = a3;
  for (; w < bias; w += 64) {
    const s = v128.load32_splat(x0), r = v128.load32_splat(x1);
    x0 += 4;
    x1 += 4;
    a0 = fma(s, v128.load(w), a0);
    b0 = fma(r, v128.load(w), b0);
    a1 = fma(s, v128.load(w, 16), a1);
    b1 = fma(r, v128.load(w, 16), b1);
    a2 = fma(s, v128.load(w, 32), a2);
    b2 = fma(r, v128.load(w, 32), b2);
    a3 = fma(s, v128.load(w, 48), a3);
    b3 = fma(r, v128.load(w, 48), b3);
  }
  w += 128;
  for (const end = w + (<usize>hidden << 6); w < end; w += 256) {
    let s = v128.load32_splat(h0), r = v128.load32_splat(h0, 16), v = v128.load(w);
    a0 = fma(s, v, a0); b0 = fma(r, v, b0); v = v128.load(w, 16);
    a1 = fma(s, v, a1); b1 = fma(r, v, b1); v = v128.load(w, 32);
    a2 = fma(s, v, a2); b2 = fma(r, v, b2); v = v128.load(w, 48);
    a3 = fma(s, v, a3); b3 = fma(r, v, b3); v = v128.load(w, 64);
    s = v128.load32_splat(h0, 4); r = v128.load32_splat(h0, 20);
    a0 = fma(s, v, a0); b0 = fma(r, v, b0); v = v128.load(w, 80);
    a1 = fma(s, v, a1); b1 = fma(r, v, b1); v = v128.load(w, 96);
    a2 = fma(s, v, a2); b2 = fma(r, v, b2); v = v128.load(w, 112);
    a3 = fma(s, v, a3); b3 = fma(r, v, b3); v = v128.load(w, 128);
    s = v128.load32_splat(h0, 8); r = v128.load32_splat(h0, 24);
    a0 = fma(s, v, a0); b0 = fma(r, v, b0); v = v128.load(w, 144);
    a1 = fma(s, v, a1); b1 = fma(r, v, b1); v = v128.load(w, 160);
    a2 = fma(s, v, a2); b2 = fma(r, v, b2); v = v128.load(w, 176);
    a3 = fma(s, v, a3); b3 = fma(r, v, b3); v = v128.load(w, 192);
    s = v128.load32_splat(h0, 12); r = v128.load32_splat(h0, 28);
    a0 = fma(s, v, a0); b0 = fma(r, v, b0); v = v128.load(w, 208);
    a1 = fma(s, v, a1); b1 = fma(r, v, b1); v = v128.load(w, 224);
    a2 = fma(s, v, a2); b2 = fma(r, v, b2); v = v128.load(w, 240);
    a3 = fma(s, v, a3); b3 = fma(r, v, b3);
    h0 += panel;
  }
  cell(a0, a1, a2, a3, c0, c, h, gates, tc);
  cell(b0, b1, b2, b3, c0 + 16, c + 16, h + 16, gates ? gates + 64 : 0, tc + 16);
}

/** One row, eight units: `next` leads from a block of weights to the one of the next four units. */
function oneRow(w: usize, next: usize, inputs: i32, x0: usize, hidden: i32, h0: usize, panel: usize, c0: usize, c: usize, h: usize, gates: usize, gatesPanel: usize, tc: usize): void {
  const bias = w + (<usize>inputs << 6);
  const other = bias + next;
  let a0 = f32x4.add(v128.load(bias), v128.load(bias, 64));
  let a1 = f32x4.add(v128.load(bias, 16), v128.load(bias, 80));
  let a2 = f32x4.add(v128.load(bias, 32), v128.load(bias, 96));
  let a3 = f32x4.add(v128.load(bias, 48), v128.load(bias, 112));
  let b0 = f32x4.add(v128.load(other), v128.load(other, 64));
  let b1 = f32x4.add(v128.load(other, 16), v128.load(other, 80));
  let b2 = f32x4.add(v128.load(other, 32), v128.load(other, 96));
  let b3 = f32x4.add(v128.load(other, 48), v128.load(other, 112));
  let u = w + next;
  for (; w < bias; w += 64, u += 64) {
    const s = v128.load32_splat(x0);
    x0 += 4;
    a0 = fma(s, v128.load(w), a0);
    a1 = fma(s, v128.load(w, 16), a1);
    a2 = fma(s, v128.load(w, 32), a2);
    a3 = fma(s, v128.load(w, 48), a3);
    b0 = fma(s, v128.load(u), b0);
    b1 = fma(s, v128.load(u, 16), b1);
    b2 = fma(s, v128.load(u, 32), b2);
    b3 = fma(s, v128.load(u, 48), b3);
  }
  w += 128;
  u += 128;
  for (const end = w + (<usize>hidden << 6); w < end; w += 256, u += 256) {
    let s = v128.load32_splat(h0);
    a0 = fma(s, v128.load(w), a0);
    a1 = fma(s, v128.load(w, 16), a1);
    a2 = fma(s, v128.load(w, 32), a2);
    a3 = fma(s, v128.load(w, 48), a3);
    b0 = fma(s, v128.load(u), b0);
    b1 = fma(s, v128.load(u, 16), b1);
    b2 = fma(s, v128.load(u, 32), b2);
    b3 = fma(s, v128.load(u, 48), b3);
    s = v128.load32_splat(h0, 4);
    a0 = fma(s, v128.load(w, 64), a0);
    a1 = fma(s, v128.load(w, 80), a1);
    a2 = fma(s, v128.load(w, 96), a2);
    a3 = fma(s, v128.load(w, 112), a3);
    b0 = fma(s, v128.load(u, 64), b0);
    b1 = fma(s, v128.load(u, 80), b1);
    b2 = fma(s, v128.load(u, 96), b2);
    b3 = fma(s, v128.load(u, 112), b3);
    s = v128.load32_splat(h0, 8);
    a0 = fma(s, v128.load(w, 128), a0);
    a1 = fma(s, v128.load(w, 144), a1);
    a2 = fma(s, v128.load(w, 160), a2);
    a3 = fma(s, v128.load(w, 176), a3);
    b0 = fma(s, v128.load(u, 128), b0);
    b1 = fma(s, v128.load(u, 144), b1);
    b2 = fma(s, v128.load(u, 160), b2);
    b3 = fma(s, v128.load(u, 176), b3);
    s = v128.load32_splat(h0, 12);
    a0 = fma(s, v128.load(w, 192), a0);
    a1 = fma(s, v128.load(w, 208), a1);
    a2 = fma(s, v128.load(w, 224), a2);
    a3 = fma(s, v128.load(w, 240), a3);
    b0 = fma(s, v128.load(u, 192), b0);
    b1 = fma(s, v128.load(u, 208), b1);
    b2 = fma(s, v128.load(u, 224), b2);
    b3 = fma(s, v128.load(u, 240), b3);
    h0 += panel;
  }
  cell(a0, a1, a2, a3, c0, c, h, gates, tc);
  cell(b0, b1, b2, b3, c0 + panel, c + panel, h + panel, gates ? gates + gatesPanel : 0, tc + panel);
}

/** All units of one row, after their kernels: where the step is masked, the state before it stands again. */
function holdRow(units: i32, panel: usize, gatesPanel: usize, c0: usize, c: usize, h0: usize, h: usize, gates: usize, tc: usize): void {
  for (let u = 0; u < units; u += 4) {
    hold(c0, c, h0, h, gates, tc);
    c0 += panel;
    c += panel;
    h0 += panel;
    h += panel;
    if (gates) {
      gates += gatesPanel;
      tc += panel;
    }
  }
}

/**
 * One step of `rows` rows. `x` is the first row's inputs of this step, `xRow` bytes between rows; `mask` is the first
 * row's mask of this step (0: none), `maskRow` bytes between rows; `zero`: the state before is all 0.
 */
export function step(w: usize, inputs: i32, hidden: i32, rows: i32, stride: i32, x: usize, xRow: usize, mask: usize, maskRow: usize, zero: bool, h0: usize, h: usize, c0: usize, c: usize, gates: usize, tc: usize): void {
  const panel = <usize>stride << 4;
  const gatesPanel = gates ? <usize>stride << 6 : 0;
  const block = <usize>(inputs + 2 + hidden) << 6;
  const terms = zero ? 0 : hidden;
  const pairs = rows & -2;
  for (let u = 0; u < hidden; u += 4) {
    const at = <usize>(u >> 2);
    for (let r = 0; r < pairs; r += 2) {
      const row = at * panel + (<usize>r << 4);
      const xr = x + <usize>r * xRow;
      twoRows(w + at * block, inputs, xr, xr + xRow, terms, h0 + (<usize>r << 4), panel, c0 + row, c + row, h + row, gates ? gates + at * gatesPanel + (<usize>r << 6) : 0, tc + row);
    }
    if (pairs < rows && u & 4) {
      const row = (at - 1) * panel + (<usize>pairs << 4);
      oneRow(w + (at - 1) * block, block, inputs, x + <usize>pairs * xRow, terms, h0 + (<usize>pairs << 4), panel, c0 + row, c + row, h + row, gates ? gates + (at - 1) * gatesPanel + (<usize>pairs << 6) : 0, gatesPanel, tc + row);
    }
  }
  if (!mask) return;
  for (let r = 0; r < rows; r++) {
    const row = <usize>r << 4;
    if (!load<u8>(mask + <usize>r * maskRow)) holdRow(hidden, panel, gatesPanel, c0 + row, c + row, h0 + row, h + row, gates ? gates + (<usize>r << 6) : 0, tc + row);
  }
}
