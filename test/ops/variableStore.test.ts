import test from 'ava';
import '../../src/backend/index.js';
import { PushforwardError } from '../../src/errors.js';
import { VariableStore } from '../../src/ops/variableStore.js';
import { tf } from '../../src/tf.js';
import { leavesNoTensors } from '../flows/laws.js';

test('variables as one array: values go in and out, gradients add up', (t) => {
  leavesNoTensors(t, () => {
    const a = tf.variable(tf.tensor2d([1, 2, 3, 4], [2, 2]));
    const b = tf.variable(tf.tensor1d([5]));
    const unused = tf.variable(tf.tensor1d([6]));
    const store = new VariableStore([a, b, unused]);
    t.deepEqual([...store.values()], [1, 2, 3, 4, 5, 6]);
    const kept = tf.clone(a);
    store.assign(Float32Array.of(7, 8, 9, 10, 11, 12));
    t.deepEqual([...kept.dataSync()], [1, 2, 3, 4], 'who shares the old values keeps them');
    t.deepEqual([...a.dataSync(), ...b.dataSync(), ...unused.dataSync()], [7, 8, 9, 10, 11, 12]);
    const gradient = new Float32Array(6).fill(1);
    const value = store.addGradient(
      () => tf.add(tf.sum<tf.Scalar>(tf.square(a)), tf.sum<tf.Scalar>(b)),
      gradient,
      0.5,
    );
    t.is(value, 49 + 64 + 81 + 100 + 11);
    t.deepEqual([...gradient], [8, 9, 10, 11, 1.5, 1]);
    store.takeGradient(() => tf.add(tf.sum<tf.Scalar>(tf.square(a)), tf.sum<tf.Scalar>(b)), gradient);
    t.deepEqual([...gradient], [14, 16, 18, 20, 1, 0]);
    t.is(store.nonFinite(), null);
    store.assign(Float32Array.of(0, 0, Number.NaN, 0, 0, 0));
    t.is(store.nonFinite(), a.name);
    for (const wrong of [
      () => store.assign(new Float32Array(5)),
      () => store.addGradient(() => tf.scalar(0), new Float32Array(7)),
    ]) {
      t.is(t.throws(wrong, { instanceOf: PushforwardError }).code, 'shape');
    }
    for (const variable of store.variables) variable.dispose();
  });
});
