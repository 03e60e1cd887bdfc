import { PushforwardError } from './errors.js';

/** @throws PushforwardError `usage` for a shape of rows, or a number of latents, that is not made of whole numbers from 1. */
export function checkLatentSizes(shape: readonly number[], latentDim: number): void {
  const isWhole = [...shape, latentDim].every((size) => Number.isSafeInteger(size) && size > 0);
  if (isWhole && shape.length > 0) return;
  throw new PushforwardError('usage', `${latentDim} latents of rows of shape [${shape}]`, {
    mend: 'give whole numbers from 1',
  });
}
