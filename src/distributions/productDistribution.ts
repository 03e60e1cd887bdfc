import { checkDraw } from '../draw.js';
import { PushforwardError } from '../errors.js';
import type { ParameterDefinition } from '../ops/flatParameters.js';
import { streamOf } from '../random.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import type { BaseDistribution, BaseDrawOptions } from './base.js';

/**
 * Independent laws on blocks of columns, side by side in the order given: angles by von Mises laws and
 * the rest by normal ones, say. Parameters are those of the parts, `0.kind.name`, …; a part that takes
 * context gets all of it. It is a map of normals when all its parts are, and takes the temperatures
 * that all of them take.
 */
export class ProductDistribution implements BaseDistribution {
  readonly kind = 'productDistribution';
  readonly dim: number;
  readonly contextDim: number;
  readonly noiseDim: number | null;
  readonly parameters: readonly ParameterDefinition[];
  readonly parts: readonly BaseDistribution[];

  /** @throws PushforwardError `usage` for no parts, or parts that take contexts of different widths. */
  constructor(parts: readonly BaseDistribution[]) {
    const contexts = new Set(parts.map(({ contextDim }) => contextDim).filter((width) => width > 0));
    if (parts.length === 0 || contexts.size > 1) {
      const what =
        parts.length === 0 ? 'a product of no laws' : `parts that take contexts of [${[...contexts]}]`;
      throw new PushforwardError('usage', what, { mend: 'give at least one law, all of one context' });
    }
    this.parts = parts;
    this.dim = total(parts.map(({ dim }) => dim));
    this.contextDim = [...contexts][0] ?? 0;
    const noiseDims = parts.map(({ noiseDim }) => noiseDim);
    this.noiseDim = noiseDims.every((width) => width !== null) ? total(noiseDims) : null;
    this.parameters = parts.flatMap(({ kind, parameters }, i) =>
      parameters.map((definition) => ({ ...definition, name: `${i}.${kind}.${definition.name}` })),
    );
  }

  logProb(z: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): Tensor1D {
    return tf.tidy(() => {
      const dims = this.parts.map(({ dim }) => dim);
      const columns = tf.split(z, dims, 1);
      return this.#each(parameters, (part, values, i) =>
        part.logProb(columns[i] as Tensor2D, values, contextOf(part, context)),
      ).reduce((sum, term) => tf.add(sum, term));
    });
  }

  /** Each part draws from a stream of its own. */
  sample(
    n: number,
    { parameters, context, stream = streamOf('sample'), ...options }: BaseDrawOptions,
  ): Tensor2D {
    const draw = checkDraw(n, options);
    return tf.tidy(() =>
      tf.concat(
        this.#each(parameters, (part, values, i) =>
          part.sample(n, {
            ...draw,
            parameters: values,
            context: contextOf(part, context),
            stream: streamOf('product', stream, i),
          }),
        ),
        1,
      ),
    );
  }

  fromNormal(noise: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D, temperature = 1): Tensor2D {
    return tf.tidy(() => {
      const widths = this.parts.map((part) => noiseDimOf(part));
      const noises = tf.split(noise, widths, 1);
      return tf.concat(
        this.#each(parameters, (part, values, i) =>
          part.fromNormal(noises[i] as Tensor2D, values, contextOf(part, context), temperature),
        ),
        1,
      );
    });
  }

  /** What `body` makes of each part with its own parameters. */
  #each<T>(
    parameters: readonly Tensor[],
    body: (part: BaseDistribution, parameters: readonly Tensor[], index: number) => T,
  ): T[] {
    let next = 0;
    return this.parts.map((part, i) => {
      const start = next;
      next += part.parameters.length;
      return body(part, parameters.slice(start, next), i);
    });
  }
}

function contextOf(part: BaseDistribution, context: Tensor2D | undefined): Tensor2D | undefined {
  return part.contextDim > 0 ? context : undefined;
}

function noiseDimOf({ kind, noiseDim }: BaseDistribution): number {
  if (noiseDim !== null) return noiseDim;
  throw new PushforwardError('unsupported', `the part ${kind} is no map of standard normals`, {
    mend: 'draw with `sample`',
  });
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0);
}
