import type { ExecutionContext } from 'ava';
import '../../src/backend/index.js';
import { addonProblem } from '../../src/native/index.js';
import { Random } from '../../src/random.js';
import { type Tensor, tf } from '../../src/tf.js';
import type { Doubles, Reference } from './reference/arrays.js';

export interface GradientCase {
  readonly name: string;
  readonly op: (...inputs: Tensor[]) => Tensor;
  /** The same op in doubles. */
  readonly reference: Reference;
  readonly inputs: readonly Doubles[];
}

/** The backends that there are. */
export const backends: readonly string[] = addonProblem() === null ? ['cpu', 'native'] : ['cpu'];

let streams = 0;

/** N(0, scale²) numbers, other ones at each call, that float32 holds. */
export function normals(shape: readonly number[], scale = 1): Doubles {
  const values = new Random(41, streams++).normal(new Float32Array(tf.util.sizeFromShape([...shape])));
  return { shape, values: Float64Array.from(values, (value) => Math.fround(scale * value)) };
}

/** Numbers on (least, most) in disorder, at the same distance from each other, and none at the middle. */
export function spaced(shape: readonly number[], least = -1.5, most = 1.5): Doubles {
  const count = tf.util.sizeFromShape([...shape]);
  const order = new Random(42, streams++).permutation(count);
  const share = streams % 2 === 0 ? 0.23 : 0.31;
  const at = (i: number) => Math.fround(least + ((most - least) * (i + share)) / count);
  return { shape, values: Float64Array.from(order, at) };
}

/** Σ w·(y + y²/2): of every op its second derivative, and the product of its first ones, count. */
function lossOf({ values }: Doubles, weights: Float64Array): number {
  return values.reduce((sum, y, i) => sum + (weights[i] as number) * (y + (y * y) / 2), 0);
}

/** Far enough apart that doubles keep seven digits of a difference of differences. */
const STEP = 1e-3;

function shifted(inputs: readonly Doubles[], directions: readonly Doubles[], step: number): Doubles[] {
  return inputs.map(({ shape, values }, k) => ({
    shape,
    values: values.map((value, i) => value + step * ((directions[k] as Doubles).values[i] as number)),
  }));
}

/** The gradient of a function of arrays by central differences. */
export function centralDifferences(
  f: (inputs: readonly Doubles[]) => number,
  inputs: readonly Doubles[],
  step = STEP,
): Float64Array[] {
  return inputs.map(({ values }, k) =>
    values.map((_, i) => {
      const at = (by: number): number => {
        const copy = inputs.map(({ shape, values }) => ({ shape, values: values.slice() }));
        const moved = (copy[k] as Doubles).values;
        moved[i] = (moved[i] as number) + by;
        return f(copy);
      };
      return (at(step) - at(-step)) / (2 * step);
    }),
  );
}

export function tensorOf({ values, shape }: Doubles): Tensor {
  return tf.tensor(Float32Array.from(values), [...shape]);
}

/** Greatest difference, as a share of the greatest number that was expected. */
export function relativeError(found: Tensor, expected: Float64Array): number {
  const values = found.dataSync();
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
  return (
    expected.reduce((most, value, i) => Math.max(most, Math.abs((values[i] as number) - value)), 0) / scale
  );
}

/**
 * On every backend the op gives what the reference does, the first derivatives of a loss of it are those of
 * the reference, and so are the derivatives with respect to every input of its derivative along a direction
 * in all of them.
 */
export function holdGradients(t: ExecutionContext, { name, op, reference, inputs }: GradientCase): void {
  const value = reference(...inputs);
  const weights = normals(value.shape).values;
  const directions = inputs.map(({ shape }) => normals(shape));
  const loss = (at: readonly Doubles[]) => lossOf(reference(...at), weights);
  const along = (at: readonly Doubles[]) =>
    (loss(shifted(at, directions, STEP)) - loss(shifted(at, directions, -STEP))) / (2 * STEP);
  const [first, second] = [centralDifferences(loss, inputs), centralDifferences(along, inputs)];
  for (const backend of backends) {
    void tf.setBackend(backend);
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const tensors = inputs.map(tensorOf);
      const lossOfTensors = (...at: Tensor[]): tf.Scalar => {
        const y = op(...at);
        const w = tf.tensor(Float32Array.from(weights), y.shape);
        return tf.sum(tf.mul(w, tf.add(y, tf.mul(tf.square(y), 0.5))));
      };
      const slope = (...at: Tensor[]): tf.Scalar => {
        const terms = tf
          .grads(lossOfTensors)(at)
          .map((gradient, k) => tf.sum(tf.mul(gradient, tensorOf(directions[k] as Doubles))));
        return tf.addN(terms) as tf.Scalar;
      };
      const hold = (
        order: string,
        found: readonly Tensor[],
        expected: readonly Float64Array[],
        most: number,
      ) => {
        for (const [k, gradient] of found.entries()) {
          const error = relativeError(gradient, expected[k] as Float64Array);
          t.true(error < most, `${name}, ${order} order, input ${k}, ${backend}: ${error}`);
        }
      };
      const y = op(...tensors);
      t.deepEqual(y.shape, [...value.shape], `${name}, ${backend}`);
      hold('no', [y], [value.values], 1e-5);
      hold('first', tf.grads(lossOfTensors)(tensors), first, 5e-5);
      hold('second', tf.grads(slope)(tensors), second, 3e-4);
    });
    t.is(tf.memory().numTensors, before, `${name} leaves tensors behind on ${backend}`);
  }
}
