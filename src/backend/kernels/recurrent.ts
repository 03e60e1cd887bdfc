import type { RecurrentOptions } from '../../native/recurrentKernels.js';
import { tf } from '../../tf.js';
import type { KernelAddition, KernelCall, KernelReplacement } from '../kernel.js';
import { GRU, LSTM } from '../recurrent/kernels.js';

interface Sizes {
  readonly n: number;
  readonly steps: number;
  readonly channels: number;
  readonly units: number;
}

function sizesOf({ inputs }: KernelCall): Sizes {
  const [n, steps, channels] = (inputs.x as tf.TensorInfo).shape as [number, number, number];
  const [units] = (inputs.recurrentKernel as tf.TensorInfo).shape as [number];
  return { n, steps, channels, units };
}

function optionsOf({ attrs }: KernelCall, { steps, channels, units }: Sizes): RecurrentOptions {
  return [steps, channels, units, attrs.recurrentActivation === 'hardSigmoid', attrs.reverse === true];
}

/** An input's values; those of a tensor that shares the storage of a narrower type are converted. */
function valuesOf({ backend, inputs }: KernelCall, name: string): Float32Array {
  const values = backend.stored(inputs[name] as tf.TensorInfo) as tf.backend_util.TypedArray;
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

/** The same of an input that need not be there. */
function optionalValuesOf(call: KernelCall, name: string): Float32Array | null {
  return call.inputs[name] === undefined ? null : valuesOf(call, name);
}

function allocate({ backend }: KernelCall, ...shape: number[]): Float32Array {
  return backend.allocate('float32', tf.util.sizeFromShape(shape));
}

function adopt({ backend }: KernelCall, values: Float32Array, ...shape: number[]): tf.TensorInfo {
  return backend.adopt(values, shape, 'float32');
}

/** Parts of one array that is kept, one after the other. */
function partsOf(kept: Float32Array, lengths: readonly number[]): Float32Array[] {
  let end = 0;
  return lengths.map((length) => {
    end += length;
    return kept.subarray(end - length, end);
  });
}

/** What an LSTM keeps: the gates' activations, what went into the products, and the cells. */
function lstmKept({ n, steps, channels, units }: Sizes): number[] {
  return [steps * n * 4 * units, (steps + 1) * n * (channels + 1 + units), (steps + 1) * n * units];
}

/** What a GRU keeps: the gates' activations, what went into the products, and the inner products. */
function gruKept({ n, steps, channels, units }: Sizes): number[] {
  return [steps * n * 3 * units, (steps + 1) * n * (channels + 1 + units), steps * n * units];
}

/** Room for what a forward kernel was asked for: the outputs of all steps, and what the gradient wants kept. */
function prepare(call: KernelCall, { n, steps, units }: Sizes, lengths: readonly number[]) {
  const { sequences, keep } = call.attrs;
  const kept = keep === true ? allocate(call, tf.util.sum([...lengths])) : null;
  return {
    outputs: sequences === true ? allocate(call, n, steps, units) : null,
    kept,
    parts: kept === null ? [] : partsOf(kept, lengths),
  };
}

/** The outputs of a forward kernel. What is kept claims to have no elements, so that nobody reads it. */
function walked(
  call: KernelCall,
  { n, steps, units }: Sizes,
  state: readonly Float32Array[],
  kept: Float32Array | null,
  outputs: Float32Array | null,
): tf.TensorInfo[] {
  const made = state.map((values) => adopt(call, values, n, units));
  if (kept !== null) made.push(adopt(call, kept, 0));
  if (outputs !== null) made.push(adopt(call, outputs, n, steps, units));
  return made;
}

const lstm: KernelReplacement = {
  kernelName: LSTM.kernel,
  run: (call) => {
    const sizes = sizesOf(call);
    const { n, steps, channels, units } = sizes;
    if (n * steps * channels === 0) return null;
    const [h, c] = [allocate(call, n, units), allocate(call, n, units)];
    const { outputs, kept, parts } = prepare(call, sizes, lstmKept(sizes));
    const [gates = null, rows = null, cells = null] = parts;
    call.native.tensorLstm(
      valuesOf(call, 'x'),
      valuesOf(call, 'kernel'),
      valuesOf(call, 'recurrentKernel'),
      valuesOf(call, 'bias'),
      valuesOf(call, 'h'),
      valuesOf(call, 'c'),
      h,
      c,
      outputs,
      gates,
      rows,
      cells,
      ...optionsOf(call, sizes),
    );
    return walked(call, sizes, [h, c], kept, outputs);
  },
};

const lstmGradient: KernelAddition = {
  kernelName: LSTM.gradientKernel,
  run: (call) => {
    const sizes = sizesOf(call);
    const { n, steps, channels, units } = sizes;
    const kept = partsOf(valuesOf(call, 'kept'), lstmKept(sizes));
    const [gates, rows, cells] = kept as [Float32Array, Float32Array, Float32Array];
    const dSums = allocate(call, n, steps, 4, units);
    const dKernel = allocate(call, channels, 4, units);
    const dRecurrentKernel = allocate(call, units, 4, units);
    const dBias = allocate(call, 4, units);
    const [dh, dc] = [allocate(call, n, units), allocate(call, n, units)];
    call.native.tensorLstmGradient(
      gates,
      rows,
      cells,
      valuesOf(call, 'recurrentKernel'),
      valuesOf(call, 'd0'),
      valuesOf(call, 'd1'),
      optionalValuesOf(call, 'dOutputs'),
      dSums,
      dKernel,
      dRecurrentKernel,
      dBias,
      dh,
      dc,
      ...optionsOf(call, sizes),
    );
    return [
      adopt(call, dSums, n * steps, 4 * units),
      adopt(call, dKernel, channels, 4 * units),
      adopt(call, dRecurrentKernel, units, 4 * units),
      adopt(call, dBias, 4 * units),
      adopt(call, dh, n, units),
      adopt(call, dc, n, units),
    ];
  },
};

/** The bias of the inputs and, where the reset comes after the product, that of the state. */
function gruBiases(call: KernelCall, units: number): [Float32Array, Float32Array | null] {
  const bias = valuesOf(call, 'bias');
  const resetAfter = (call.inputs.bias as tf.TensorInfo).shape.length === 2;
  return resetAfter ? [bias.subarray(0, 3 * units), bias.subarray(3 * units)] : [bias, null];
}

const gru: KernelReplacement = {
  kernelName: GRU.kernel,
  run: (call) => {
    const sizes = sizesOf(call);
    const { n, steps, channels, units } = sizes;
    if (n * steps * channels === 0) return null;
    const h = allocate(call, n, units);
    const { outputs, kept, parts } = prepare(call, sizes, gruKept(sizes));
    const [gates = null, rows = null, inner = null] = parts;
    call.native.tensorGru(
      valuesOf(call, 'x'),
      valuesOf(call, 'kernel'),
      valuesOf(call, 'recurrentKernel'),
      ...gruBiases(call, units),
      valuesOf(call, 'h'),
      h,
      outputs,
      gates,
      rows,
      inner,
      ...optionsOf(call, sizes),
    );
    return walked(call, sizes, [h], kept, outputs);
  },
};

const gruGradient: KernelAddition = {
  kernelName: GRU.gradientKernel,
  run: (call) => {
    const sizes = sizesOf(call);
    const { n, steps, channels, units } = sizes;
    const kept = partsOf(valuesOf(call, 'kept'), gruKept(sizes));
    const [gates, rows, inner] = kept as [Float32Array, Float32Array, Float32Array];
    const dSums = allocate(call, n, steps, 3, units);
    const dKernel = allocate(call, channels, 3, units);
    const dRecurrentKernel = allocate(call, units, 3, units);
    const { shape } = call.inputs.bias as tf.TensorInfo;
    const dBias = allocate(call, ...shape);
    const isDouble = shape.length === 2;
    const dh = allocate(call, n, units);
    call.native.tensorGruGradient(
      gates,
      rows,
      inner,
      valuesOf(call, 'recurrentKernel'),
      valuesOf(call, 'd0'),
      optionalValuesOf(call, 'dOutputs'),
      dSums,
      dKernel,
      dRecurrentKernel,
      dBias.subarray(0, 3 * units),
      isDouble ? dBias.subarray(3 * units) : null,
      dh,
      ...optionsOf(call, sizes),
    );
    return [
      adopt(call, dSums, n * steps, 3 * units),
      adopt(call, dKernel, channels, 3 * units),
      adopt(call, dRecurrentKernel, units, 3 * units),
      adopt(call, dBias, ...shape),
      adopt(call, dh, n, units),
    ];
  },
};

export const recurrentKernels: readonly KernelReplacement[] = [lstm, gru];
export const recurrentGradientKernels: readonly KernelAddition[] = [lstmGradient, gruGradient];
