import test from 'ava';
import { recomputed } from '../../src/ops/recomputed.js';
import { type Tensor, tf } from '../../src/tf.js';
import { holdGradients, spaced } from './law.js';
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
