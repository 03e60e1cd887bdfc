import test from 'ava';
import { recomputed } from '../../src/ops/recomputed.js';
import { type Tensor, tf } from '../../src/tf.js';
import { backends, holdGradients, spaced } from './law.js';
import { map } from './reference/arrays.js';

const tanhCubed = map((x) => Math.tanh(x) ** 3);

test("users' own gradients may be in terms of the result that they save", (t) => {
  const tanh = tf.customGrad((...args) => {
    const [x, save] = args as [Tensor, tf.GradSaveFunc];
    const value = tf.tanh(x);
    save([x, value]);
    const gradFunc = (dy: Tensor, saved: Tensor[]) => tf.mul(dy, tf.sub(1, tf.square(saved[1] as Tensor)));
    return { value, gradFunc };
  });
  holdGradients(t, {
    name: 'customGrad',
    op: (x) => tf.pow(tanh(x as Tensor), 3),
    reference: tanhCubed,
    inputs: [spaced([7])],
  });
});

test('second derivatives of what is computed anew for its gradient', (t) => {
  holdGradients(t, {
    name: 'recomputed',
    op: (x) => recomputed((at) => tf.pow(tf.tanh(at as Tensor), 3), [x as Tensor]),
    reference: tanhCubed,
    inputs: [spaced([7])],
  });
});

test('the mends made a second time change nothing', async (t) => {
  const again = new URL('../../src/gradients/index.js?again', import.meta.url);
  const grad = (x: Tensor) =>
    tf
      .grad((at) => tf.sum(tf.maximum(tf.tanh(at), tf.scalar(-0.5))))(x)
      .dataSync();
  const x = tf.tensor1d([-1, 0.3]);
  const before = grad(x);
  await import(again.href);
  t.deepEqual(grad(x), before);
  holdGradients(t, {
    name: 'softmaxCrossEntropy and tanh',
    op: (at) => tf.pow(tf.tanh(at as Tensor), 3),
    reference: tanhCubed,
    inputs: [spaced([7])],
  });
  x.dispose();
});

test('first derivatives need nothing but the results', (t) => {
  tf.tidy(() => {
    const x = tf.ones([1000]);
    const kept = tf.memory().numDataBuffers;
    let held = 0;
    tf.grad((at) => {
      const y = tf.tanh(tf.sigmoid(at));
      held = tf.memory().numDataBuffers - kept;
      return tf.sum(y);
    })(x);
    t.is(held, 2);
  });
});

test('a comparison is a constant, and joined truth values too', (t) => {
  tf.tidy(() => {
    const x = tf.tensor1d([-2, 0.5, 2]);
    const inside = (at: Tensor) => tf.logicalAnd(tf.greater(at, -1), tf.less(at, 1));
    const gradient = tf.grad((at) => tf.sum(tf.where(inside(at), tf.square(at), tf.mul(at, 3))))(x);
    t.deepEqual([...gradient.dataSync()], [3, 1, 3]);
    const none = tf.grad((at) => tf.sum(tf.cast(tf.greater(at, 0), 'float32')))(x);
    t.deepEqual([...none.dataSync()], [0, 0, 0]);
  });
});

test('what is saved outlives what it was saved of, and is let go', (t) => {
  for (const backend of backends) {
    void tf.setBackend(backend);
    const before = tf.memory();
    const x = tf.tensor1d([1, 2, 3]);
    const gradient = tf.grad((at) => {
      const doubled = tf.mul(at, 2);
      const squares = tf.square(doubled);
      doubled.dispose();
      return tf.sum(squares);
    })(x);
    t.deepEqual([...gradient.dataSync()], [8, 16, 24], backend);
    tf.dispose([x, gradient]);
    t.deepEqual(tf.memory(), before, backend);
  }
});

test('a gradient of what lies on another backend', (t) => {
  for (const backend of backends) {
    void tf.setBackend('cpu');
    const before = tf.memory().numTensors;
    const x = tf.tensor1d([1, 2, 3]);
    void tf.setBackend(backend);
    const gradient = tf.grad((at) => tf.sum(tf.square(at)))(x);
    t.deepEqual([...gradient.dataSync()], [2, 4, 6], backend);
    t.deepEqual([...x.dataSync()], [1, 2, 3], backend);
    tf.dispose([x, gradient]);
    t.is(tf.memory().numTensors, before, backend);
  }
});

test('the gradient of relu: at zero, at what is no number, and along it', (t) => {
  const at = [-1, -0, 0, 1e-45, 1, NaN, Infinity];
  for (const backend of backends) {
    void tf.setBackend(backend);
    tf.tidy(() => {
      const x = tf.tensor1d(at);
      const dy = tf.tensor1d([5, 5, 5, 5, 5, 5, 5]);
      const gradient = (along: Tensor) => tf.grad((to) => tf.relu(to))(x, along);
      t.deepEqual([...gradient(dy).dataSync()], [0, 0, 0, 5, 5, NaN, 5], backend);
      const ofGradient = tf.grad((along) => tf.sum(tf.square(gradient(along))))(dy);
      t.deepEqual([...ofGradient.dataSync()], [0, 0, 0, 10, 10, NaN, 10], backend);
    });
  }
});
