import test from 'ava';
import { splitSizes } from '../../src/ops/splitSizes.js';
import { type Tensor, tf } from '../../src/tf.js';
import { leavesNoTensors } from '../flows/laws.js';

for (const sizes of [[3], [1, 2], [0, 3], [1, 1, 1]]) {
  test(`pieces of sizes [${sizes}] put together are the whole, in value and gradient`, (t) => {
    leavesNoTensors(t, () => {
      const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
      const pieces = splitSizes(x, sizes, 1);
      t.deepEqual(
        pieces.map(({ shape }) => shape),
        sizes.map((size) => [2, size]),
      );
      t.deepEqual([...tf.concat(pieces, 1).dataSync()], [...x.dataSync()]);
      const squares = (input: Tensor) => tf.sum(tf.square(tf.concat(splitSizes(input, sizes, 1), 1)));
      t.deepEqual([...tf.grad(squares)(x).dataSync()], [2, 4, 6, 8, 10, 12]);
    });
  });
}
