/** What of an attention layer is counted; the paper's claim holds only with neither. */
export interface Counted {
  /** The product of query and relative position, as a term beside that of query and key. */
  readonly position: boolean;
  /** Each head maps only its own channels, as the paper's text says and its parameter counts deny. */
  readonly headGroups: number;
}

/** Multiplications and additions, in pairs, of a square convolution of `channels` to as many, at one position. */
export const convolutionCost = (channels: number, extent: number): number => extent ** 2 * channels ** 2;

/** The same of local attention: three maps, logits, and the sum of values. */
export const attentionCost = (channels: number, extent: number, { position, headGroups }: Counted): number =>
  (3 * channels ** 2) / headGroups + (position ? 3 : 2) * channels * extent ** 2;

/** The largest odd extent of attention that costs no more than a convolution. */
export function largestExtent(channels: number, convolution: number, counted: Counted): number {
  const limit = convolutionCost(channels, convolution);
  let extent = 1;
  while (attentionCost(channels, extent + 2, counted) <= limit) extent += 2;
  return extent;
}
