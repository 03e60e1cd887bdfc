import type { NativeBackend } from '../../src/backend/backend.js';
import { NATIVE_BACKEND, replacements } from '../../src/backend/registry.js';
import { LEAKY_RELU_GRAD } from '../../src/gradients/activations.js';
import { tf } from '../../src/tf.js';
import { nativeTest, onEveryLevel } from '../native/support.js';
import { allCases, families } from './cases/index.js';
import { type Input, type KernelCase, SPECIAL, specials } from './cases/inputs.js';
import { describe, difference, holdAgainstCpu, outputsOn, runCase } from './run.js';

for (const [family, cases] of Object.entries(families)) {
  nativeTest(`${family} are those of the CPU backend, on every path`, (t, addon) => {
    for (const given of cases) {
      const expected = runCase('cpu', given);
      onEveryLevel(addon, (level) => {
        const wrong = difference(runCase('native', given), expected, given.tolerance);
        if (wrong !== undefined) t.fail(`${level}: ${describe(given)}: ${wrong}`);
      });
    }
    t.pass();
  });
}

nativeTest('every replaced kernel is among the cases, and answers them itself', (t, addon) => {
  void tf.setBackend(NATIVE_BACKEND);
  const backend = tf.backend() as NativeBackend;
  for (const { kernelName, run } of replacements) {
    const answered = allCases
      .filter(({ kernel }) => kernel === kernelName)
      .filter((given) =>
        tf.tidy(() => {
          const { inputs, attrs } = given;
          const tensors = Object.entries(inputs).map(([name, input]) => {
            const { values, shape, dtype } = input as Input;
            return [name, tf.tensor(values, shape, dtype)];
          });
          const result = run({
            inputs: (Array.isArray(inputs)
              ? tensors.map(([, tensor]) => tensor)
              : Object.fromEntries(tensors)) as tf.NamedTensorInfoMap,
            attrs: attrs as tf.NamedAttrMap,
            backend,
            native: addon,
          });
          for (const made of result === null ? [] : [result].flat())
            backend.disposeIntermediateTensorInfo(made);
          return result !== null;
        }),
      );
    t.true(answered.length >= 3, `${kernelName} answered ${answered.length} cases`);
  }
});

/** Shapes without elements, and types that the replacements leave to the CPU kernels. */
const LEFT: readonly KernelCase[] = [
  ...[tf.Add, tf.Maximum, tf.Multiply, tf.RealDiv, tf.Sub].flatMap((kernel) => [
    { kernel, inputs: { a: empty([0, 3]), b: empty([3], [1, 2, 3]) }, attrs: {} },
    { kernel, inputs: { a: empty([2, 0]), b: empty([1], [1]) }, attrs: {} },
  ]),
  { kernel: tf.Pow, inputs: { a: whole([4]), b: whole([4]) }, attrs: {} },
  ...[tf.Relu, tf.Exp, tf.Neg, tf.Abs, tf.Square].map((kernel) => ({
    kernel,
    inputs: { x: empty([0]) },
    attrs: {},
  })),
  { kernel: tf.LeakyRelu, inputs: { x: whole([5]) }, attrs: { alpha: 0.5 } },
  ...[tf.Sum, tf.Mean].map((kernel) => ({
    kernel,
    inputs: { x: empty([0, 3]) },
    attrs: { axis: [0], keepDims: false },
  })),
  { kernel: tf.BatchMatMul, inputs: { a: empty([0, 3]), b: empty([3, 0]) }, attrs: {} },
  { kernel: tf.BatchMatMul, inputs: { a: empty([2, 0]), b: empty([0, 2]) }, attrs: {} },
  {
    kernel: tf.Conv2D,
    inputs: { x: empty([0, 2, 2, 1]), filter: empty([1, 1, 1, 2], [1, 2]) },
    attrs: { strides: 1, pad: 'same', dilations: 1, dataFormat: 'NHWC' },
  },
  { kernel: tf.Concat, inputs: [empty([0, 2]), empty([0, 2])], attrs: { axis: 0 } },
  { kernel: tf.Concat, inputs: [empty([0, 2]), empty([1, 2], [1, 2])], attrs: { axis: 0 } },
  { kernel: tf.Slice, inputs: { x: empty([2, 2], [1, 2, 3, 4]) }, attrs: { begin: [0, 1], size: [2, 0] } },
  { kernel: tf.Tile, inputs: { x: empty([2], [1, 2]) }, attrs: { reps: [0] } },
  { kernel: tf.Transpose, inputs: { x: empty([0, 2]) }, attrs: { perm: [1, 0] } },
  { kernel: tf.Transpose, inputs: { x: empty([2, 2], [1, 2, 3, 4]) }, attrs: { perm: [1, 1] } },
  { kernel: tf.PadV2, inputs: { x: empty([0]) }, attrs: { paddings: [[1, 2]], constantValue: 3 } },
  {
    kernel: tf.SplitV,
    inputs: { x: empty([2, 2], [1, 2, 3, 4]) },
    attrs: { numOrSizeSplits: [0, 2], axis: 1 },
  },
];

function empty(shape: number[], values: readonly number[] = []): Input {
  return { dtype: 'float32', shape, values: Float32Array.from(values) };
}

function whole(shape: number[]): Input {
  const values = Int32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i - 2);
  return { dtype: 'int32', shape, values };
}

nativeTest('empty tensors and other types get what the CPU backend gives', (t) => holdAgainstCpu(t, LEFT));

nativeTest('a tensor that shares the storage of a narrower type is read as what it is', (t) => {
  for (const backend of ['cpu', NATIVE_BACKEND]) {
    void tf.setBackend(backend);
    tf.tidy(() => {
      const counts = tf.cast(tf.tensor1d([true, false, true], 'bool'), 'int32');
      t.deepEqual([...tf.add(counts, counts).dataSync()], [2, 0, 2]);
      t.deepEqual([...tf.mul(tf.cast(counts, 'float32'), 1.5).dataSync()], [1.5, 0, 1.5]);
      t.deepEqual([...tf.cast(tf.square(tf.tensor1d([2, 3], 'int32')), 'float32').dataSync()], [4, 9]);
    });
  }
});

nativeTest('the gradient of a leaky relu is the product that it is elsewhere, on every path', (t, addon) => {
  const n = SPECIAL.length;
  const inputs = { dy: specials([n, n], 'fast'), x: specials([n, n], 'slow') };
  for (const alpha of [0, 0.2]) {
    const given = { kernel: LEAKY_RELU_GRAD, inputs, attrs: { alpha } };
    const expected = outputsOn('cpu', () => {
      const [dy, x] = [inputs.dy, inputs.x].map(({ values, shape }) => tf.tensor(values, shape));
      return tf.mul(dy as tf.Tensor, tf.step(x as tf.Tensor, alpha));
    });
    onEveryLevel(addon, (level) => t.is(difference(runCase('native', given), expected), undefined, level));
  }
});

nativeTest('shapes that do not fit are refused as the CPU backend refuses them', (t) => {
  void tf.setBackend(NATIVE_BACKEND);
  tf.tidy(() => {
    const [a, b] = [tf.ones([2, 3]), tf.ones([2, 4])];
    t.throws(() => tf.add(a, b), { message: /could not be broadcast/ });
    t.throws(() => tf.matMul(a, b), { message: /inner shapes/ });
    t.throws(() => tf.sum(a, 5), { message: /axis/ });
    t.throws(() => tf.softmax(a, 0), { message: /non-last dimension/ });
    t.throws(() => tf.slice(a, [0, 2], [2, 2]), { message: /slice/i });
  });
});
