import { Random, streamOf } from '../random.js';

/**
 * A Latin hypercube of `points` in (0, 1)^dims, row-major: in every coordinate each of the cells
 * [k / points, (k + 1) / points) holds one point, at its middle (McKay, Beckman and Conover 1979). A
 * mean over it is exact for sums of functions of one coordinate up to the midpoint rule. Fixed: it
 * is part of a model's definition, so that a density is the same number wherever it is computed.
 */
export function latinHypercube(points: number, dims: number): Float32Array {
  const lattice = new Float32Array(points * dims);
  for (let j = 0; j < dims; j++) {
    const order = new Random(0, streamOf('lattice', j)).permutation(points);
    for (let k = 0; k < points; k++) lattice[k * dims + j] = ((order[k] as number) + 0.5) / points;
  }
  return lattice;
}
