import { GraphBuilder } from '../../src/onnx/graph.js';
import { type OnnxMetadata, writeMetadata } from '../../src/onnx/metadata.js';
import { trace } from '../../src/onnx/trace.js';
import { tf } from '../../src/tf.js';

export const metadata: OnnxMetadata = {
  version: 1,
  role: 'generator',
  latent: 2,
  columns: [
    { name: 'label', type: 'string' },
    { name: 'x', type: 'float64' },
    { name: 'count', type: 'int64' },
    { name: 'when', type: 'int64', datetime: true },
    { name: 'yes', type: 'bool' },
  ],
  seed: 7,
  heldOut: { logLikelihood: -1.5 },
  schema: { version: 1, columns: [] },
};

/** ONNX's numbers for the element types of casts. */
export const [FLOAT, INT64, DOUBLE] = [1, 7, 11];

/** label: '' or 'p' by the sign of z0; x = z0 with NaN below -1; count, when and yes from z1. */
export function generator(changes: Partial<OnnxMetadata> = {}): Uint8Array {
  const builder = new GraphBuilder('test');
  const z = builder.input('z', 'float32', ['batch', 2]);
  const [z0, z1, whole] = trace(
    builder,
    (tensor) => {
      const [a, b] = tf.unstack(tensor, 1) as [tf.Tensor, tf.Tensor];
      return [tf.where(tf.less(a, -1), Number.NaN, a), b, tf.cast(tf.greater(a, 0), 'int32')];
    },
    [{ value: z, dtype: 'float32', shape: ['batch', 2] }],
  ) as [string, string, string];
  const integers = builder.node('Cast', [builder.node('Round', [z1])], { to: INT64 });
  const labels = builder.initializer('string', [2], ['', 'p']);
  builder.output(builder.node('Gather', [labels, whole]), 'label', 'string', ['batch']);
  builder.output(builder.node('Cast', [z0], { to: DOUBLE }), 'x', 'float64', ['batch']);
  builder.output(integers, 'count', 'int64', ['batch']);
  builder.output(builder.node('Neg', [integers]), 'when', 'int64', ['batch']);
  const zero = builder.initializer('int64', [], BigInt64Array.of(0n));
  builder.output(builder.node('Greater', [integers, zero]), 'yes', 'bool', ['batch']);
  writeMetadata(builder, { ...metadata, ...changes });
  return builder.finish();
}

/** log_prob = code of the label + x (10 where missing) + count + when / 1000 + 100 · yes. */
export function density(): Uint8Array {
  const builder = new GraphBuilder('test');
  const inputs = metadata.columns.map(({ name, type }) => builder.input(name, type, ['batch']));
  const [label, x, count, when, yes] = inputs as [string, string, string, string, string];
  const code = builder.node(
    'LabelEncoder',
    [label],
    { keys_strings: ['', 'p'], values_floats: { floats: [0.25, 0.5] }, default_float: { float: -Infinity } },
    'ai.onnx.ml',
  );
  const numbers = [x, count, when, yes].map((value) => builder.node('Cast', [value], { to: FLOAT }));
  const [sum] = trace(
    builder,
    (c, v, n, w, b) => {
      const value = tf.where(tf.isNaN(v as tf.Tensor), 10, v as tf.Tensor);
      return tf.addN([
        c as tf.Tensor,
        value,
        n as tf.Tensor,
        tf.div(w as tf.Tensor, 1000),
        tf.mul(b as tf.Tensor, 100),
      ]);
    },
    [code, ...numbers].map((value) => ({ value, dtype: 'float32', shape: ['batch'] }) as const),
  ) as [string];
  builder.output(sum, 'log_prob', 'float32', ['batch']);
  writeMetadata(builder, { ...metadata, role: 'density' });
  return builder.finish();
}
