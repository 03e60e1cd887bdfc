import test from 'ava';
import { maskedMlp } from '../../src/nn/maskedMlp.js';
import { FlatParameters } from '../../src/ops/flatParameters.js';
import { type Tensor2D, tf } from '../../src/tf.js';
import { normals } from '../flows/laws.js';

test('outputs of a variable depend on every variable before it and on no other', (t) => {
  const cardinalities = [2, 3, 1, 4];
  const variable = cardinalities.flatMap((m, k) => new Array<number>(m).fill(k));
  const network = maskedMlp(cardinalities, [24, 24]);
  const parameters = new FlatParameters(network.parameters, 0);
  parameters.assign(normals(parameters.count, 60));
  tf.tidy(() => {
    const weights = parameters
      .slices()
      .map((slice, i) => tf.mul(slice, tf.tensor(network.masks[i] as Float32Array, slice.shape)));
    const x = tf.tensor2d(normals(variable.length, 61), [1, variable.length]);
    variable.forEach((to, output) => {
      const cotangent = tf.oneHot(tf.tensor1d([output], 'int32'), variable.length) as Tensor2D;
      const slopes = tf
        .grad((input) => network.apply(input as Tensor2D, weights))(x, tf.cast(cotangent, 'float32'))
        .dataSync();
      variable.forEach((from, input) => {
        t.is(slopes[input] !== 0, from < to, `input ${input} to output ${output}`);
      });
    });
  });
  parameters.dispose();
});

test('outputs start as biases', (t) => {
  const network = maskedMlp([3, 2], [8, 8]);
  const parameters = new FlatParameters(network.parameters, 0);
  tf.tidy(() => {
    const x = tf.tensor2d(normals(10, 62), [2, 5]);
    t.true(
      network
        .apply(x, parameters.slices())
        .dataSync()
        .every((value) => value === 0),
    );
  });
  parameters.dispose();
});
