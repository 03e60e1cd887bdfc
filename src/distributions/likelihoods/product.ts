import { PushforwardError } from '../../errors.js';
import type { ParameterDefinition } from '../../ops/flatParameters.js';
import type { Random } from '../../random.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../../tf.js';
import type { Likelihood, LikelihoodConfig } from './likelihood.js';

/** A likelihood of some columns of a table. */
export interface ColumnsLikelihood {
  readonly likelihood: Likelihood;
  /** How many columns, side by side; at least 1. */
  readonly columns: number;
}

/**
 * Likelihoods of blocks of columns side by side, in the order given: of a table's numbers, categories and
 * flags, say. Data are rows [n, columns] and outputs those of the parts side by side. Parameters are those of
 * the parts, `0.kind.name`, …
 */
export class ProductLikelihood implements Likelihood {
  readonly kind = 'product';
  /** What the parts have, each on its own columns. */
  readonly support = null;
  readonly parameters: readonly ParameterDefinition[];
  readonly parts: readonly ColumnsLikelihood[];

  /** @throws PushforwardError `usage` for no parts, or one without columns. */
  constructor(parts: readonly ColumnsLikelihood[]) {
    if (parts.length === 0 || parts.some(({ columns }) => !Number.isSafeInteger(columns) || columns < 1)) {
      throw new PushforwardError('usage', `likelihoods of [${parts.map(({ columns }) => columns)}] columns`, {
        mend: 'give at least one, each of at least one column',
      });
    }
    this.parts = parts;
    this.parameters = parts.flatMap(({ likelihood: { kind, parameters } }, i) =>
      parameters.map((definition) => ({ ...definition, name: `${i}.${kind}.${definition.name}` })),
    );
  }

  outputShape(shape: readonly number[]): number[] {
    const columns = this.#columns().reduce((sum, count) => sum + count, 0);
    if (shape.length !== 1 || shape[0] !== columns) {
      throw new PushforwardError('shape', `data of shape [${shape}] for likelihoods of ${columns} columns`);
    }
    return [this.#widths().reduce((sum, width) => sum + width, 0)];
  }

  firstOutputs(): number[] {
    const widths = this.#widths();
    return this.parts.flatMap(
      ({ likelihood, columns }, i) =>
        likelihood.firstOutputs?.(columns) ?? new Array<number>(widths[i] as number).fill(0),
    );
  }

  logProb(x: Tensor, outputs: Tensor, parameters: readonly Tensor[]): Tensor1D {
    return tf.tidy(() => {
      const columns = tf.split(x, this.#columns(), 1);
      return this.#each(outputs, parameters, ({ likelihood }, own, values, i) =>
        likelihood.logProb(columns[i] as Tensor2D, own, values),
      ).reduce((sum, term) => tf.add(sum, term));
    });
  }

  mean(outputs: Tensor, parameters: readonly Tensor[]): Tensor {
    return tf.tidy(() =>
      tf.concat(
        this.#each(outputs, parameters, ({ likelihood }, own, values) => likelihood.mean(own, values)),
        1,
      ),
    );
  }

  sample(outputs: Tensor, parameters: readonly Tensor[], random: Random): Tensor {
    return tf.tidy(() =>
      tf.concat(
        this.#each(outputs, parameters, ({ likelihood }, own, values) =>
          likelihood.sample(own, values, random),
        ),
        1,
      ),
    );
  }

  toJSON(): LikelihoodConfig {
    const parts = this.parts.map(({ likelihood, columns }) => ({ columns, likelihood: likelihood.toJSON() }));
    return { kind: this.kind, parts };
  }

  #columns(): number[] {
    return this.parts.map(({ columns }) => columns);
  }

  #widths(): number[] {
    return this.parts.map(({ likelihood, columns }) => likelihood.outputShape([columns])[0] as number);
  }

  /** What `body` makes of each part with its own outputs and parameters. */
  #each<T>(
    outputs: Tensor,
    parameters: readonly Tensor[],
    body: (part: ColumnsLikelihood, outputs: Tensor, parameters: readonly Tensor[], index: number) => T,
  ): T[] {
    const own = tf.split(outputs, this.#widths(), 1);
    let next = 0;
    return this.parts.map((part, i) => {
      const start = next;
      next += part.likelihood.parameters.length;
      return body(part, own[i] as Tensor, parameters.slice(start, next), i);
    });
  }
}
