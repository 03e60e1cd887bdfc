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

/** The same where a width of 0 means that there is no context, and none may be given. */
export function checkOptionalContext(context: Tensor2D | undefined, rows: number, width: number): void {
  if (width > 0) checkContext(context, rows, width);
  else if (context !== undefined) {
    throw new PushforwardError('shape', `the context is [${context.shape}]`, { mend: 'give none' });
  }
}
