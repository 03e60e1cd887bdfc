import type { ExecutionContext } from 'ava';
import '../../src/backend/index.js';
import { tf } from '../../src/tf.js';
import type { Input, KernelCase, Tolerance, Values } from './cases/inputs.js';

export interface Output {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: Values;
}

/** What a function of no arguments gives on one backend, copied out; its tensors are freed. */
export function outputsOn(backend: string, make: () => tf.Tensor | tf.Tensor[]): Output[] {
  void tf.setBackend(backend);
  const outputs: Output[] = [];
  // Not handed out through tidy, which looks for tensors in every element of an array.
  tf.tidy(() => {
    for (const tensor of [make()].flat()) {
      outputs.push({ dtype: tensor.dtype, shape: tensor.shape, values: tensor.dataSync().slice() as Values });
    }
  });
  return outputs;
}

function tensorOf({ values, shape, dtype }: Input): tf.Tensor {
  // A copy, because tfjs keeps the array that it is given.
  return tf.tensor(values.slice(), shape, dtype);
}

/** Runs the kernel of a backend by its name. */
export function runCase(backend: string, { kernel, inputs, attrs }: KernelCase): Output[] {
  return outputsOn(backend, () => {
    const tensors = Array.isArray(inputs)
      ? inputs.map(tensorOf)
      : Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, tensorOf(input as Input)]));
    return tf.engine().runKernel(kernel, tensors as tf.NamedTensorMap, attrs as tf.NamedAttrMap) as
      | tf.Tensor
      | tf.Tensor[];
  });
}

function agree(actual: number, expected: number, tolerance: Tolerance | undefined): boolean {
  if (Object.is(actual, expected)) return true;
  if (tolerance === undefined || !Number.isFinite(expected)) return false;
  return Math.abs(actual - expected) <= tolerance.relative * Math.abs(expected) + tolerance.absolute;
}

/** The first place where two outputs differ by more than they may, in words; undefined when there is none. */
export function difference(
  actual: readonly Output[],
  expected: readonly Output[],
  tolerance?: Tolerance,
): string | undefined {
  if (actual.length !== expected.length) return `${actual.length} outputs, not ${expected.length}`;
  for (const [k, output] of actual.entries()) {
    const wanted = expected[k] as Output;
    if (output.dtype !== wanted.dtype) return `output ${k} is ${output.dtype}, not ${wanted.dtype}`;
    if (output.shape.join() !== wanted.shape.join())
      return `output ${k} is [${output.shape}], not [${wanted.shape}]`;
    if (output.values.length !== wanted.values.length)
      return `output ${k} has ${output.values.length} values`;
    for (let i = 0; i < wanted.values.length; i++) {
      const [a, b] = [output.values[i] as number, wanted.values[i] as number];
      if (!agree(a, b, tolerance)) return `output ${k} at ${i} is ${a}, not ${b}`;
    }
  }
  return undefined;
}

/** One line for a failed case. */
export function describe({ kernel, inputs, attrs }: KernelCase): string {
  const shapes = Object.entries(inputs).map(([name, input]) => {
    const { dtype, shape } = input as Input;
    return `${name} ${dtype}[${shape}]`;
  });
  return `${kernel}(${shapes.join(', ')}) ${JSON.stringify(attrs)}`;
}

/** Holds every case against the CPU backend. */
export function holdAgainstCpu(t: ExecutionContext, cases: readonly KernelCase[]): void {
  for (const given of cases) {
    const wrong = difference(runCase('native', given), runCase('cpu', given), given.tolerance);
    if (wrong !== undefined) t.fail(`${describe(given)}: ${wrong}`);
  }
  t.pass();
}
