import { tf } from '../tfjs.js';
import { setGradient } from './register.js';

/** tfjs transposes the gradient of a sum along an axis that is not the last a second time. */
export function mendCumulativeSumGradient(): void {
  setGradient(tf.Cumsum, [], (dy, _, attrs) => {
    const { axis, exclusive, reverse } = attrs as { axis: number; exclusive: boolean; reverse: boolean };
    return { x: () => tf.cumsum(dy, axis, exclusive, !reverse) };
  });
}
