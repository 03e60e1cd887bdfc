export interface RmsPropOptions {
  readonly learningRate: number;
  /** Share of the running mean of squares that a step keeps. */
  readonly decay: number;
  readonly epsilon: number;
}

/**
 * One update of RMSProp (Tieleman and Hinton 2012, lecture 6e) of `parameters` and of the running mean of squares `v`
 * in place: p −= rate · g / (√v + ε).
 * @returns the gradient's Euclidean norm; when that is not finite, nothing was changed.
 */
export function rmsPropStep(
  parameters: Float32Array,
  gradient: Float32Array,
  v: Float32Array,
  { learningRate, decay, epsilon }: RmsPropOptions,
): number {
  let squares = 0;
  for (const g of gradient) squares += g * g;
  const norm = Math.sqrt(squares);
  if (!Number.isFinite(norm)) return norm;
  for (let i = 0; i < parameters.length; i++) {
    const g = gradient[i] as number;
    const square = decay * (v[i] as number) + (1 - decay) * g * g;
    v[i] = square;
    parameters[i] = (parameters[i] as number) - (learningRate * g) / (Math.sqrt(square) + epsilon);
  }
  return norm;
}
