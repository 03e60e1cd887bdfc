import { PushforwardError } from '../errors.js';
import { type Tensor2D, tf } from '../tf.js';

/** @throws PushforwardError `shape` when `context` is not float32 [rows, width]. */
export function checkContext(
  context: Tensor2D | undefined,
  rows: number,
  width: number,
): asserts context is Tensor2D {
  if (context?.dtype === 'float32' && tf.util.arraysEqual(context.shape, [rows, width])) return;
  const what = context === undefined ? 'missing' : `${context.dtype} [${context.shape}]`;
  throw new PushforwardError('shape', `the context is ${what}`, { mend: `give float32 [${rows}, ${width}]` });
}
