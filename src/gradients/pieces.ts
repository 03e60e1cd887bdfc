import { type Tensor, tf } from '../tfjs.js';
import { changeGradient } from './register.js';

/** Kernels of as many outputs as the call asks for, whose gradients put together a list of cotangents. */
const CUTS = [tf.SplitV, tf.Unpack];

/** tfjs hands the one cotangent of one output on by itself, no list; the gradients then throw. */
export function listCotangentsOfPieces(): void {
  for (const kernelName of CUTS) {
    changeGradient(kernelName, (gradient) => (dy, saved, attrs) => {
      const all = dy instanceof tf.Tensor ? [dy] : dy;
      return gradient(all as unknown as Tensor, saved, attrs);
    });
  }
}
