import { checkWhole } from './checks.js';
import { PushforwardError } from './errors.js';

/**
 * @throws PushforwardError `usage` for a shape of rows, or a number of latents, that is not made of whole numbers from
 * 1, or a width of the context that is none from 0.
 */
export function checkLatentSizes(shape: readonly number[], latentDim: number, contextDim: number): void {
  checkWhole('contextDim', contextDim, 0);
  const isWhole = [...shape, latentDim].every((size) => Number.isSafeInteger(size) && size > 0);
  if (isWhole && shape.length > 0) return;
  throw new PushforwardError('usage', `${latentDim} latents of rows of shape [${shape}]`, {
    mend: 'give whole numbers from 1',
  });
}
