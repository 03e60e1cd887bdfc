import { type Tensor, tf } from '../tfjs.js';

/** Gradients by the names of the inputs, of a kernel with one output. */
export type Gradient = (
  dy: Tensor,
  saved: Tensor[],
  attrs: tf.NamedAttrMap,
) => { [input: string]: () => Tensor };

/**
 * Registers the gradient of a kernel in place of the one there may be. So that it has gradients of every
 * order itself, it is made of ops and of kernels that have one, and never gives `dy` out as it is.
 */
export function setGradient(
  kernelName: string,
  inputsToSave: string[],
  gradient: Gradient,
  outputsToSave: boolean[] = [],
): void {
  replaceGradient({ kernelName, inputsToSave, outputsToSave, gradFunc: gradient as tf.GradFunc });
}

/** Gradients that `changeGradient` has made. */
const changed = new WeakSet<tf.GradFunc>();

/** Puts a gradient made of the one there is in its place, if that was not made in this way itself. */
export function changeGradient(kernelName: string, change: (gradient: Gradient) => Gradient): void {
  const config = tf.getGradient(kernelName);
  if (changed.has(config.gradFunc)) return;
  const gradFunc = change(config.gradFunc as unknown as Gradient) as tf.GradFunc;
  changed.add(gradFunc);
  replaceGradient({ ...config, gradFunc });
}

function replaceGradient(config: tf.GradConfig): void {
  // Registering over one warns in tfjs' debug mode.
  if (tf.getGradient(config.kernelName) !== undefined) tf.unregisterGradient(config.kernelName);
  tf.registerGradient(config);
}

/** Runs a kernel that no op of tfjs gives out. */
export function run(kernelName: string, inputs: tf.NamedTensorMap, attrs: tf.NamedAttrMap = {}): Tensor {
  return tf.engine().runKernel(kernelName, inputs, attrs) as Tensor;
}

/** The gradient of what an input decides only by steps. */
export function noGradient(input: Tensor): () => Tensor {
  return () => tf.zeros(input.shape);
}
