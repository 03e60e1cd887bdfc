import { nestedGradients } from '../gradients/nested.js';
import { type Tensor, tf } from '../tf.js';

/**
 * f(inputs), whose intermediate results are not kept for the gradient but computed again when it is
 * asked for: a part of a model then holds no more memory until the backward pass than its inputs and
 * its output, at the price of a second forward pass through it (Chen, Xu, Zhang and Guestrin 2016).
 * `f` must be a function of `inputs` alone, and reach its result from each of them.
 */
export function recomputed<T extends Tensor>(f: (...inputs: Tensor[]) => T, inputs: readonly Tensor[]): T {
  const op = tf.customGrad((...args) => {
    const save = args[inputs.length] as tf.GradSaveFunc;
    const tensors = args.slice(0, inputs.length) as Tensor[];
    save(tensors);
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => nestedGradients(f, saved, dy);
    return { value: f(...tensors), gradFunc };
  });
  return op(...inputs) as T;
}
