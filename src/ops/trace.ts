import { PushforwardError } from '../errors.js';
import { Random, streamOf } from '../random.js';
import { type Tensor1D, type Tensor2D, tf } from '../tf.js';
import { orthonormalBases } from './orthonormal.js';

/**
 * v [n, d] to A v [n, d], row by row: row i is multiplied by a matrix [d, d] of its own. A product with
 * the Jacobian of a map of rows, say, which costs one pass and never forms the matrix.
 */
export type Multiply = (vectors: Tensor2D) => Tensor2D;

export interface TraceOptions {
  /** How many rows, n. */
  readonly rows: number;
  /** Size d of the matrices. */
  readonly dim: number;
  /** Calls of `multiply`. For `hutchPlusPlus` a multiple of 3. */
  readonly products: number;
  /** Seed of the probes, a safe integer. Default 0. The same seed gives the same probes. */
  readonly seed?: number;
  /** Law of the probes' entries. Default `rademacher`: ±1, whose variance leaves out the diagonal. */
  readonly probes?: 'rademacher' | 'gaussian';
}

/**
 * Unbiased estimates of the trace of each row's matrix, the means of vᵀ A v over random v (Hutchinson
 * 1990), differentiable in whatever `multiply` depends on. With Rademacher probes the variance is
 * 2 ‖offdiag(A)‖² / products for symmetric A; diagonal matrices come out exactly.
 *
 * @returns [n]
 * @throws PushforwardError `usage` for counts that are no positive whole numbers.
 */
export function hutchinson(multiply: Multiply, options: TraceOptions): Tensor1D {
  checkCounts(options, 'hutchinson');
  return tf.tidy(() => {
    const draw = probesOf(options, 'hutchinson');
    const estimates = Array.from({ length: options.products }, () => {
      const v = draw();
      return quadratic(v, multiply(v));
    });
    return tf.div(tf.addN(estimates), options.products);
  });
}

/**
 * Unbiased estimates of the same traces by Hutch++ (Meyer, Musco, Musco and Woodruff 2021, algorithm 1):
 * a third of the products finds an orthonormal basis Q of most of what A does, a third takes tr(Qᵀ A Q)
 * exactly, and a third estimates the rest. Its variance falls with 1 / products² where that of
 * `hutchinson` falls with 1 / products; matrices of a rank up to products / 3 come out to rounding.
 *
 * Q counts as a constant in gradients, which keeps them unbiased: whatever Q is, the estimate's mean is
 * the trace.
 *
 * @returns [n]
 * @throws PushforwardError `usage` for counts that are no positive whole numbers, and for products that
 * are no multiple of 3.
 */
export function hutchPlusPlus(multiply: Multiply, options: TraceOptions): Tensor1D {
  checkCounts(options, 'hutchPlusPlus');
  const { products, rows, dim } = options;
  if (products % 3 !== 0) {
    throw new PushforwardError('usage', `${products} products are no multiple of 3`, {
      where: 'hutchPlusPlus',
      mend: 'give a multiple of 3',
    });
  }
  return tf.tidy(() => {
    // Gaussian whatever the probes are: a few vectors of ±1 are dependent too often.
    const sketch = probesOf({ ...options, probes: 'gaussian' }, 'hutchPlusPlus sketch');
    const images = Array.from({ length: products / 3 }, () => multiply(sketch()).dataSync());
    const basis = orthonormalBases(images, rows, dim).map((q) => tf.tensor2d(q, [rows, dim]));
    const known = basis.map((q) => quadratic(q, multiply(q)));

    const draw = probesOf(options, 'hutchPlusPlus');
    const rest = Array.from({ length: products / 3 }, () => {
      const v = outside(draw(), basis);
      return quadratic(v, multiply(v));
    });
    return tf.add(tf.addN(known), tf.div(tf.addN(rest), products / 3)) as Tensor1D;
  });
}

/** Σ u_i w_i of each row. */
function quadratic(u: Tensor2D, w: Tensor2D): Tensor1D {
  return tf.sum(tf.mul(u, w), 1);
}

/** What is left of v without its parts along an orthonormal basis. */
function outside(v: Tensor2D, basis: readonly Tensor2D[]): Tensor2D {
  const parts = basis.map((q) => tf.mul(q, tf.expandDims(quadratic(q, v), 1)));
  return tf.sub(v, tf.addN(parts)) as Tensor2D;
}

/** Draws one probe [n, d] after the other from a stream of its own. */
function probesOf(
  { rows, dim, seed = 0, probes = 'rademacher' }: TraceOptions,
  purpose: string,
): () => Tensor2D {
  const random = new Random(seed, streamOf(purpose));
  return () => {
    const values = new Float32Array(rows * dim);
    if (probes === 'gaussian') random.normal(values);
    else
      random.uniform(values).forEach((u, i) => {
        values[i] = u < 0.5 ? -1 : 1;
      });
    return tf.tensor2d(values, [rows, dim]);
  };
}

function checkCounts({ rows, dim, products, seed = 0 }: TraceOptions, where: string): void {
  const wrong = (what: string, mend: string) => new PushforwardError('usage', what, { where, mend });
  for (const [name, count, least] of [
    ['rows', rows, 0],
    ['dim', dim, 1],
    ['products', products, 1],
  ] as const) {
    if (!Number.isSafeInteger(count) || count < least) {
      throw wrong(`${name} is ${count}`, `give a whole number from ${least}`);
    }
  }
  if (!Number.isSafeInteger(seed)) throw wrong(`the seed is ${seed}`, 'give a whole number');
}
