import { Random, streamOf } from '../../src/random.js';
import { layers, type Tensor, tf } from '../../src/tf.js';

const LEARNING_RATE = 1e-5;

export function adam(): tf.AdamOptimizer {
  return tf.train.adam(LEARNING_RATE);
}

export function stack(...given: readonly layers.layers.Layer[]): layers.Sequential {
  return layers.sequential({ layers: [...given] });
}

/** The variables that a model trains. */
export function variablesOf(model: layers.LayersModel): tf.Variable[] {
  return model.trainableWeights.map((weight) => weight.read() as tf.Variable);
}

export function countOf(variables: readonly tf.Variable[]): number {
  return variables.reduce((sum, { size }) => sum + size, 0);
}

/** One step of an optimizer. @returns the loss before it. */
export function update(optimizer: tf.Optimizer, variables: tf.Variable[], loss: () => Tensor): Tensor {
  return optimizer.minimize(loss as () => tf.Scalar, true, variables) as Tensor;
}

/** The output of a model in training. */
export function apply(model: layers.LayersModel, x: Tensor): Tensor {
  return model.apply(x, { training: true }) as Tensor;
}

/** Draws for data and for noise, the same for each contender in TypeScript. */
export class Draws {
  readonly #random = new Random(1, streamOf('bench'));

  normal(shape: number[]): Tensor {
    return tf.tensor(this.#random.normal(new Float32Array(tf.util.sizeFromShape(shape))), shape);
  }

  uniform(shape: number[]): Tensor {
    return tf.tensor(this.#random.uniform(new Float32Array(tf.util.sizeFromShape(shape))), shape);
  }
}
