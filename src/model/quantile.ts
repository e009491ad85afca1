/** Linear between order statistics (Hyndman and Fan 1996, type 7). `sorted` must not be empty; `level` in [0, 1]. */
export function quantile(sorted: ArrayLike<number>, level: number): number {
  const at = level * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (at - below) * (sorted[above]! - sorted[below]!);
}
