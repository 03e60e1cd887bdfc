import { PushforwardError } from '../../errors.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../../tf.js';
import type { Bijection, ParameterDefinition } from '../bijection.js';

/**
 * A map of the first columns of rows [n, dim]; the other columns pass unchanged. A multiscale flow
 * (Dinh, Sohl-Dickstein and Bengio 2017, section 3.6) sends columns to the base law early by letting
 * its later maps act on the columns before them alone.
 */
export class LeadingColumns implements Bijection {
  readonly kind: string;
  readonly dim: number;
  readonly contextDim: number;
  readonly parameters: readonly ParameterDefinition[];
  readonly #bijection: Bijection;

  /** @throws PushforwardError `usage` when the map leaves no column of `dim` alone. */
  constructor(bijection: Bijection, dim: number) {
    if (bijection.dim >= dim) {
      throw new PushforwardError('usage', `it maps ${bijection.dim} columns of ${dim}, which leaves none`, {
        where: `leadingColumns(${bijection.kind})`,
        mend: 'use the map itself',
      });
    }
    this.kind = `leadingColumns(${bijection.kind})`;
    this.dim = dim;
    this.contextDim = bijection.contextDim;
    this.parameters = bijection.parameters;
    this.#bijection = bijection;
  }

  forward(x: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { y: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const [leading, others] = this.#split(x);
      const { y, logDet } = this.#bijection.forward(leading, parameters, context);
      return { y: tf.concat([y, others], 1), logDet };
    });
  }

  inverse(y: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { x: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const [leading, others] = this.#split(y);
      const { x, logDet } = this.#bijection.inverse(leading, parameters, context);
      return { x: tf.concat([x, others], 1), logDet };
    });
  }

  /** None: the plan's stages map all columns. */
  spec(): null {
    return null;
  }

  initialiseFrom(x: Tensor2D): readonly Float32Array[] {
    return this.#bijection.initialiseFrom?.(this.#split(x)[0]) ?? [];
  }

  #split(x: Tensor2D): [Tensor2D, Tensor2D] {
    const { dim } = this.#bijection;
    const n = x.shape[0];
    // The CPU backend gives the concatenation of no rows a storage that its split cannot read.
    if (n === 0) return [tf.zeros([n, dim]), tf.zeros([n, this.dim - dim])];
    return tf.split(x, [dim, this.dim - dim], 1) as [Tensor2D, Tensor2D];
  }
}
