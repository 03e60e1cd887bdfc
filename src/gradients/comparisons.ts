import { type Tensor, tf } from '../tfjs.js';
import { noGradient, setGradient } from './register.js';

const COMPARISONS = [tf.Equal, tf.NotEqual, tf.Greater, tf.GreaterEqual, tf.Less, tf.LessEqual];

/**
 * Zero. tfjs has no gradient of most comparisons, and throws where a tape leads through one: in
 * `where(x > c, …)`, and in the second derivative of whatever compares in its first, such as leakyRelu,
 * prelu, relu6, selu, maximum, minimum, max and min.
 */
export function registerComparisonGradients(): void {
  for (const kernelName of COMPARISONS) {
    setGradient(kernelName, ['a', 'b'], (_, saved) => {
      const [a, b] = saved as [Tensor, Tensor];
      return { a: noGradient(a), b: noGradient(b) };
    });
  }
}
