import { fromBinary } from '@bufbuild/protobuf';
import test from 'ava';
import ort from 'onnxruntime-node';
import { maxRelativeError } from '../../src/onnx/compare.js';
import { GraphBuilder } from '../../src/onnx/graph.js';
import { ModelProtoSchema } from '../../src/onnx/proto/onnx_pb.js';
import { recordTape } from '../../src/onnx/recorder.js';
import { trace } from '../../src/onnx/trace.js';
import { MathBackendCPU, type Tensor, type Tensor2D, tf } from '../../src/tf.js';
import {
  compare,
  exportFunction,
  floats,
  ints,
  openSession,
  type TensorFunction,
  valuesOf,
} from './support.js';

test.before(async () => {
  await tf.setBackend('cpu');
  // A kernel made of others, before the recorder takes over the kernels of the cpu backend.
  tf.registerKernel({
    kernelName: 'Composite',
    backendName: 'cpu',
    kernelFunc: ({ inputs }) => tf.exp(tf.neg(inputs.x as Tensor)),
  });
});

function operators(file: Uint8Array): string[] {
  return fromBinary(ModelProtoSchema, file).graph?.node.map(({ opType }) => opType) ?? [];
}

const rows = (x: Tensor): number => x.shape[0] as number;

test.serial('a network, with doors before and after, is one graph', async (t) => {
  const [weights, bias] = [
    tf.randomNormal([3, 8], 0, 1, 'float32', 1),
    tf.randomNormal([8], 0, 1, 'float32', 2),
  ];
  const network = (x: Tensor) => tf.tanh(tf.add(tf.matMul(x as Tensor2D, weights as Tensor2D), bias));
  const builder = new GraphBuilder('1');
  const raw = builder.input('raw', 'float64', ['batch']);
  const label = builder.input('label', 'string', ['batch']);
  const origin = builder.initializer('float64', [], Float64Array.of(1e9));
  const number = builder.node('Cast', [builder.node('Sub', [raw, origin])], { to: 1 });
  const code = builder.node(
    'LabelEncoder',
    [label],
    { keys_strings: ['a', 'b'], values_int64s: [0, 1] },
    'ai.onnx.ml',
  );
  const index = builder.node('Cast', [code], { to: 6 });
  const joined = (x: Tensor, i: Tensor) =>
    tf.sum(
      network(tf.concat([tf.expandDims(x, 1), tf.oneHot(tf.cast(i, 'int32'), 2, 1, 0, 'float32')], 1)),
      1,
    );
  const [sum] = trace(builder, joined, [
    { value: number, dtype: 'float32', shape: ['batch'] },
    { value: index, dtype: 'int32', shape: ['batch'] },
  ]) as [string];
  builder.output(builder.node('Cast', [sum], { to: 11 }), 'y', 'float64', ['batch']);
  const session = await openSession(builder.finish());
  const results = await session.run({
    raw: new ort.Tensor('float64', [1e9 + 0.5, 1e9 - 2], [2]),
    label: new ort.Tensor('string', ['b', 'a'], [2]),
  });
  const expected = tf.tidy(() => joined(tf.tensor1d([0.5, -2]), tf.tensor1d([1, 0], 'int32')).dataSync());
  t.true(maxRelativeError(valuesOf(results, 'y') as number[], expected) < 1e-6);
  tf.dispose([weights, bias]);
});

test.serial('what no argument reaches is a constant', (t) => {
  const parameters = tf.variable(tf.tensor1d([1, 2, 3, 4]));
  const file = exportFunction(
    (x) => {
      const matrix = tf.softmax(tf.reshape(tf.slice(tf.exp(parameters), [0], [4]), [2, 2]));
      return tf.matMul(x as Tensor2D, tf.linalg.bandPart(matrix as Tensor2D, -1, 0));
    },
    [floats(['batch', 2])],
  );
  t.deepEqual(operators(file), ['MatMul']);
  parameters.dispose();
});

test.serial('what no output needs is left out, even when it has no converter', (t) => {
  const file = exportFunction(
    (x) => {
      tf.fft(tf.complex(x, x));
      tf.unstack(x, 1);
      return tf.neg(tf.clone(tf.reshape(x, x.shape)));
    },
    [floats(['batch', 2])],
  );
  t.deepEqual(operators(file), ['Neg']);
});

test.serial('an operation made of others is recorded once', (t) => {
  const composite = (x: Tensor) => tf.abs(tf.engine().runKernel('Composite', { x }) as Tensor);
  const { nodes } = recordTape(composite, [{ dtype: 'float32', shape: [3, 2] }]);
  t.deepEqual(
    nodes.map(({ kernel }) => kernel),
    ['Composite', 'Abs'],
  );
  t.deepEqual(operators(exportFunction((x) => tf.softmax(x), [floats(['batch', 2])])), ['Softmax']);
});

test.serial('constants that repeat over the rows are broadcast, not spread', (t) => {
  const file = exportFunction(
    (x) => tf.where(tf.greater(x, 0), x, tf.zeros([rows(x), 3])),
    [floats(['batch', 3])],
  );
  t.deepEqual(operators(file).sort(), ['Greater', 'Where']);
});

test.serial('tensors of every backend stay where they are and stay usable', async (t) => {
  const backend = 'elsewhere';
  tf.registerBackend(backend, () => new MathBackendCPU());
  tf.copyRegisteredKernels('cpu', backend);
  const onCpu = tf.variable(tf.tensor1d([1, 2]));
  await tf.setBackend(backend);
  const elsewhere = tf.variable(tf.tensor1d([3, 4]));
  const views = [tf.reshape(elsewhere, [2, 1]), tf.clone(elsewhere)];
  const fn: TensorFunction = (x) =>
    tf.add(tf.add(tf.mul(x, onCpu), tf.reshape(elsewhere, [1, 2])), tf.clone(elsewhere));
  const before = tf.memory();
  const owners = () =>
    [onCpu, elsewhere].map(({ dataId }) => tf.engine().state.tensorInfo.get(dataId)?.backend);
  const [cpuOwner, elsewhereOwner] = owners();
  const builder = new GraphBuilder('1');
  const x = builder.input('x', 'float32', ['batch', 2]);
  const [y] = trace(builder, fn, [{ value: x, dtype: 'float32', shape: ['batch', 2] }]) as [string];
  builder.output(y, 'y', 'float32', ['batch', 2]);
  t.is(tf.getBackend(), backend);
  t.is(tf.memory().numTensors, before.numTensors);
  t.is(tf.memory().numDataBuffers, before.numDataBuffers);
  t.is(tf.memory().numBytes, before.numBytes);
  t.deepEqual(
    owners().map((owner, i) => owner === [cpuOwner, elsewhereOwner][i]),
    [true, true],
  );
  t.deepEqual([...elsewhere.dataSync()], [3, 4]);
  elsewhere.assign(tf.tensor1d([5, 6]));
  t.deepEqual([...tf.add(elsewhere, 1).dataSync()], [6, 7]);
  t.deepEqual(
    views.map((view) => [...view.dataSync()]),
    [
      [3, 4],
      [3, 4],
    ],
  );
  await tf.setBackend('cpu');
  t.deepEqual([...tf.mul(onCpu, 2).dataSync()], [2, 4]);
  const session = await openSession(builder.finish());
  const results = await session.run({ x: new ort.Tensor('float32', [1, 1], [1, 2]) });
  t.deepEqual(valuesOf(results, 'y'), [7, 10]);
  tf.dispose([onCpu, elsewhere, ...views]);
});

test.serial('a variable that changes after the trace does not change the file', async (t) => {
  const weight = tf.variable(tf.scalar(2));
  const builder = new GraphBuilder('1');
  const x = builder.input('x', 'float32', ['batch']);
  const [y] = trace(builder, (a) => tf.mul(a, weight), [
    { value: x, dtype: 'float32', shape: ['batch'] },
  ]) as [string];
  weight.dataSync()[0] = 5;
  builder.output(y, 'y', 'float32', ['batch']);
  const results = await (await openSession(builder.finish())).run({ x: new ort.Tensor('float32', [3], [1]) });
  t.deepEqual(valuesOf(results, 'y'), [6]);
  weight.dispose();
});

test.serial('a failing function leaves backend and memory as they were', (t) => {
  const before = tf.memory().numTensors;
  const builder = new GraphBuilder('1');
  const x = {
    value: builder.input('x', 'float32', ['batch', 2]),
    dtype: 'float32',
    shape: ['batch', 2],
  } as const;
  t.throws(
    () =>
      trace(
        builder,
        (a) => {
          tf.exp(a);
          throw new Error('no');
        },
        [x],
      ),
    { message: 'no' },
  );
  t.is(tf.getBackend(), 'cpu');
  t.is(tf.memory().numTensors, before);
  t.throws(() => trace(builder, (a) => trace(builder, tf.neg, [x]) && a, [x]), { message: /inside another/ });
  t.notThrows(() => trace(builder, tf.neg, [x]));
});

test.serial('gradients recorded around a trace are none of its business', (t) => {
  const builder = new GraphBuilder('1');
  const x = builder.input('x', 'float32', ['batch', 2]);
  const weight = tf.variable(tf.scalar(3));
  const gradient = tf.tidy(() => {
    const { grads } = tf.variableGrads(() => {
      trace(builder, (a) => tf.mul(a, weight), [{ value: x, dtype: 'float32', shape: ['batch', 2] }]);
      return tf.square(weight);
    });
    return Object.values(grads)[0]?.dataSync()[0];
  });
  t.is(gradient, 6);
  weight.dispose();
});

test.serial('the batch may be any axis, and of one input only', async (t) => {
  const args = [floats([3, 'batch']), ints([2], 0, 2)];
  const fn: TensorFunction = (x, i) => tf.gather(x, tf.cast(i, 'int32'), 0);
  const session = await openSession(exportFunction(fn, args));
  for (const count of [1, 2, 50]) t.is((await compare(fn, args, session, count)).problem, undefined);
});
