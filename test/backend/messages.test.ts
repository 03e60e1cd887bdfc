import { tf } from '../../src/tf.js';
import { nativeTest } from '../native/support.js';
import './run.js';

const run = (kernel: string, inputs: Record<string, tf.Tensor>, attrs: Record<string, unknown> = {}) =>
  tf.engine().runKernel(kernel, inputs as tf.NamedTensorMap, attrs as tf.NamedAttrMap);

/** Whatever TypeScript would say of it. */
const any = <T>(value: unknown): T => value as T;

/** Calls that tfjs refuses: of ops, which look at their arguments first, and of kernels, which do too. */
const CALLS: Readonly<Record<string, () => unknown>> = {
  'add of shapes': () => tf.add(tf.ones([2, 3]), tf.ones([2, 4])),
  'add kernel of shapes': () => run(tf.Add, { a: tf.ones([2, 3]), b: tf.ones([2, 4]) }),
  'add of text': () => tf.add(any(tf.tensor(['a'])), tf.ones([1])),
  'maximum of shapes': () => tf.maximum(tf.ones([3]), tf.ones([2])),
  'squaredDifference of shapes': () => tf.squaredDifference(tf.ones([3]), tf.ones([2])),
  'relu of text': () => tf.relu(any(tf.tensor(['a']))),
  'sigmoid of nothing': () => tf.sigmoid(any(undefined)),
  'matMul of shapes': () => tf.matMul(tf.ones([2, 3]), tf.ones([4, 5])),
  'matMul of vectors': () => tf.matMul(any(tf.ones([3])), any(tf.ones([3]))),
  'matMul of batches': () => tf.matMul(tf.ones([2, 3, 4]), tf.ones([3, 4, 5])),
  'matMul of text': () => tf.matMul(any(tf.tensor([['a']])), tf.ones([1, 1])),
  'matMul kernel of shapes': () =>
    run(
      tf.BatchMatMul,
      { a: tf.ones([1, 2, 3]), b: tf.ones([1, 4, 5]) },
      { transposeA: false, transposeB: false },
    ),
  'matMul transposed': () => tf.matMul(tf.ones([2, 3]), tf.ones([3, 5]), true),
  'fused matMul of a bias': () =>
    tf.fused.matMul({ a: tf.ones([2, 3]), b: tf.ones([3, 5]), bias: tf.ones([4]) }),
  'fused matMul of an activation': () =>
    tf.fused.matMul({ a: tf.ones([2, 3]), b: tf.ones([3, 5]), activation: any('gelu') }),
  'fused matMul of shapes': () => tf.fused.matMul({ a: tf.ones([2, 3]), b: tf.ones([4, 5]) }),
  'sum along an axis': () => tf.sum(tf.ones([2, 3]), 5),
  'sum kernel along an axis': () => run(tf.Sum, { x: tf.ones([2, 3]) }, { axis: [2], keepDims: false }),
  'sum of text': () => tf.sum(any(tf.tensor(['a']))),
  'mean along an axis': () => tf.mean(tf.ones([2, 3]), [0, 3]),
  'max along an axis': () => tf.max(tf.ones([2, 3]), -3),
  'softmax along an axis': () => tf.softmax(tf.ones([2, 3]), 0),
  'greater of shapes': () => tf.greater(tf.ones([2]), tf.ones([3])),
  'logicalAnd of numbers': () => tf.logicalAnd(any(tf.ones([2])), any(tf.ones([2]))),
  'logicalNot of numbers': () => tf.logicalNot(any(tf.ones([2]))),
  'where of shapes': () => tf.where(tf.tensor1d([true, false], 'bool'), tf.ones([3]), tf.ones([3])),
  'cast to nothing known': () => tf.cast(tf.ones([2]), any('float64')),
  'cast kernel to nothing known': () => run(tf.Cast, { x: tf.ones([2]) }, { dtype: 'float64' }),
  'clipByValue of bounds': () => tf.clipByValue(tf.ones([2]), 2, 1),
  'concat of shapes': () => tf.concat([tf.ones([2, 3]), tf.ones([3, 4])], 0),
  'concat along an axis': () => tf.concat([tf.ones([2, 3]), tf.ones([2, 3])], 4),
  'slice out of it': () => tf.slice(tf.ones([2, 3]), [0, 2], [2, 2]),
  'split unevenly': () => tf.split(tf.ones([5, 2]), 2),
  'stack of shapes': () => tf.stack([tf.ones([2]), tf.ones([3])]),
  'unstack along an axis': () => tf.unstack(tf.ones([2]), 3),
  'transpose by too long a one': () => tf.transpose(tf.ones([2, 3]), [0, 1, 2]),
  'tile of too few': () => tf.tile(tf.ones([2, 3]), [2]),
  'reshape to another size': () => tf.reshape(tf.ones([2, 3]), [4, 2]),
  'reverse along an axis': () => tf.reverse(tf.ones([2, 3]), 2),
  'gather along an axis': () => tf.gather(tf.ones([2, 3]), tf.tensor1d([0], 'int32'), 2),
  'gather of what is not there': () => tf.gather(tf.ones([2, 3]), tf.tensor1d([2], 'int32')),
  'gather by fractions': () => tf.gather(tf.ones([2, 3]), any(tf.tensor1d([0.5]))),
  'segment sums of fractions': () => tf.unsortedSegmentSum(tf.ones([3]), any(tf.tensor1d([0.5, 1, 2])), 3),
  'conv2d of channels': () => tf.conv2d(any(tf.ones([1, 4, 4, 3])), tf.ones([2, 2, 2, 5]), 1, 'same'),
  'conv2d of a rank': () => tf.conv2d(any(tf.ones([4, 4])), tf.ones([2, 2, 2, 5]), 1, 'same'),
  'conv2d with strides and dilations': () =>
    tf.conv2d(any(tf.ones([1, 4, 4, 2])), tf.ones([2, 2, 2, 5]), 2, 'same', 'NHWC', 2),
  'depthwiseConv2d of channels': () =>
    tf.depthwiseConv2d(any(tf.ones([1, 4, 4, 3])), tf.ones([2, 2, 2, 1]), 1, 'same'),
  'maxPool of a rank': () => tf.maxPool(any(tf.ones([4, 4])), 2, 2, 'same'),
  'batchNorm of ranks': () => tf.batchNorm2d(tf.ones([2, 3]), any(tf.ones([2, 3, 1])), any(tf.ones([3]))),
  'resize of a rank': () => tf.image.resizeBilinear(any(tf.ones([4, 4])), [2, 2]),
  'prelu of shapes': () => tf.prelu(tf.ones([2, 3]), tf.ones([2])),
  'a tensor of another size': () => tf.tensor([1, 2, 3], [2, 2]),
  'a variable of another shape': () => tf.variable(tf.ones([2])).assign(tf.ones([3])),
  'a variable of another type': () => tf.variable(tf.ones([2])).assign(any(tf.ones([2], 'int32'))),
  'what is disposed of': () => {
    const x = tf.ones([2]);
    x.dispose();
    return tf.add(x, 1);
  },
  'a gradient of nothing': () => tf.grad((x) => tf.ones(x.shape))(tf.ones([2])),
  'a gradient of a shape': () => tf.grad((x) => tf.relu(x))(tf.ones([2]), tf.ones([3])),
  'a kernel that is not there': () => run('NoSuchKernel', { x: tf.ones([2]) }),
};

function messageOn(backend: string, call: () => unknown): string {
  void tf.setBackend(backend);
  const threw = tf.tidy(() => {
    try {
      call();
    } catch (error) {
      return String(error);
    }
    return 'nothing';
  });
  tf.disposeVariables();
  return threw.replaceAll(`'${backend}'`, 'the backend');
}

nativeTest('bad shapes, types and arguments are refused in the words of the CPU backend', (t) => {
  for (const [name, call] of Object.entries(CALLS)) {
    const expected = messageOn('cpu', call);
    t.not(expected, 'nothing', `${name} is not refused`);
    t.is(messageOn('native', call), expected, name);
  }
});
