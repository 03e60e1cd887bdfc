import { type Tensor, tf } from '../tfjs.js';

/**
 * The gradients of f at the inputs, along dy where f is no scalar, from within a gradient function. The
 * gradient within a gradient clears the engine's tape when it is done, and so does the one around it.
 */
export function nestedGradients(
  f: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  dy?: Tensor,
): Tensor[] {
  const { state } = tf.engine();
  const tape = state.activeTape;
  const gradients = tf.grads(f)([...inputs], dy);
  state.activeTape = tape;
  return gradients;
}
