/** A process's part in leaks.test.ts: 10,000 steps of training, and its memory on the way. */
import '../../src/backend/index.js';
import { tf } from '../../src/tf.js';

const START = 100;
const END = 10_000;

/** What is in use when the collector has been through, in bytes. */
function inUse(): { rss: number; arrays: number; heap: number; dataIds: number; bytes: number } {
  gc?.();
  const { rss, arrayBuffers, heapUsed } = process.memoryUsage();
  const { numBytes } = tf.memory();
  return {
    rss,
    arrays: arrayBuffers,
    heap: heapUsed,
    dataIds: tf.backend().numDataIds(),
    bytes: numBytes,
  };
}

const x = tf.randomNormal([32, 8], 0, 1, 'float32', 1);
const y = tf.randomNormal([32, 2], 0, 1, 'float32', 2);
const dense = (inputs: number, outputs: number) => ({
  weight: tf.variable(tf.randomNormal([inputs, outputs], 0, 0.3, 'float32', 3)),
  bias: tf.variable(tf.zeros([outputs])),
});
const [first, second] = [dense(8, 48), dense(48, 2)];
const optimizer = tf.train.adam(1e-3);

function loss(): tf.Scalar {
  const hidden = tf.relu(tf.add(tf.matMul(x, first.weight), first.bias));
  return tf.losses.meanSquaredError(y, tf.add(tf.matMul(hidden, second.weight), second.bias)) as tf.Scalar;
}

let start = inUse();
for (let step = 1; step <= END; step++) {
  const value = optimizer.minimize(loss, true) as tf.Scalar;
  // As a log of losses would; what is read is not used again.
  value.dataSync();
  if (step % 10 === 0) first.weight.dataSync();
  value.dispose();
  if (step === START) start = inUse();
}
process.stdout.write(JSON.stringify({ backend: tf.getBackend(), start, end: inUse() }));
