import test from 'ava';
import { recomputed } from '../../src/ops/recomputed.js';
import { type Tensor, type Tensor2D, tf } from '../../src/tf.js';
import { difference, leavesNoTensors, normalMatrix } from '../flows/laws.js';

/** Three layers, most of whose memory is between its input and its output. */
function network(x: Tensor, w: Tensor, v: Tensor): Tensor {
  const h = tf.tanh(tf.matMul(x as Tensor2D, w as Tensor2D));
  return tf.mul(tf.matMul(tf.square(h) as Tensor2D, v as Tensor2D), tf.sum(x));
}

function inputs(): [Tensor2D, Tensor2D, Tensor2D] {
  return [normalMatrix(40, 3, 60), normalMatrix(3, 50, 61, 0.3), normalMatrix(50, 2, 62, 0.1)];
}

/** The sum of squares of two networks one after the other. */
function loss(apply: (x: Tensor, w: Tensor, v: Tensor) => Tensor) {
  return (x: Tensor, w: Tensor, v: Tensor): Tensor => {
    const y = apply(x, w, v);
    const again = tf.concat([y as Tensor2D, tf.slice(x as Tensor2D, [0, 0], [-1, 1])], 1);
    return tf.sum(tf.square(apply(again, w, v)));
  };
}

const lean = (...tensors: Tensor[]) => recomputed(network as (...all: Tensor[]) => Tensor, tensors);

test('values and gradients are those without recomputing, one after the other and twice over', (t) => {
  leavesNoTensors(t, () => {
    const at = inputs();
    t.deepEqual(loss(lean)(...at).dataSync(), loss(network)(...at).dataSync());
    const found = tf.grads(loss(lean))(at);
    tf.grads(loss(network))(at).forEach((gradient, i) => {
      // Sums of the same terms in another order.
      const scale = tf.max(tf.abs(gradient));
      t.true(difference(tf.div(found[i] as Tensor, scale), tf.div(gradient, scale)) < 1e-6);
    });
  });
});

test('gradients through a gradient are those without recomputing', (t) => {
  leavesNoTensors(t, () => {
    const at = inputs();
    // Sums and products alone, whose second derivatives tfjs has right.
    const cube = (x: Tensor, w: Tensor) => tf.square(tf.matMul(x as Tensor2D, w as Tensor2D));
    const penalty = (apply: (x: Tensor, w: Tensor) => Tensor) => (x: Tensor, w: Tensor) =>
      tf.sum(tf.square(tf.grad((input) => tf.sum(apply(input, w)))(x)));
    const both = [cube, (...all: Tensor[]) => recomputed(cube as (...all: Tensor[]) => Tensor, all)].map(
      (apply) => tf.grads(penalty(apply))([at[0], at[1]]),
    );
    both[0]?.forEach((gradient, i) => {
      t.true(difference(both[1]?.[i] as Tensor, gradient) < 1e-5);
    });
  });
});

test('a tape holds the inputs and outputs of what is recomputed, and no more', (t) => {
  const held = (apply: (x: Tensor, w: Tensor, v: Tensor) => Tensor): number => {
    let bytes = 0;
    tf.tidy(() => {
      const at = inputs();
      const before = tf.memory().numBytes;
      tf.grads((x, w, v) => {
        const y = apply(x as Tensor, w as Tensor, v as Tensor);
        bytes = tf.memory().numBytes - before;
        return tf.sum(y);
      })(at);
    });
    return bytes;
  };
  const [hidden, ends] = [40 * 50, 40 * 3 + 3 * 50 + 50 * 2 + 40 * 2];
  t.true(held(network) >= 4 * 3 * hidden, `${held(network)}`);
  t.true(held(lean) <= 4 * ends, `${held(lean)}`);
});
