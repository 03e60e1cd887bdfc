import ort from 'onnxruntime-node';
import { maxRelativeError } from '../../src/onnx/compare.js';
import { GraphBuilder } from '../../src/onnx/graph.js';
import type { TraceType } from '../../src/onnx/recorder.js';
import type { Dimension } from '../../src/onnx/tensor.js';
import { trace } from '../../src/onnx/trace.js';
import { type Tensor, tf } from '../../src/tf.js';

export type TensorFunction = (...tensors: Tensor[]) => Tensor | Tensor[];

/** An argument of a traced function: its type, its shape and what it is filled with. */
export interface Argument {
  readonly dtype: TraceType;
  readonly shape: readonly Dimension[];
  readonly fill: (position: number) => number;
}

/** Numbers that look random and are the same every time. */
export function scrambled(position: number, salt = 0): number {
  const x = Math.sin((position + 1) * 12.9898 + salt * 78.233) * 43758.5453;
  return x - Math.floor(x);
}

export function floats(shape: readonly Dimension[], low = -3, high = 3, salt = 0): Argument {
  return { dtype: 'float32', shape, fill: (position) => low + (high - low) * scrambled(position, salt) };
}

export function ints(shape: readonly Dimension[], low: number, high: number, salt = 0): Argument {
  return {
    dtype: 'int32',
    shape,
    fill: (position) => low + Math.floor((high - low + 1) * scrambled(position, salt)),
  };
}

export function bools(shape: readonly Dimension[], salt = 0): Argument {
  return { dtype: 'bool', shape, fill: (position) => (scrambled(position, salt) < 0.5 ? 0 : 1) };
}

/** Chosen values over and over. */
export function chosen(shape: readonly Dimension[], values: readonly number[]): Argument {
  return { dtype: 'float32', shape, fill: (position) => values[position % values.length] as number };
}

export const special = [0, -0, 1, -1, 0.5, -2.5, 1e-8, -1e-8, 1e30, -1e30, Infinity, -Infinity, NaN];

function values({ dtype, fill }: Argument, shape: readonly number[]) {
  const size = shape.reduce((product, one) => product * one, 1);
  const filled = Array.from({ length: size }, (_, position) => fill(position));
  if (dtype === 'float32') return Float32Array.from(filled);
  return dtype === 'int32' ? Int32Array.from(filled) : Uint8Array.from(filled);
}

/** The file of a function of named inputs x0, x1, ... and outputs y0, y1, ... */
export function exportFunction(fn: TensorFunction, args: readonly Argument[]): Uint8Array {
  const builder = new GraphBuilder('test');
  const inputs = args.map(({ dtype, shape }, index) => ({
    value: builder.input(`x${index}`, dtype, shape),
    dtype,
    shape,
  }));
  const outputs = trace(builder, fn, inputs);
  const types = tf.tidy(() => {
    const tensors = args.map((arg) => {
      const shape = arg.shape.map((size) => (size === 'batch' ? 3 : size));
      return tf.tensor(values(arg, shape), shape, arg.dtype);
    });
    const result = fn(...tensors);
    return (Array.isArray(result) ? result : [result]).map(({ dtype, rank }) => ({ dtype, rank }));
  });
  outputs.forEach((value, index) => {
    const type = types[index];
    if (type === undefined) throw new Error('an output too many');
    const dims = Array.from({ length: type.rank }, (_, axis) => `d${index}_${axis}` as 'batch');
    builder.output(value, `y${index}`, type.dtype as TraceType, dims);
  });
  return builder.finish();
}

export interface Comparison {
  readonly error: number;
  readonly problem: string | undefined;
}

/** Runs function and file on the same values and compares types, shapes and values, these to `tolerance`. */
export async function compare(
  fn: TensorFunction,
  args: readonly Argument[],
  session: ort.InferenceSession,
  rows: number,
  tolerance = 1e-6,
): Promise<Comparison> {
  const feeds: Record<string, ort.Tensor> = {};
  const concrete = args.map((arg, index) => {
    const shape = arg.shape.map((size) => (size === 'batch' ? rows : size));
    const data = values(arg, shape);
    feeds[`x${index}`] = new ort.Tensor(arg.dtype, data, shape);
    return { data, shape, dtype: arg.dtype };
  });
  const expected = tf.tidy(() => {
    const result = fn(...concrete.map(({ data, shape, dtype }) => tf.tensor(data, [...shape], dtype)));
    return (Array.isArray(result) ? result : [result]).map((tensor) => ({
      dtype: tensor.dtype,
      shape: tensor.shape,
      data: Array.from(tensor.dataSync(), Number),
    }));
  });
  const used = Object.fromEntries(session.inputNames.map((name) => [name, feeds[name] as ort.Tensor]));
  const results = await session.run(used);
  let error = 0;
  for (const [index, { dtype, shape, data }] of expected.entries()) {
    const tensor = results[`y${index}`] as ort.Tensor;
    if (tensor.type !== dtype) return { error, problem: `type ${tensor.type}, not ${dtype}` };
    if (tensor.dims.join() !== shape.join())
      return { error, problem: `shape [${tensor.dims}], not [${shape}]` };
    const actual = Array.from(tensor.data as ArrayLike<number>, Number);
    const difference = maxRelativeError(actual, data);
    if (difference > tolerance) {
      const at = actual.findIndex(
        (value, i) => maxRelativeError([value], [data[i] as number]) === difference,
      );
      return { error: difference, problem: `${actual[at]}, not ${data[at]}, at ${at} of [${shape}]` };
    }
    error = Math.max(error, difference);
  }
  return { error, problem: undefined };
}

export function openSession(file: Uint8Array): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(file, { intraOpNumThreads: 1, logSeverityLevel: 3 });
}

/** The values of one result; throws when the file has no such output. */
export function valuesOf(
  results: ort.InferenceSession.ReturnType,
  name: string,
): (number | bigint | string)[] {
  const tensor = results[name];
  if (tensor === undefined) throw new Error(`no output ${name}`);
  return [...(tensor.data as Iterable<number | bigint | string>)];
}
