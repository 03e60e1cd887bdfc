import { checkDraw, type DrawOptions } from '../draw.js';
import type { ParameterDefinition } from '../ops/flatParameters.js';
import { Random, streamOf } from '../random.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import { checkContext } from './context.js';

/** How rows are drawn from a base law. */
export interface BaseDrawOptions extends DrawOptions {
  /** Values of the law's parameters, in the order of their definitions. */
  readonly parameters: readonly Tensor[];
  /** Context [n, contextDim], for a law that takes one. */
  readonly context?: Tensor2D | undefined;
  /** Of the generator; what is drawn side by side takes streams of its own. Default that of `sample`. */
  readonly stream?: number;
}

/**
 * A law of the latent z [n, dim] that a flow can rest on, written in tfjs ops. Like a bijection it
 * holds no values of its own: they come with every call, in the order of `parameters`.
 */
export interface BaseDistribution {
  readonly kind: string;
  readonly dim: number;
  /** Width of the context it takes; 0 for a law that takes none. */
  readonly contextDim: number;
  readonly parameters: readonly ParameterDefinition[];
  /** How many standard normals `fromNormal` makes one row of; null for a law without such a map. */
  readonly noiseDim: number | null;
  /** Log-density of each row of z [n, dim], [n], in nats. */
  logProb(z: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): Tensor1D;
  /**
   * n draws [n, dim], a function of the arguments alone, whose first rows are those of a shorter draw.
   * `temperature` (default 1) multiplies the deviation from the law's centre; each law says what that is.
   * @throws PushforwardError `usage` for a count, seed or temperature that makes no sense to the law.
   */
  sample(n: number, options: BaseDrawOptions): Tensor2D;
  /**
   * The law as a map of noise [n, noiseDim] ~ N(0, I), in tfjs ops: differentiable and traceable.
   * @throws PushforwardError `unsupported` when `noiseDim` is null.
   */
  fromNormal(
    noise: Tensor2D,
    parameters: readonly Tensor[],
    context?: Tensor2D,
    temperature?: number,
  ): Tensor2D;
}

/** Draws by the law's map of standard normals. */
export function sampleFromNormal(
  law: BaseDistribution & { readonly noiseDim: number },
  n: number,
  { parameters, context, stream = streamOf('sample'), ...options }: BaseDrawOptions,
): Tensor2D {
  const { seed, temperature } = checkDraw(n, options);
  if (law.contextDim > 0) checkContext(context, n, law.contextDim);
  const noise = new Float32Array(n * law.noiseDim);
  new Random(seed, stream).normal(noise);
  return tf.tidy(() =>
    law.fromNormal(tf.tensor2d(noise, [n, law.noiseDim]), parameters, context, temperature),
  );
}
