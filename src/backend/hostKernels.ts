/**
 * Kernels that tfjs has none of, for every backend: they read tensors to the host and write results
 * back. A backend with something faster replaces them under the same names.
 */
import { tf } from '../tf.js';
import { luFactor, luSolve, triangularSolve } from './hostLinearAlgebra.js';

/** Input a [..., n, n]; outputs lu [..., n, n], order [..., n] int32, sign [...], logAbsDet [...]. */
export const LU_FACTOR = 'PushforwardLuFactor';
/** Inputs lu [..., n, n], order [..., n], b [..., n, k], attribute transpose; output x [..., n, k]. */
export const LU_SOLVE = 'PushforwardLuSolve';
/** Inputs t [..., n, n], b [..., n, k], attributes lower, unitDiagonal, transpose; output x [..., n, k]. */
export const TRIANGULAR_SOLVE = 'PushforwardTriangularSolve';

interface HostTensor {
  readonly values: tf.backend_util.TypedArray;
  readonly shape: number[];
}

type HostRun = (
  inputs: Readonly<Record<string, HostTensor>>,
  attrs: Readonly<Record<string, unknown>>,
) => HostTensor | HostTensor[];

const hostKernels: Readonly<Record<string, HostRun>> = {
  [LU_FACTOR]: ({ a }) => {
    const matrices = asMatrices(a as HostTensor);
    const { lu, order, sign, logAbsDet } = luFactor(matrices);
    const { shape } = a as HostTensor;
    return [
      { values: lu, shape },
      { values: order, shape: shape.slice(0, -1) },
      { values: sign, shape: shape.slice(0, -2) },
      { values: logAbsDet, shape: shape.slice(0, -2) },
    ];
  },
  [LU_SOLVE]: ({ lu, order, b }, { transpose }) => {
    const { values, batch, n } = asMatrices(lu as HostTensor);
    const factors = { lu: values, order: (order as HostTensor).values };
    const right = rightSides(b as HostTensor);
    const x = luSolve(factors, { batch, n, transpose: transpose === true }, right);
    return { values: x, shape: (b as HostTensor).shape };
  },
  [TRIANGULAR_SOLVE]: ({ t, b }, { lower, unitDiagonal, transpose }) => {
    const triangle = {
      lower: lower === true,
      unitDiagonal: unitDiagonal === true,
      transpose: transpose === true,
    };
    const x = triangularSolve(asMatrices(t as HostTensor), triangle, rightSides(b as HostTensor));
    return { values: x, shape: (b as HostTensor).shape };
  },
};

/** Gives a backend the kernels of this file that it lacks; quick where it lacks none. */
export function ensureHostKernels(backendName: string): void {
  for (const [kernelName, run] of Object.entries(hostKernels)) {
    // undefined, whatever the typings say, where there is none.
    if (tf.getKernel(kernelName, backendName) !== undefined) continue;
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs, backend }) => {
        const { readSync, write } = hostAccess(backend as tf.KernelBackend);
        const read = Object.entries(inputs).map(([name, info]) => [
          name,
          { values: readSync(info as tf.TensorInfo), shape: (info as tf.TensorInfo).shape },
        ]);
        const results = run(Object.fromEntries(read), attrs ?? {});
        return Array.isArray(results) ? results.map(write) : write(results);
      },
    });
  }
}

function hostAccess(backend: tf.KernelBackend) {
  return {
    readSync: (info: tf.TensorInfo) => backend.readSync(info.dataId) as tf.backend_util.TypedArray,
    write: ({ values, shape }: HostTensor): tf.TensorInfo => {
      const dtype = values instanceof Int32Array ? 'int32' : 'float32';
      return { dataId: backend.write(values, shape, dtype), shape, dtype };
    },
  };
}

function asMatrices({ values, shape }: HostTensor): {
  values: tf.backend_util.TypedArray;
  batch: number;
  n: number;
} {
  return { values, batch: tf.util.sizeFromShape(shape.slice(0, -2)), n: shape[shape.length - 1] as number };
}

function rightSides({ values, shape }: HostTensor): { values: tf.backend_util.TypedArray; columns: number } {
  return { values, columns: shape[shape.length - 1] as number };
}
