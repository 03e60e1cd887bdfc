/** Of its length, what a vector must keep when the others' parts are taken out to count as a new direction. */
const LEAST_SHARE = 1e-5;

/**
 * For each of `rows` rows an orthonormal basis of what its vectors span: vector k of row i is
 * vectors[k][i · dim ...]. By Gram and Schmidt twice over, after which orthogonality holds to rounding
 * (Giraud, Langou and Rozložník 2005), in double precision. A vector that adds no direction beyond the
 * rounding of its float32 numbers becomes 0, and so do those that are not finite.
 *
 * @returns as many arrays [rows, dim]
 */
export function orthonormalBases(
  vectors: readonly ArrayLike<number>[],
  rows: number,
  dim: number,
): Float32Array[] {
  const bases = vectors.map(() => new Float32Array(rows * dim));
  const work = vectors.map(() => new Float64Array(dim));
  for (let row = 0; row < rows; row++) {
    for (const [k, v] of work.entries()) {
      const given = vectors[k] as ArrayLike<number>;
      for (let i = 0; i < dim; i++) v[i] = given[row * dim + i] as number;
      const before = length(v);
      for (let pass = 0; pass < 2; pass++) {
        for (let other = 0; other < k; other++) removePart(v, work[other] as Float64Array);
      }
      const after = length(v);
      const scale = after > LEAST_SHARE * before && Number.isFinite(after) ? 1 / after : 0;
      for (let i = 0; i < dim; i++) v[i] = scale === 0 ? 0 : scale * (v[i] as number);
      (bases[k] as Float32Array).set(v, row * dim);
    }
  }
  return bases;
}

function removePart(v: Float64Array, direction: Float64Array): void {
  let along = 0;
  for (let i = 0; i < v.length; i++) along += (v[i] as number) * (direction[i] as number);
  for (let i = 0; i < v.length; i++) v[i] = (v[i] as number) - along * (direction[i] as number);
}

function length(v: Float64Array): number {
  let squares = 0;
  for (const x of v) squares += x * x;
  return Math.sqrt(squares);
}
