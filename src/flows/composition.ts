import type { BaseDistribution } from '../distributions/base.js';
import { checkContext } from '../distributions/context.js';
import { PushforwardError } from '../errors.js';
import type { Tensor2D } from '../tf.js';
import type { Bijection } from './bijection.js';

/** @throws PushforwardError `usage` when the parts of a flow do not fit each other or the context. */
export function checkComposition(
  dim: number,
  contextDim: number,
  bijections: readonly Bijection[],
  base: BaseDistribution,
): void {
  if (bijections.length === 0) {
    throw new PushforwardError('usage', 'a flow without bijections', { mend: 'give at least one' });
  }
  const parts = [...bijections, base];
  parts.forEach((part, i) => {
    const where = i < bijections.length ? `layer ${i} (${part.kind})` : `base (${part.kind})`;
    if (part.dim !== dim) {
      throw new PushforwardError('usage', `it has ${part.dim} dimensions in a flow of ${dim}`, { where });
    }
    if (part.contextDim !== 0 && part.contextDim !== contextDim) {
      const what = `it takes a context of ${part.contextDim} in a flow with one of ${contextDim}`;
      throw new PushforwardError('usage', what, { where });
    }
  });
  if (contextDim > 0 && parts.every((part) => part.contextDim === 0)) {
    throw new PushforwardError('usage', 'neither a bijection nor the base takes the context', {
      mend: 'leave contextDim at 0, or give a part that takes context',
    });
  }
}

/** @throws PushforwardError `shape` for rows and context that a flow of these widths does not take. */
export function checkRows(
  rows: Tensor2D,
  context: Tensor2D | undefined,
  { dim, contextDim }: { readonly dim: number; readonly contextDim: number },
): void {
  if (rows.rank !== 2 || rows.shape[1] !== dim || rows.dtype !== 'float32') {
    throw new PushforwardError('shape', `rows are ${rows.dtype} [${rows.shape}]`, {
      mend: `give float32 [n, ${dim}]`,
    });
  }
  if (contextDim > 0) checkContext(context, rows.shape[0], contextDim);
  else if (context !== undefined) {
    throw new PushforwardError('shape', 'this flow takes no context', { mend: 'leave the context out' });
  }
}
