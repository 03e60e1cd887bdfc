import test from 'ava';
import { PushforwardError } from '../../src/errors.js';
import { FlatParameters, type ParameterDefinition } from '../../src/ops/flatParameters.js';
import { type Tensor, tf } from '../../src/tf.js';

const shapes = [[2, 3], [4], [0, 5], [1, 1], [3, 2]] as const;

const definitions: ParameterDefinition[] = shapes.map((shape, i) => ({
  name: `p${i}`,
  shape,
  initialise: (values, normal) => normal(values),
}));

/** A loss that is cubic, so that its second derivatives vary, mixes slices and leaves one unused. */
function loss(slices: readonly Tensor[]): tf.Scalar {
  const [a, b, , d, e] = slices as [tf.Tensor2D, tf.Tensor1D, Tensor, tf.Tensor2D, tf.Tensor2D];
  const product = tf.matMul(a, e);
  const cubes = tf.mul(product, tf.square(product));
  return tf.add(tf.sum<tf.Scalar>(cubes), tf.mul(tf.sum<tf.Scalar>(tf.square(b)), tf.sum<tf.Scalar>(d)));
}

test('the slices tile the array in order and carry its values', (t) => {
  const parameters = new FlatParameters(definitions, 3);
  t.is(parameters.count, 6 + 4 + 0 + 1 + 6);
  t.deepEqual(
    parameters.layout.map(({ offset }) => offset),
    [0, 6, 10, 10, 11],
  );
  const slices = parameters.slices();
  t.deepEqual(
    slices.map(({ shape }) => shape),
    shapes.map((shape) => [...shape]),
  );
  t.deepEqual(
    slices.flatMap((slice) => [...slice.dataSync()]),
    [...parameters.values()],
  );
  tf.dispose(slices);
  parameters.dispose();
});

test('slices from a number on are the last of all, with their gradient in its place', (t) => {
  const parameters = new FlatParameters(definitions, 3);
  tf.tidy(() => {
    for (let first = 0; first <= shapes.length; first++) {
      const expected = parameters.slices().slice(first);
      const found = parameters.slices(undefined, first);
      t.deepEqual(
        found.map((slice) => slice.arraySync()),
        expected.map((slice) => slice.arraySync()),
      );
    }
    const squares = (flat: Tensor) =>
      tf.addN(parameters.slices(flat, 3).map((slice) => tf.sum<tf.Scalar>(tf.square(slice))));
    const gradient = tf.grad(squares)(parameters.variable).dataSync();
    const doubled = parameters.values().map((value, i) => (i < 10 ? 0 : 2 * value));
    t.deepEqual([...gradient], [...doubled]);
  });
  parameters.dispose();
});

test('first values depend on the seed alone', (t) => {
  const [a, b, c] = [3, 3, 4].map((seed) => new FlatParameters(definitions, seed));
  t.deepEqual(a?.values(), b?.values() as Float32Array);
  t.notDeepEqual(a?.values(), c?.values() as Float32Array);
  for (const parameters of [a, b, c]) parameters?.dispose();
});

test('the flat gradient is the slices’ gradients side by side', (t) => {
  const parameters = new FlatParameters(definitions, 3);
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const flat = tf
      .grad((values) => loss(parameters.slices(values)))(parameters.variable)
      .dataSync();
    const slices = parameters.slices();
    const used = slices.filter((_, i) => i !== 2);
    const apart = tf.grads((...values) =>
      loss([...values.slice(0, 2), slices[2] as Tensor, ...values.slice(2)]),
    )(used);
    t.deepEqual(
      [...flat],
      apart.flatMap((gradient) => [...gradient.dataSync()]),
    );
    const gradient = new Float32Array(parameters.count);
    const value = parameters.valueAndGradient(() => loss(parameters.slices()), gradient);
    t.deepEqual([...gradient], [...flat]);
    t.is(value, loss(slices).dataSync()[0] as number);
  });
  t.is(tf.memory().numTensors, before);
  parameters.dispose();
});

test('the second derivative is that of finite differences of the gradient', (t) => {
  const parameters = new FlatParameters(definitions, 3);
  tf.tidy(() => {
    const gradient = tf.grad((values) => loss(parameters.slices(values)));
    const direction = tf.randomNormal([parameters.count], 0, 1, 'float32', 5);
    const values = tf.clone(parameters.variable);
    const product = tf.grad((at) => tf.sum(tf.mul(gradient(at), direction)))(values);
    const step = 1e-2;
    const ahead = gradient(tf.add(values, tf.mul(direction, step)));
    const behind = gradient(tf.sub(values, tf.mul(direction, step)));
    const numeric = tf.div(tf.sub(ahead, behind), 2 * step);
    const error = tf.norm(tf.sub(product, numeric)).dataSync()[0] as number;
    const size = tf.norm(numeric).dataSync()[0] as number;
    t.true(size > 1 && error / size < 1e-3, `${error} of ${size}`);
  });
  parameters.dispose();
});

test('assigned values are copied, and have to be as many', (t) => {
  const parameters = new FlatParameters(definitions, 3);
  const values = new Float32Array(parameters.count).fill(2);
  parameters.assign(values);
  values.fill(7);
  const copy = parameters.values();
  t.true(copy.every((value) => value === 2));
  copy.fill(9);
  t.true(parameters.values().every((value) => value === 2));
  const error = t.throws(() => parameters.assign(new Float32Array(3)), { instanceOf: PushforwardError });
  t.is(error.code, 'shape');
  t.throws(() => parameters.valueAndGradient(() => tf.scalar(0), new Float32Array(1)), {
    instanceOf: PushforwardError,
  });
  parameters.dispose();
});

test('an assignment goes into the array there is, unless another tensor has it', (t) => {
  const parameters = new FlatParameters(definitions, 3);
  const array = parameters.read();
  const before = parameters.values();
  const ones = new Float32Array(parameters.count).fill(1);
  parameters.assign(ones);
  t.is(parameters.read(), array);

  parameters.assign(before);
  const clone = tf.clone(parameters.variable);
  parameters.assign(ones);
  t.deepEqual(clone.dataSync(), before);
  t.deepEqual(parameters.values(), ones);
});

test('names the first slice that is not finite', (t) => {
  const parameters = new FlatParameters(definitions, 3);
  t.is(parameters.nonFiniteSlice(), null);
  const values = parameters.values();
  values[10] = Number.POSITIVE_INFINITY;
  parameters.assign(values);
  t.is(parameters.nonFiniteSlice(), 'p3');
  parameters.dispose();
});

test('no parameters at all are a model like any other', (t) => {
  const parameters = new FlatParameters([], 0);
  t.deepEqual(parameters.slices(), []);
  t.is(
    parameters.valueAndGradient(() => tf.scalar(3), new Float32Array(0)),
    3,
  );
  parameters.dispose();
});
