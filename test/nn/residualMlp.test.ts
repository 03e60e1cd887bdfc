import test from 'ava';
import { residualMlp } from '../../src/nn/residualMlp.js';
import { FlatParameters } from '../../src/ops/flatParameters.js';
import { type Tensor2D, tf } from '../../src/tf.js';

test('a residual network is its layers, written out', (t) => {
  const network = residualMlp({ inputs: 2, width: 3, blocks: 2, outputs: 2, activation: 'tanh' });
  const parameters = new FlatParameters(network.parameters, 1);
  t.deepEqual(
    parameters.layout.map(({ name, shape }) => [name, ...shape]),
    [
      [2, 3],
      [3, 3],
      [3, 3],
      [3, 3],
      [3, 3],
      [3, 2],
    ].flatMap(([from, to], k) => [
      [`weight${k}`, from, to],
      [`bias${k}`, to],
    ]),
  );
  parameters.assign(parameters.values().map((_, i) => Math.sin(i + 1)));
  const values = parameters.slices();
  const layer = (input: number[], k: number): number[] => {
    const weight = (values[2 * k] as Tensor2D).arraySync();
    const bias = (values[2 * k + 1] as tf.Tensor1D).arraySync();
    return bias.map((b, j) => input.reduce((sum, x, i) => sum + x * (weight[i]?.[j] as number), b));
  };
  const input = [0.3, -1.2];
  let h = layer(input, 0);
  for (const block of [0, 1]) {
    const inner = layer(h.map(Math.tanh), 2 * block + 1);
    const added = layer(inner.map(Math.tanh), 2 * block + 2);
    h = h.map((value, i) => value + (added[i] as number));
  }
  const expected = layer(h, 5);
  const output = [...network.apply(tf.tensor2d([input]), values).dataSync()];
  for (const [i, value] of output.entries()) t.true(Math.abs(value - (expected[i] as number)) < 1e-6);
  parameters.dispose();
});

test('it starts at zero, each of its blocks nearly so, and the first layer does not', (t) => {
  const network = residualMlp({ inputs: 64, width: 256, blocks: 1, outputs: 5, activation: 'relu' });
  const parameters = new FlatParameters(network.parameters, 1);
  const values = parameters.slices();
  const x = tf.randomNormal<tf.Rank.R2>([128, 64], 0, 1, 'float32', 2);
  t.true(
    network
      .apply(x, values)
      .dataSync()
      .every((value) => value === 0),
  );
  // With the identity for its last layer the network shows what that layer reads.
  const shown = (blocks: number): Tensor2D => {
    const wide = residualMlp({ inputs: 64, width: 256, blocks, outputs: 256, activation: 'relu' });
    return wide.apply(x, [...values.slice(0, 4 * blocks + 2), tf.eye(256), tf.zeros([256])]);
  };
  const sizeOf = (y: Tensor2D) => Math.sqrt(tf.mean(tf.square(y)).dataSync()[0] as number);
  const first = shown(0);
  const size = sizeOf(first);
  t.true(size > 0.4 && size < 1.4, `${size}`);
  const added = sizeOf(tf.sub(shown(1), first));
  t.true(added > 1e-4 && added < 0.02, `${added}`);
  parameters.dispose();
});

test('without inputs it is one row of constants, with the same parameters', (t) => {
  const network = residualMlp({ inputs: 0, width: 4, blocks: 1, outputs: 3, activation: 'silu' });
  t.deepEqual(network.parameters[0]?.shape, [0, 4]);
  const parameters = new FlatParameters(network.parameters, 1);
  t.true(parameters.values().every(Number.isFinite));
  parameters.assign(parameters.values().map((_, i) => Math.cos(i)));
  t.deepEqual(network.apply(undefined, parameters.slices()).shape, [1, 3]);
  parameters.dispose();
});
