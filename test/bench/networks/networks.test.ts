import test from 'ava';
import '../../../src/backend/index.js';
import type { NetworkConfiguration } from '../../../bench/networks/configurations.js';
import { readNetworks } from '../../../bench/networks/configurations.js';
import { networkOf } from '../../../bench/networks/prepare.js';
import { tf } from '../../../src/tf.js';

/** The networks of the benchmark, small enough for the stock backend. */
const small: readonly NetworkConfiguration[] = [
  { name: 'perceptron', network: 'perceptron', widths: [6, 5, 4, 3], batch: 7 },
  { name: 'gan', network: 'gan', side: 8, channels: [3, 5], latents: 4, batch: 6 },
  { name: 'autoencoder', network: 'autoencoder', side: 8, channels: [3, 5], latents: 2, batch: 6 },
  { name: 'lstm', network: 'lstm', inputs: 3, units: 4, steps: 5, batch: 6 },
  { name: 'product', network: 'matrixProduct', inner: 4, columns: 5, batch: 3 },
];

test('every kind of network of the file is among those tested here', (t) => {
  const kinds = new Set(small.map(({ network }) => network));
  for (const { network } of readNetworks()) t.true(kinds.has(network), network);
});

test('a wrong field is named with its network', (t) => {
  const wrong = [{ batch: 0 }, { network: 'transformer' }, { widths: [] }];
  for (const change of wrong) {
    const text = JSON.stringify([{ ...small[0], ...change }]);
    t.throws(() => readNetworks(text), { message: new RegExp(`perceptron: ${Object.keys(change)[0]} is `) });
  }
  for (const change of [{ side: 6 }, { channels: [3] }, { latents: 0.5 }]) {
    const text = JSON.stringify([{ ...small[1], ...change }]);
    t.throws(() => readNetworks(text), { message: new RegExp(`gan: ${Object.keys(change)[0]} is `) });
  }
});

/** Multiply-adds of the products and convolutions that TensorFlow.js runs. */
type Kernels = Awaited<ReturnType<typeof tf.profile>>['kernels'];

function multiplyAdds(kernels: Kernels): number {
  let total = 0;
  for (const { name, inputShapes, outputShapes } of kernels) {
    const shapes = inputShapes.flatMap((shape) => (shape == null ? [] : [shape]));
    const [first, second] = shapes.map((shape) => tf.util.sizeFromShape(shape)) as [number, number];
    const out = outputShapes[0] as number[];
    if (name === tf.BatchMatMul || name === tf._FusedMatMul) {
      // [m, k], [k, n] and [m, n].
      total += Math.sqrt(first * second * tf.util.sizeFromShape(out));
    } else if (name === tf.Conv2D || name === tf.FusedConv2D) {
      total += (tf.util.sizeFromShape(out) * second) / (out[3] as number);
    } else if (name === tf.Conv2DBackpropInput) {
      total += (first * second) / (shapes[0]?.[3] as number);
    } else if (name === tf.Conv2DBackpropFilter) {
      total += (second * tf.util.sizeFromShape(out)) / (out[3] as number);
    }
  }
  return total;
}

for (const configuration of small) {
  const { name } = configuration;
  test.serial(`${name}: TensorFlow.js runs the multiply-adds that are said to be needed`, async (t) => {
    await tf.setBackend('cpu');
    const network = networkOf(configuration);
    const profile = await tf.profile(() => {
      tf.tidy(() => {
        network.step();
      });
    });
    // What LSTM layers run besides is the product of the first state, which is zero.
    const { network: kind } = configuration;
    const zeros = kind === 'lstm' ? 2 * configuration.batch * 4 * configuration.units ** 2 : 0;
    t.is(Math.round(multiplyAdds(profile.kernels)), network.multiplyAdds + zeros);
    for (const each of network.held) each.dispose();
    await tf.setBackend('native');
  });

  test.serial(`${name}: a step leaves nothing behind`, (t) => {
    const before = tf.memory().numTensors;
    const network = networkOf(configuration);
    const step = () =>
      tf.tidy(() => {
        for (const result of network.step()) t.true(result.dataSync().every(Number.isFinite));
      });
    step();
    const { numTensors } = tf.memory();
    for (let i = 0; i < 3; i++) step();
    t.is(tf.memory().numTensors, numTensors);
    for (const each of network.held) each.dispose();
    t.is(tf.memory().numTensors, before);
  });
}
