import { loadAddon } from '../native/index.js';

/**
 * Moves a running mean of weights by a share, in (0, 1], of the way to `values`, in place and in the addon where it
 * is loaded.
 */
export function updateRunningMean(mean: Float32Array, values: Float32Array, share: number): void {
  const addon = loadAddon();
  if (addon === null) plainUpdate(mean, values, share);
  else addon.runningMean(mean, values, share);
}

function plainUpdate(mean: Float32Array, values: Float32Array, share: number): void {
  for (let i = 0; i < mean.length; i++) {
    const before = mean[i] as number;
    mean[i] = before + share * ((values[i] as number) - before);
  }
}
