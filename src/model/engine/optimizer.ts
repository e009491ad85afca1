/** Adam (Kingma and Ba 2015) or Nadam (Dozat 2016, with the momentum schedule of Keras and PyTorch). */
export interface Optimizer {
  readonly kind: 'adam' | 'nadam';
  /** Learning rate. */
  readonly rate: number;
  /** Default 0.9. */
  readonly beta1?: number;
  /** Default 0.999. */
  readonly beta2?: number;
  /** Added to the root of the corrected second moment; default 1e-8 (PyTorch), Keras and TensorFlow.js have 1e-7. */
  readonly epsilon?: number;
  /** Nadam's psi, default 0.004: mu_t = beta1 (1 - 0.96^(t psi) / 2). */
  readonly momentumDecay?: number;
}

/** What a step multiplies with; see `descend` in the kernels. */
export interface Scalars {
  readonly fromM: number;
  readonly fromG: number;
  readonly root: number;
}

export const defaults = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, momentumDecay: 4e-3 };

export function checkOptimizer(optimizer: Optimizer): void {
  const { rate, beta1, beta2, epsilon } = { ...defaults, ...optimizer };
  const good =
    rate > 0 && Number.isFinite(rate) && beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && epsilon > 0;
  if (!good) {
    throw new RangeError(
      `optimiser needs rate > 0, 0 <= beta1, beta2 < 1 and epsilon > 0, not ${JSON.stringify(optimizer)}`,
    );
  }
}

/** Scalars of step t, from 1. `muProduct` is the product of mu_1 to mu_(t-1), 1 at first; the next one comes back. */
export function scalarsAt(
  optimizer: Optimizer,
  t: number,
  muProduct: number,
): Scalars & { muProduct: number } {
  const { kind, rate, beta1, beta2, momentumDecay } = { ...defaults, ...optimizer };
  const root = 1 / Math.sqrt(1 - beta2 ** t);
  if (kind === 'adam') return { fromM: rate / (1 - beta1 ** t), fromG: 0, root, muProduct };
  const mu = beta1 * (1 - 0.5 * 0.96 ** (t * momentumDecay));
  const muNext = beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * momentumDecay));
  const product = muProduct * mu;
  return {
    fromM: (rate * muNext) / (1 - product * muNext),
    fromG: (rate * (1 - mu)) / (1 - product),
    root,
    muProduct: product,
  };
}
