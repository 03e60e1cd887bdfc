import { fromBinary } from '@bufbuild/protobuf';
import test from 'ava';
import ort from 'onnxruntime-node';
import { GraphBuilder } from '../../src/onnx/graph.js';
import { ModelProtoSchema } from '../../src/onnx/proto/onnx_pb.js';
import { transposeValues } from '../../src/onnx/transposes.js';
import { tf } from '../../src/tf.js';
import { exportFunction, floats, openSession, scrambled, valuesOf } from './support.js';

function operatorsOf(file: Uint8Array): string[] {
  return fromBinary(ModelProtoSchema, file).graph?.node.map(({ opType }) => opType) ?? [];
}

const toFirst = { perm: [0, 3, 1, 2] };
const toLast = { perm: [0, 2, 3, 1] };

test('transposed values are those that TensorFlow.js gives', (t) => {
  const values = Float32Array.from({ length: 60 }, (_, i) => scrambled(i));
  for (const perm of [
    [0, 1, 2],
    [2, 0, 1],
    [1, 2, 0],
    [2, 1, 0],
  ]) {
    tf.tidy(() => {
      const expected = tf.transpose(tf.tensor3d(values, [3, 4, 5]), perm).dataSync();
      t.deepEqual(transposeValues(values, [3, 4, 5], perm), expected as Float32Array);
    });
  }
});

test('transpositions go through elementwise operators and end where they began', async (t) => {
  const builder = new GraphBuilder('test');
  const x = builder.input('x', 'float32', ['batch', 2, 3, 4]);
  const images = builder.node('Transpose', [x], toFirst);
  const bias = builder.initializer('float32', [3], Float32Array.of(1, -2, 0.5));
  const scale = builder.initializer('float32', [], Float32Array.of(3));
  const last = builder.node('Transpose', [builder.node('Relu', [images])], toLast);
  const shifted = builder.node('Add', [
    last,
    builder.initializer('float32', [4], Float32Array.of(1, 2, 3, 4)),
  ]);
  const again = builder.node('Transpose', [builder.node('Mul', [shifted, scale])], toFirst);
  const both = builder.node('Add', [again, images]);
  const plain = builder.node('Relu', [
    builder.node('Add', [builder.node('Transpose', [both], toLast), scale]),
  ]);
  builder.output(plain, 'y', 'float32', ['batch', 2, 3, 4]);
  builder.output(builder.node('Transpose', [again], toLast), 'shifted', 'float32', ['batch', 2, 3, 4]);
  const odd = builder.node('Add', [builder.node('Transpose', [x], { perm: [0, 1, 3, 2] }), bias]);
  builder.output(odd, 'odd', 'float32', ['batch', 2, 4, 3]);
  const numbers = (...values: number[]) =>
    builder.initializer('int64', [values.length], BigInt64Array.from(values, BigInt));
  const back = builder.node('Transpose', [images], toLast);
  const slice = (value: string, start: number, end: number, axis: number) =>
    builder.node('Slice', [value, numbers(start), numbers(end), numbers(axis), numbers(1)]);
  const [left, right] = [slice(back, 0, 1, -1), slice(back, 1, 4, 3)];
  const joined = builder.node('Concat', [right, left], { axis: 3 });
  builder.output(joined, 'turned', 'float32', ['batch', 2, 3, 4]);
  const column = builder.node('Transpose', [slice(images, 0, 1, 1)], toLast);
  builder.output(column, 'column', 'float32', ['batch', 2, 3, 1]);
  const file = builder.finish();
  t.deepEqual(
    operatorsOf(file).filter((op) => op === 'Transpose'),
    ['Transpose'],
    'but for the one that an output needs',
  );
  const values = Float32Array.from({ length: 24 }, (_, i) => 4 * scrambled(i) - 2);
  const feeds = { x: new ort.Tensor('float32', values, [1, 2, 3, 4]) };
  const results = await (await openSession(file)).run(feeds);
  const shift = (value: number, i: number) => 3 * (Math.max(value, 0) + 1 + (i % 4));
  const close = (name: string, expected: number[]) => {
    valuesOf(results, name).forEach((value, i) => {
      t.true(Math.abs(Number(value) - (expected[i] as number)) < 1e-5, `${name} at ${i}`);
    });
  };
  close('shifted', Array.from(values, shift));
  close(
    'y',
    Array.from(values, (value, i) => Math.max(0, shift(value, i) + value + 3)),
  );
  const swapped = Array.from({ length: 24 }, (_, at) => {
    const [row, k, j] = [Math.floor(at / 12), Math.floor(at / 3) % 4, at % 3];
    return (values[row * 12 + j * 4 + k] as number) + ([1, -2, 0.5][j] as number);
  });
  close('odd', swapped);
  const at = (i: number, by: number) => values[i - (i % 4) + ((i + by) % 4)] as number;
  close(
    'turned',
    Array.from(values, (_, i) => at(i, 1)),
  );
  close(
    'column',
    Array.from({ length: 6 }, (_, i) => values[4 * i] as number),
  );
});

test('a stack of convolutions with channels last has two transpositions, one in and one out', (t) => {
  const weights = (shape: [number, number, number, number]) =>
    tf.tensor4d(
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => scrambled(i)),
      shape,
    );
  const file = exportFunction(
    (x) => {
      let h: tf.Tensor4D = tf.relu(tf.conv2d(x as tf.Tensor4D, weights([3, 3, 2, 4]), 1, 'same'));
      h = tf.add(h, tf.conv2d(h, weights([1, 1, 4, 4]), 1, 'same'));
      h = tf.batchNorm4d(tf.add<tf.Tensor4D>(h, tf.tensor1d([1, 2, 3, 4])), [0, 1, 2, 3], [1, 1, 2, 2]);
      return tf.conv2dTranspose(
        tf.relu(h),
        weights([2, 2, 3, 4]),
        [x.shape[0] as number, 8, 8, 3],
        2,
        'same',
      );
    },
    [floats(['batch', 4, 4, 2])],
  );
  const operators = operatorsOf(file);
  t.is(operators.filter((op) => op === 'Transpose').length, 2, operators.join());
  t.is(operators.filter((op) => op.startsWith('Conv')).length, 3);
});
