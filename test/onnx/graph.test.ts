import test from 'ava';
import ort from 'onnxruntime-node';
import { PushforwardError } from '../../src/errors.js';
import { readHeader } from '../../src/onnx/file.js';
import { GraphBuilder } from '../../src/onnx/graph.js';
import { openSession, valuesOf } from './support.js';

async function run(
  file: Uint8Array,
  feeds: Record<string, ort.Tensor>,
): Promise<ort.InferenceSession.ReturnType> {
  return (await openSession(file)).run(feeds);
}

test('every element type goes in, through a constant and out', async (t) => {
  const values = {
    float32: Float32Array.of(1.5, -2),
    float64: Float64Array.of(1e300, Number.NaN),
    int32: Int32Array.of(-5, 2 ** 31 - 1),
    int64: BigInt64Array.of(-5n, 2n ** 62n),
    bool: Uint8Array.of(1, 0),
    string: ['ä', ''],
  } as const;
  const builder = new GraphBuilder('1.2.3');
  for (const type of Object.keys(values) as (keyof typeof values)[]) {
    const input = builder.input(type, type, ['batch']);
    const constant = builder.initializer(type, [2], values[type]);
    builder.output(builder.node('Concat', [input, constant], { axis: 0 }), `${type} out`, type, ['batch']);
  }
  const feeds = Object.fromEntries(
    Object.entries(values).map(([type, data]) => [
      type,
      new ort.Tensor(type as 'int32', data as Int32Array, [2]),
    ]),
  );
  const results = await run(builder.finish(), feeds);
  for (const [type, data] of Object.entries(values)) {
    const result = results[`${type} out`] as ort.Tensor;
    t.is(result.type, type as typeof result.type);
    t.deepEqual([...(result.data as Iterable<unknown>)], [...data, ...data]);
  }
});

test('every kind of attribute', async (t) => {
  const builder = new GraphBuilder('1');
  const x = builder.input('x', 'string', ['batch']);
  const codes = builder.node(
    'LabelEncoder',
    [x],
    { keys_strings: ['a', 'b', ''], values_floats: { floats: [0.5, 1, -1] }, default_float: { float: 7 } },
    'ai.onnx.ml',
  );
  const integers = builder.node(
    'LabelEncoder',
    [x],
    { keys_strings: ['a', 'b', ''], values_int64s: [3, 4n, 5], default_int64: -1 },
    'ai.onnx.ml',
  );
  builder.output(codes, 'floats', 'float32', ['batch']);
  builder.output(integers, 'integers', 'int64', ['batch']);
  builder.output(builder.node('Cast', [codes], { to: 8 }), 'text', 'string', ['batch']);
  const results = await run(builder.finish(), { x: new ort.Tensor('string', ['b', '', 'c'], [3]) });
  t.deepEqual(valuesOf(results, 'floats'), [1, -1, 7]);
  t.deepEqual(valuesOf(results, 'integers'), [4n, 5n, -1n]);
  t.throws(
    () => {
      builder.node('LeakyRelu', [x], { alpha: 0.5 });
      builder.output(builder.node('LeakyRelu', [x], { alpha: 0.5 }), 'y', 'float32', []);
      builder.finish();
    },
    { instanceOf: PushforwardError, message: /not an integer/ },
  );
});

test('equal constants are stored once, and what no output needs not at all', (t) => {
  const size = (copies: number, dead: boolean): number => {
    const builder = new GraphBuilder('1');
    let x = builder.input('x', 'float32', ['batch', 1000]);
    for (let i = 0; i < copies; i++) {
      x = builder.node('Add', [x, builder.initializer('float32', [1000], new Float32Array(1000).fill(2))]);
    }
    if (dead)
      builder.node('Add', [x, builder.initializer('float32', [1000], new Float32Array(1000).fill(3))]);
    builder.output(x, 'y', 'float32', ['batch', 1000]);
    return builder.finish().length;
  };
  t.is(size(5, true), size(5, false));
  t.true(size(5, false) - size(1, false) < 1000);
});

test('a constant keeps the values that it was given', async (t) => {
  const values = Float32Array.of(1, 2);
  const builder = new GraphBuilder('1');
  const constant = builder.initializer('float32', [2], values);
  values.fill(9);
  builder.output(builder.node('Add', [builder.input('x', 'float32', []), constant]), 'y', 'float32', [2]);
  t.deepEqual(valuesOf(await run(builder.finish(), { x: new ort.Tensor('float32', [1], []) }), 'y'), [2, 3]);
});

test('one value goes out under several names, as do inputs and constants', async (t) => {
  const builder = new GraphBuilder('1');
  const x = builder.input('x', 'float32', ['batch']);
  const y = builder.node('Neg', [x]);
  const z = builder.node('Neg', [y]);
  builder.output(y, 'a', 'float32', ['batch']);
  builder.output(y, 'b', 'float32', ['batch']);
  builder.output(x, 'c', 'float32', ['batch']);
  builder.output(builder.initializer('float32', [1], Float32Array.of(9)), 'd', 'float32', [1]);
  builder.output(z, 'Neg_0', 'float32', ['batch']);
  const results = await run(builder.finish(), { x: new ort.Tensor('float32', [2], [1]) });
  const shown = Object.keys(results).map((name) => [name, valuesOf(results, name)[0]]);
  t.deepEqual(shown, [
    ['a', -2],
    ['b', -2],
    ['c', 2],
    ['d', 9],
    ['Neg_0', 2],
  ]);
});

test('public names never meet inner ones', async (t) => {
  const names = ['value:0', 'constant_0', 'Add_0', 'input:x', 'a/b "c"', '列'];
  const builder = new GraphBuilder('1');
  const inputs = names.map((name) => builder.input(name, 'float32', ['batch']));
  const one = builder.initializer('float32', [1], Float32Array.of(1));
  inputs.forEach((input, index) => {
    builder.output(builder.node('Add', [builder.node('Add', [input, one]), one]), `${index}`, 'float32', [
      'batch',
    ]);
  });
  const feeds = names.map((name, index) => [name, new ort.Tensor('float32', [index], [1])] as const);
  const results = await run(builder.finish(), Object.fromEntries(feeds));
  names.forEach((_, index) => {
    t.deepEqual(valuesOf(results, `${index}`), [index + 2]);
  });
});

test('a file carries its metadata, ports and a low version', (t) => {
  const builder = new GraphBuilder('1.2.3');
  const x = builder.input('x', 'int64', ['batch', 3]);
  builder.metadata('key', 'välue');
  builder.output(x, 'y', 'int64', ['batch', 3]);
  const file = builder.finish();
  const header = readHeader(file, 'test');
  t.is(header.metadata.get('key'), 'välue');
  t.deepEqual(header.inputs, [{ name: 'x', type: 'int64', dims: ['batch', 3] }]);
  t.deepEqual(header.outputs, [{ name: 'y', type: 'int64', dims: ['batch', 3] }]);
  // Field 1 of the protobuf is the IR version.
  t.deepEqual([...file.subarray(0, 2)], [8, 8]);
});

test('a wrong use is an error at once', (t) => {
  const builder = new GraphBuilder('1');
  const usage = { instanceOf: PushforwardError, code: 'usage' };
  const x = builder.input('x', 'float32', []);
  t.throws(() => builder.finish(), usage);
  t.throws(() => builder.input('x', 'float32', []), usage);
  t.throws(() => builder.input('', 'float32', []), usage);
  t.throws(() => builder.node('Neg', ['nothing']), usage);
  t.throws(() => builder.output('nothing', 'y', 'float32', []), usage);
  t.throws(() => builder.output(x, 'x', 'float32', []), usage);
  builder.output(x, 'y', 'float32', []);
  t.throws(() => builder.output(x, 'y', 'float32', []), usage);
  const shape = { instanceOf: PushforwardError, code: 'shape' };
  t.throws(() => builder.initializer('float32', [2], Float32Array.of(1)), shape);
  t.throws(() => builder.initializer('float64', [1], Float32Array.of(1)), shape);
});
