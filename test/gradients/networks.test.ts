import test, { type ExecutionContext } from 'ava';
import { layers, type Tensor, type Tensor2D, type Tensor4D, tf } from '../../src/tf.js';
import { backends, centralDifferences, holdGradients, normals, relativeError, tensorOf } from './law.js';
import { type Doubles, entry, filled, map, sumOver } from './reference/arrays.js';
import { convolution } from './reference/images.js';
import { gruReference, lstmReference } from './reference/recurrent.js';

/** x [n, k] · w [k, m]. */
function product(x: Doubles, w: Doubles): Doubles {
  const [n, k] = x.shape as [number, number];
  return filled([n, w.shape[1] as number], ([i, j]) =>
    sumOver([k], ([l]) => entry(x, [i, l] as number[]) * entry(w, [l, j] as number[])),
  );
}

interface Critic {
  readonly op: (x: Tensor, ...weights: Tensor[]) => Tensor;
  /** One value for each of the inputs. */
  readonly reference: (x: Doubles, ...weights: Doubles[]) => Doubles;
  readonly x: Doubles;
  readonly weights: readonly Doubles[];
}

/** Σ over inputs of (|∂D/∂x| − 1)², of Gulrajani et al. 2017, has the gradient of its finite differences. */
function holdPenalty(t: ExecutionContext, { op, reference, x, weights }: Critic): void {
  const count = x.shape[0] as number;
  const total = ([at, ...rest]: readonly Doubles[]) =>
    reference(at as Doubles, ...rest).values.reduce((sum, value) => sum + value, 0);
  const penalty = (at: readonly Doubles[]): number => {
    const [slopes] = centralDifferences((moved) => total([...moved, ...at]), [x], 1e-5) as [Float64Array];
    const width = slopes.length / count;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const norm = Math.hypot(...slopes.subarray(i * width, (i + 1) * width));
      sum += (norm - 1) ** 2;
    }
    return sum;
  };
  const expected = centralDifferences(penalty, weights);
  for (const backend of backends) {
    void tf.setBackend(backend);
    tf.tidy(() => {
      const inputs = tensorOf(x);
      const lossOfWeights = (...all: Tensor[]): tf.Scalar => {
        const slopes = tf.grad((at) => tf.sum(op(at, ...all)))(inputs);
        const norms = tf.norm(tf.reshape(slopes, [count, -1]), 2, 1);
        return tf.sum(tf.square(tf.sub(norms, 1)));
      };
      for (const [k, found] of tf.grads(lossOfWeights)(weights.map(tensorOf)).entries()) {
        const error = relativeError(found, expected[k] as Float64Array);
        t.true(error < 3e-4, `weights ${k}, ${backend}: ${error}`);
      }
    });
  }
}

test('the gradient penalty of a perceptron with tanh', (t) => {
  holdPenalty(t, {
    op: (x, w, b, v) =>
      tf.matMul(tf.tanh(tf.add(tf.matMul(x as Tensor2D, w as Tensor2D), b as Tensor)), v as Tensor2D),
    reference: (x, w, b, v) => {
      const z = product(x, w as Doubles);
      return product(
        map(Math.tanh)(filled(z.shape, (at) => entry(z, at) + entry(b as Doubles, at))),
        v as Doubles,
      );
    },
    x: normals([3, 2]),
    weights: [normals([2, 4]), normals([4]), normals([4, 1])],
  });
});

test('the gradient penalty of a convolutional critic with leakyRelu', (t) => {
  const windows = { strides: [2, 2] as [number, number], pad: 'same' as const };
  const leaky = map((x) => (x < 0 ? 0.2 * x : x));
  const sum = (filter: Doubles, bias: Doubles) =>
    filled(filter.shape, (at) => entry(filter, at) + entry(bias, at));
  holdPenalty(t, {
    op: (x, f, b, g, v) => {
      const first = tf.leakyRelu(
        tf.add(tf.conv2d(x as Tensor4D, f as Tensor4D, 2, 'same'), b as Tensor),
        0.2,
      );
      const second = tf.leakyRelu(tf.conv2d(first as Tensor4D, g as Tensor4D, 2, 'same'), 0.2);
      return tf.matMul(tf.reshape(second, [2, -1]) as Tensor2D, v as Tensor2D);
    },
    // None of the numbers drawn here comes near to the kink of leakyRelu.
    reference: (x, f, b, g, v) => {
      const first = leaky(sum(convolution(windows)(x, f as Doubles), b as Doubles));
      const second = leaky(convolution(windows)(first, g as Doubles));
      return product({ shape: [2, second.values.length / 2], values: second.values }, v as Doubles);
    },
    x: normals([2, 4, 4, 1]),
    weights: [normals([3, 3, 1, 2]), normals([2]), normals([3, 3, 2, 2]), normals([2, 1])],
  });
});

const STEPS = 3;
const UNITS = 2;

/** The orthogonal matrices that tfjs begins with need its chained methods. */
const OPTIONS = {
  units: UNITS,
  recurrentActivation: 'sigmoid',
  recurrentInitializer: 'glorotNormal',
} as const;

const zeros = filled([1, UNITS], () => 0);

/** Second derivatives of a layer of tfjs with respect to its input and its weights. */
function holdRecurrent(
  t: ExecutionContext,
  name: string,
  layer: ReturnType<typeof layers.layers.lstm | typeof layers.layers.gru>,
  reference: (...inputs: Doubles[]) => Doubles,
): void {
  tf.tidy(() => {
    // Makes its weights.
    layer.apply(tf.zeros([1, STEPS, 2]));
  });
  const shapes = layer.getWeights().map(({ shape }) => shape);
  holdGradients(t, {
    name,
    op: (x, ...weights) => {
      // The layer reads its variables; the tensors take their place while it runs.
      const variables = layer.weights.map((weight) => weight as unknown as { val: Tensor });
      const own = variables.map(({ val }) => val);
      for (const [k, variable] of variables.entries()) variable.val = weights[k] as Tensor;
      try {
        return layer.apply(x as Tensor) as Tensor;
      } finally {
        for (const [k, variable] of variables.entries()) variable.val = own[k] as Tensor;
      }
    },
    reference,
    inputs: [normals([1, STEPS, 2]), ...shapes.map((shape) => normals(shape, 0.7))],
  });
  layer.dispose();
}

test.serial('long short-term memory', (t) => {
  void tf.setBackend(backends.at(-1) as string);
  holdRecurrent(t, 'lstm', layers.layers.lstm(OPTIONS), (x, ...weights) => {
    const { state } = lstmReference(x as Doubles, weights as [Doubles, Doubles, Doubles], [zeros, zeros]);
    return state[0] as Doubles;
  });
});

test.serial('gated recurrent units', (t) => {
  void tf.setBackend(backends.at(-1) as string);
  holdRecurrent(t, 'gru', layers.layers.gru(OPTIONS), (x, ...weights) => {
    const { state } = gruReference(x as Doubles, weights as [Doubles, Doubles, Doubles], [zeros]);
    return state[0] as Doubles;
  });
});
