import type { TensorKernels } from '../native/tensorKernels.js';
import { tf } from '../tf.js';
import { NativeBackend } from './backend.js';
import { fuseBatchNormalization } from './batchNormalization.js';
import { ensureHostKernels } from './hostKernels.js';
import type { KernelAddition, KernelCall, KernelReplacement } from './kernel.js';
import { binaryKernels } from './kernels/binary.js';
import { castKernels } from './kernels/cast.js';
import { convolutionKernels } from './kernels/convolution.js';
import { copyKernels } from './kernels/copy.js';
import { crossEntropyAdditions } from './kernels/crossEntropy.js';
import { fillKernels } from './kernels/fill.js';
import { gatherKernels } from './kernels/gather.js';
import { linearAlgebraKernels } from './kernels/linearAlgebra.js';
import { logicKernels } from './kernels/logic.js';
import { matMulKernels } from './kernels/matMul.js';
import { normaliseAdditions, normaliseKernels } from './kernels/normalise.js';
import { poolKernels } from './kernels/pool.js';
import { recurrentGradientKernels, recurrentKernels } from './kernels/recurrent.js';
import { reduceKernels } from './kernels/reduce.js';
import { resizeKernels } from './kernels/resize.js';
import { stackKernels } from './kernels/stack.js';
import { unaryAdditions, unaryKernels } from './kernels/unary.js';
import { fuseAdam } from './optimizers.js';
import { ensureRecurrentKernels } from './recurrent/kernels.js';
import { fuseRecurrentLayers } from './recurrent/layers.js';

/** The name of the backend; tfjs splits registry keys at underscores, so it holds none. */
export const NATIVE_BACKEND = 'native';

/** Above the CPU backend's 1, below the 3 of the tensorflow backend that a user may install. */
const PRIORITY = 2;

/** All kernels that this backend has of its own, family by family. */
export const replacements: readonly KernelReplacement[] = [
  ...unaryKernels,
  ...binaryKernels,
  ...logicKernels,
  ...castKernels,
  ...reduceKernels,
  ...matMulKernels,
  ...linearAlgebraKernels,
  ...recurrentKernels,
  ...convolutionKernels,
  ...poolKernels,
  ...resizeKernels,
  ...normaliseKernels,
  ...gatherKernels,
  ...copyKernels,
  ...stackKernels,
  ...fillKernels,
];

/** Kernels that this backend alone has. */
const additions: readonly KernelAddition[] = [
  ...unaryAdditions,
  ...recurrentGradientKernels,
  ...normaliseAdditions,
  ...crossEntropyAdditions,
];

/** Registers the backend and its kernels; false when another copy of this library has done so. */
export function registerNativeBackend(native: TensorKernels): boolean {
  // null, whatever the typings say, where there is none.
  if (tf.findBackendFactory(NATIVE_BACKEND) !== null) return false;
  ensureHostKernels('cpu');
  ensureRecurrentKernels('cpu');
  tf.copyRegisteredKernels('cpu', NATIVE_BACKEND);
  for (const replacement of replacements) replace(replacement, native);
  for (const addition of additions) add(addition, native);
  fuseAdam();
  fuseRecurrentLayers();
  fuseBatchNormalization();
  return tf.registerBackend(NATIVE_BACKEND, () => new NativeBackend(native), PRIORITY);
}

function replace({ kernelName, run }: KernelReplacement, native: TensorKernels): void {
  const { kernelFunc } = tf.getKernel(kernelName, 'cpu');
  tf.unregisterKernel(kernelName, NATIVE_BACKEND);
  register(kernelName, (parameters) => run(callOf(parameters, native)) ?? kernelFunc(parameters));
}

function add({ kernelName, run }: KernelAddition, native: TensorKernels): void {
  register(kernelName, (parameters) => run(callOf(parameters, native)));
}

function register(kernelName: string, kernelFunc: tf.KernelFunc): void {
  tf.registerKernel({ kernelName, backendName: NATIVE_BACKEND, kernelFunc });
}

function callOf({ inputs, attrs, backend }: Parameters<tf.KernelFunc>[0], native: TensorKernels): KernelCall {
  return { inputs, attrs: attrs ?? {}, backend: backend as NativeBackend, native };
}
