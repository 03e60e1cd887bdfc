import type { Elements, TensorKernels } from '../native/tensorKernels.js';
import { tf } from '../tf.js';
import type { ElementType, NativeBackend } from './backend.js';

/** One call of a kernel, as tfjs makes it. */
export interface KernelCall {
  readonly inputs: tf.NamedTensorInfoMap;
  readonly attrs: tf.NamedAttrMap;
  readonly backend: NativeBackend;
  /** The addon's functions. */
  readonly native: TensorKernels;
}

/**
 * A kernel of the CPU backend replaced. `run` gives null, having done nothing, for a call that the CPU
 * kernel answers as well or better: another type, an empty tensor, arguments that it refuses.
 */
export interface KernelReplacement {
  readonly kernelName: string;
  readonly run: (call: KernelCall) => tf.TensorInfo | tf.TensorInfo[] | null;
}

/** A kernel that the CPU backend has no counterpart of. */
export interface KernelAddition {
  readonly kernelName: string;
  readonly run: (call: KernelCall) => tf.TensorInfo | tf.TensorInfo[];
}

/** An input with its array. */
export interface Operand<T extends Elements = Elements> {
  readonly values: T;
  readonly shape: number[];
  readonly dtype: ElementType;
}

/** A tensor whose stored array is what its type says, without gaps and not empty; else null. */
export function operand(call: KernelCall, tensor: tf.TensorInfo | undefined): Operand | null {
  if (tensor === undefined || tensor === null) return null;
  const { shape, dtype } = tensor;
  const values = call.backend.stored(tensor);
  const fits =
    (dtype === 'float32' && values instanceof Float32Array) ||
    (dtype === 'int32' && values instanceof Int32Array) ||
    (dtype === 'bool' && values instanceof Uint8Array);
  if (!fits || values.length === 0 || values.length !== tf.util.sizeFromShape(shape)) return null;
  return { values: values as Elements, shape, dtype: dtype as ElementType };
}

/** The same for float32 alone. */
export function floatOperand(
  call: KernelCall,
  tensor: tf.TensorInfo | undefined,
): Operand<Float32Array> | null {
  const found = operand(call, tensor);
  return found !== null && found.values instanceof Float32Array ? (found as Operand<Float32Array>) : null;
}

/** The same for int32 alone. */
export function integerOperand(
  call: KernelCall,
  tensor: tf.TensorInfo | undefined,
): Operand<Int32Array> | null {
  const found = operand(call, tensor);
  return found !== null && found.values instanceof Int32Array ? (found as Operand<Int32Array>) : null;
}

/** The array of a float32 tensor, which may be stored as one of another type. */
export function storedFloats({ backend }: KernelCall, tensor: tf.TensorInfo): Float32Array {
  const values = backend.stored(tensor);
  return values instanceof Float32Array ? values : Float32Array.from(values as ArrayLike<number>);
}

/** A kernel of float32 that takes an input of int32 or bool as float32 too. */
export function converting({ kernelName, run }: KernelReplacement, input: string): KernelReplacement {
  return {
    kernelName,
    run: (call) => {
      const x = operand(call, call.inputs[input]);
      if (x === null || x.dtype === 'float32') return run(call);
      const { backend, native } = call;
      const values = backend.allocate('float32', x.values.length);
      native.tensorConvert(x.values, values);
      const converted = backend.adopt(values, x.shape, 'float32');
      try {
        return run({ ...call, inputs: { ...call.inputs, [input]: converted } });
      } finally {
        backend.disposeIntermediateTensorInfo(converted);
      }
    },
  };
}

/** Tensors of a kernel whose inputs are a list, which tfjs passes in place of the map. */
export function inputList(call: KernelCall): tf.TensorInfo[] {
  return call.inputs as unknown as tf.TensorInfo[];
}
