import { all, flush, fma } from './vector';

/**
 * m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g g; p -= (fromM m + fromG g) / (root sqrt v + eps). Adam (Kingma and Ba
 * 2015, algorithm 1) and Nadam (Dozat 2016, algorithm 2) differ in the scalars, which hold the corrections of bias.
 */
export function descend(p: usize, g: usize, m: usize, v: usize, count: i32, b1: f32, restB1: f32, b2: f32, restB2: f32, fromM: f32, fromG: f32, root: f32, eps: f32): void {
  for (const end = p + (<usize>count << 2); p < end; p += 16, g += 16, m += 16, v += 16) {
    const slope = v128.load(g);
    const mean = flush(fma(all(b1), v128.load(m), f32x4.mul(all(restB1), slope)));
    const square = flush(fma(all(b2), v128.load(v), f32x4.mul(all(restB2), f32x4.mul(slope, slope))));
    v128.store(m, mean);
    v128.store(v, square);
    const by = f32x4.add(f32x4.mul(all(root), f32x4.sqrt(square)), all(eps));
    const step = fma(all(fromM), mean, f32x4.mul(all(fromG), slope));
    v128.store(p, f32x4.sub(v128.load(p), f32x4.div(step, by)));
  }
}
