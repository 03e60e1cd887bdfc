import test from 'ava';
import type { Activation } from '../../src/native/spec.js';
import { activate } from '../../src/nn/activations.js';
import { mlp } from '../../src/nn/mlp.js';
import { FlatParameters } from '../../src/ops/flatParameters.js';
import { type Tensor, tf } from '../../src/tf.js';

/** Φ(x) by the midpoint rule on the normal density, in double. */
function normalCdf(x: number): number {
  const steps = 4000;
  const start = -12;
  const width = (x - start) / steps;
  let sum = 0;
  for (let i = 0; i < steps; i++) sum += Math.exp(-((start + (i + 0.5) * width) ** 2) / 2);
  return (sum * width) / Math.sqrt(2 * Math.PI);
}

const formulas: Record<Activation, (x: number) => number> = {
  relu: (x) => Math.max(x, 0),
  leakyRelu: (x) => (x > 0 ? x : 0.01 * x),
  tanh: Math.tanh,
  silu: (x) => x / (1 + Math.exp(-x)),
  gelu: (x) => x * normalCdf(x),
};

const points = [-30, -3.1, -0.7, -1e-3, 0, 0.2, 1.9, 5, 30];

for (const [name, formula] of Object.entries(formulas) as [Activation, (x: number) => number][]) {
  test(`${name} is its formula, and its gradient the formula's slope`, (t) => {
    const x = tf.tensor1d(points);
    const values = activate(x, name).dataSync();
    const slopes = tf
      .grad((input) => tf.sum(activate(input, name)))(x)
      .dataSync();
    points.forEach((point, i) => {
      t.true(Math.abs((values[i] as number) - formula(point)) < 1e-6 * (1 + Math.abs(point)), `${point}`);
      if (point === 0 && name !== 'tanh' && name !== 'silu' && name !== 'gelu') return;
      const slope = (formula(point + 1e-5) - formula(point - 1e-5)) / 2e-5;
      t.true(Math.abs((slopes[i] as number) - slope) < 1e-5, `slope at ${point}`);
    });
  });
}

test('a network is its layers, written out', (t) => {
  const network = mlp({ inputs: 2, hidden: [3, 2], outputs: 2, activation: 'tanh' });
  const parameters = new FlatParameters(network.parameters, 1);
  parameters.assign(parameters.values().map((_, i) => Math.sin(i + 1)));
  const values = parameters.slices();
  const layer = (input: number[], k: number): number[] => {
    const weight = (values[2 * k] as tf.Tensor2D).arraySync();
    const bias = (values[2 * k + 1] as tf.Tensor1D).arraySync();
    return bias.map((b, j) => input.reduce((sum, x, i) => sum + x * (weight[i]?.[j] as number), b));
  };
  const input = [0.3, -1.2];
  const expected = layer(layer(layer(input, 0).map(Math.tanh), 1).map(Math.tanh), 2);
  const output = [...network.apply(tf.tensor2d([input]), values).dataSync()];
  for (const [i, value] of output.entries()) t.true(Math.abs(value - (expected[i] as number)) < 1e-6);
});

const deviation = (values: tf.Tensor) => Math.sqrt(tf.mean(tf.square(values)).dataSync()[0] as number);

test('the last layer starts at zero, and smooth hidden layers keep the size of their input', (t) => {
  for (const activation of ['silu', 'gelu'] as const) {
    const network = mlp({ inputs: 64, hidden: [256, 256], outputs: 5, activation });
    const parameters = new FlatParameters(network.parameters, 1);
    const values = parameters.slices();
    const x = tf.randomNormal<tf.Rank.R2>([128, 64], 0, 1, 'float32', 2);
    t.true(
      network
        .apply(x, values)
        .dataSync()
        .every((value) => value === 0),
    );
    const hidden = mlp({ inputs: 64, hidden: [256], outputs: 256, activation });
    const activations = activate(hidden.apply(x, values.slice(0, 4) as Tensor[]), activation);
    const size = deviation(activations);
    t.true(size > 0.3 && size < 1.5, `${activation}: ${size}`);
    parameters.dispose();
  }
});

test('hidden layers that bend or saturate start with the deviations of a uniform law on ±1/√inputs', (t) => {
  for (const activation of ['relu', 'leakyRelu', 'tanh'] as const) {
    const { parameters } = mlp({ inputs: 64, hidden: [400, 400], outputs: 5, activation });
    const flat = new FlatParameters(parameters, 1);
    const uniform = (inputs: number) => Math.sqrt(1 / (3 * inputs));
    const expected = [64, 64, 400, 400].map(uniform);
    const values = flat.slices();
    expected.forEach((due, i) => {
      const ratio = deviation(values[i] as Tensor) / due;
      t.true(ratio > 0.85 && ratio < 1.15, `${activation}, ${parameters[i]?.name}: ${ratio}`);
    });
    t.deepEqual(values.slice(4).map(deviation), [0, 0]);
    flat.dispose();
  }
});

test('without inputs a network is one row of constants, with the same parameters', (t) => {
  const network = mlp({ inputs: 0, hidden: [4], outputs: 3, activation: 'silu' });
  t.deepEqual(
    network.parameters.map(({ shape }) => shape),
    [[0, 4], [4], [4, 3], [3]],
  );
  const parameters = new FlatParameters(network.parameters, 1);
  parameters.assign(parameters.values().map((_, i) => Math.cos(i)));
  t.deepEqual(network.apply(undefined, parameters.slices()).shape, [1, 3]);
});
