// One LSTM layer backward through one step of a block. Layouts as in forward.ts, dh and dc as h and c; besides
//   wBack  [H/8][4 H gates in the order of z][8 units]: the recurrent weights, transposed
import { one } from './constants';
import { all, flush, fma } from './vector';

const ONE = memory.data<f32>([1]);

/** The recurrent part of `w`, transposed into `wBack`, once for each change of the weights. */
export function transpose(w: usize, inputs: i32, hidden: i32, wBack: usize): void {
  const block = <usize>(inputs + 2 + hidden) << 6;
  for (let u = 0; u < hidden; u += 4) {
    let from = w + <usize>(u >> 2) * block + (<usize>(inputs + 2) << 6);
    for (let k = 0; k < hidden; k++) {
      let to = wBack + ((<usize>(k >> 3) * <usize>(hidden << 2) + <usize>(u << 2)) << 5) + (<usize>(k & 7) << 2);
      for (let j = 0; j < 16; j++, from += 4, to += 32) store<f32>(to, load<f32>(from));
    }
  }
}

/** Through the cell: gates become dz in place, dc becomes that of the step before. A masked row has dz = 0. */
function cells(hidden: i32, rows: i32, panel: usize, gates: usize, tc: usize, c0: usize, dh: usize, dc: usize, mask: usize, maskRow: usize): void {
  const hRow = <usize>hidden << 2;
  for (let u: usize = 0; u < hRow; u += 16, gates += panel) {
    for (let r = 0; r < rows; r++) {
      const z = gates + (<usize>r << 6);
      const at = <usize>r * hRow + u;
      if (mask && !load<u8>(mask + <usize>r * maskRow)) {
        memory.fill(z, 0, 64);
        continue;
      }
      const i = v128.load(z), f = v128.load(z, 16), g = v128.load(z, 32), o = v128.load(z, 48);
      const t = v128.load(tc + at), d = flush(v128.load(dh + at));
      const dt = f32x4.mul(d, o);
      const dcell = flush(f32x4.add(v128.load(dc + at), f32x4.sub(dt, f32x4.mul(dt, f32x4.mul(t, t)))));
      const di = f32x4.mul(i, f32x4.sub(one(), i)), df = f32x4.mul(f, f32x4.sub(one(), f));
      const dO = f32x4.mul(o, f32x4.sub(one(), o)), dg = f32x4.sub(one(), f32x4.mul(g, g));
      v128.store(z, f32x4.mul(f32x4.mul(dcell, g), di));
      v128.store(z, f32x4.mul(f32x4.mul(dcell, v128.load(c0 + at)), df), 16);
      v128.store(z, f32x4.mul(f32x4.mul(dcell, i), dg), 32);
      v128.store(z, f32x4.mul(f32x4.mul(d, t), dO), 48);
      v128.store(dc + at, f32x4.mul(dcell, f));
    }
  }
}

/** dh of the step before, four rows and eight units: the sum over all gates of dz W. */
function recur(w: usize, hidden: i32, dz: usize, panel: usize, dh: usize, hRow: usize): void {
  let a0 = all(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
  for (let u = 0; u < hidden; u += 4, dz += panel - 64) {
    for (const end = dz + 64; dz < end; dz += 4, w += 32) {
      const v = v128.load(w), x = v128.load(w, 16);
      let s = v128.load32_splat(dz);
      a0 = fma(s, v, a0); a1 = fma(s, x, a1); s = v128.load32_splat(dz, 64);
      b0 = fma(s, v, b0); b1 = fma(s, x, b1); s = v128.load32_splat(dz, 128);
      c0 = fma(s, v, c0); c1 = fma(s, x, c1); s = v128.load32_splat(dz, 192);
      d0 = fma(s, v, d0); d1 = fma(s, x, d1);
    }
  }
  v128.store(dh, a0); v128.store(dh, a1, 16);
  dh += hRow;
  v128.store(dh, b0); v128.store(dh, b1, 16);
  dh += hRow;
  v128.store(dh, c0); v128.store(dh, c1, 16);
  dh += hRow;
  v128.store(dh, d0); v128.store(dh, d1, 16);
}

/** dh of the step before, for all rows and up to three beyond. */
export function before(wBack: usize, hidden: i32, rows: i32, panel: usize, dz: usize, dh: usize): void {
  const hRow = <usize>hidden << 2;
  for (let r = 0; r < rows; r += 4) {
    for (let k = 0; k < hidden; k += 8) {
      const w = wBack + (<usize>(k >> 3) * <usize>(hidden << 2) << 5);
      recur(w, hidden, dz + (<usize>r << 6), panel, dh + <usize>r * hRow + (<usize>k << 2), hRow);
    }
  }
}

/** Adds to two rows of the gradient of four units: the sum over samples of (p, q) times dz. */
function outer(g: usize, p: usize, pRow: usize, q: usize, qRow: usize, dz: usize, rows: i32): void {
  let a0 = v128.load(g), a1 = v128.load(g, 16), a2 = v128.load(g, 32), a3 = v128.load(g, 48);
  let b0 = v128.load(g, 64), b1 = v128.load(g, 80), b2 = v128.load(g, 96), b3 = v128.load(g, 112);
  for (const end = dz + (<usize>rows << 6); dz < end; dz += 64, p += pRow, q += qRow) {
    const s = v128.load32_splat(p), r = v128.load32_splat(q);
    let v = v128.load(dz);
    a0 = fma(s, v, a0); b0 = fma(r, v, b0); v = v128.load(dz, 16);
    a1 = fma(s, v, a1); b1 = fma(r, v, b1); v = v128.load(dz, 32);
    a2 = fma(s, v, a2); b2 = fma(r, v, b2); v = v128.load(dz, 48);
    a3 = fma(s, v, a3); b3 = fma(r, v, b3);
  }
  v128.store(g, a0); v128.store(g, a1, 16); v128.store(g, a2, 32); v128.store(g, a3, 48);
  v128.store(g, b0, 64); v128.store(g, b1, 80); v128.store(g, b2, 96); v128.store(g, b3, 112);
}

/** Adds to the gradient of the weights. With even `inputs` the row of b_hh gets that of b_ih, else nothing. */
function weights(g: usize, inputs: i32, hidden: i32, rows: i32, panel: usize, x: usize, xRow: usize, zero: bool, h: usize, dz: usize): void {
  const hRow = <usize>hidden << 2;
  for (let u = 0; u < hidden; u += 4, dz += panel) {
    for (let k = 0; k <= inputs; k += 2, g += 128) {
      const p = k < inputs ? x + (<usize>k << 2) : ONE;
      const q = k + 1 < inputs ? x + (<usize>k << 2) + 4 : ONE;
      outer(g, p, k < inputs ? xRow : 0, q, k + 1 < inputs ? xRow : 0, dz, rows);
    }
    if (inputs & 1) g += 64;
    if (!zero) for (let k: usize = 0; k < hRow; k += 8) outer(g + (k << 4), h + k, hRow, h + k + 4, hRow, dz, rows);
    g += <usize>hidden << 6;
  }
}

/**
 * One step backward: `dh` and `dc` are of this step's output; dhBefore, and dc afterwards, of the step before.
 * `first`: there is no step before, and dhBefore is left alone; `zero`: the state before is all 0.
 */
export function stepBackward(g: usize, wBack: usize, inputs: i32, hidden: i32, rows: i32, stride: i32, x: usize, xRow: usize, mask: usize, maskRow: usize, first: bool, zero: bool, h0: usize, c0: usize, gates: usize, tc: usize, dh: usize, dhBefore: usize, dc: usize): void {
  const hRow = <usize>hidden << 2;
  const panel = <usize>stride << 6;
  cells(hidden, rows, panel, gates, tc, c0, dh, dc, mask, maskRow);
  weights(g, inputs, hidden, rows, panel, x, xRow, zero, h0, gates);
  if (first) return;
  before(wBack, hidden, rows, panel, gates, dhBefore);
  if (!mask) return;
  for (let r = 0; r < rows; r++) {
    if (!load<u8>(mask + <usize>r * maskRow)) memory.copy(dhBefore + <usize>r * hRow, dh + <usize>r * hRow, hRow);
  }
}
