import type { AdamOptions } from '../native/addon.js';
import { loadAddon } from '../native/index.js';

/**
 * One AdamW update (Kingma and Ba 2015, algorithm 1; decoupled decay of Loshchilov and Hutter 2019,
 * algorithm 2) of `parameters`, `m` and `v` in place, in the addon where it is loaded.
 *
 * The gradient is first scaled down to the norm `clipNorm` where it is longer.
 * @returns the gradient's Euclidean norm before clipping; when that is not finite, nothing was changed.
 */
export function adamStep(
  parameters: Float32Array,
  gradient: Float32Array,
  m: Float32Array,
  v: Float32Array,
  options: AdamOptions,
): number {
  const addon = loadAddon();
  return addon === null
    ? adamStepReference(parameters, gradient, m, v, options)
    : addon.adamStep(parameters, gradient, m, v, options);
}

/** The same update as a plain loop: the fallback, and what the addon's is tested against. */
export function adamStepReference(
  parameters: Float32Array,
  gradient: Float32Array,
  m: Float32Array,
  v: Float32Array,
  { learningRate, beta1, beta2, epsilon, weightDecay, step, clipNorm }: AdamOptions,
): number {
  let squares = 0;
  for (const g of gradient) squares += g * g;
  const norm = Math.sqrt(squares);
  if (!Number.isFinite(norm)) return norm;
  const scale = norm > clipNorm ? clipNorm / norm : 1;
  const rate = learningRate / (1 - beta1 ** step);
  const correction = 1 / (1 - beta2 ** step);
  for (let i = 0; i < parameters.length; i++) {
    const g = (gradient[i] as number) * scale;
    const mean = beta1 * (m[i] as number) + (1 - beta1) * g;
    const square = beta2 * (v[i] as number) + (1 - beta2) * g * g;
    m[i] = mean;
    v[i] = square;
    const decayed = (parameters[i] as number) * (1 - learningRate * weightDecay);
    parameters[i] = decayed - (rate * mean) / (Math.sqrt(square * correction) + epsilon);
  }
  return norm;
}
