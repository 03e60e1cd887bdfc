/** Share of the learning rate that is left at the end of the cosine. */
const FINAL_SHARE = 0.02;
const WARM_UP_STEPS = 50;

/**
 * Learning rate of update `step` (from 1) of `total`: linear warm-up, then half a cosine down to
 * 2 % (Loshchilov and Hutter 2017, equation 5, without restarts).
 */
export function cosineRate(learningRate: number, step: number, total: number): number {
  const warmUp = Math.min(WARM_UP_STEPS, total);
  if (step <= warmUp) return (learningRate * step) / warmUp;
  const progress = Math.min(1, (step - warmUp) / Math.max(1, total - warmUp));
  return learningRate * (FINAL_SHARE + ((1 - FINAL_SHARE) * (1 + Math.cos(Math.PI * progress))) / 2);
}
