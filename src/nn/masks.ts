/** 0/1 masks, row-major, of a masked autoregressive network's weights. */
export interface AutoregressiveMasks {
  /** One for each layer: [inputs, h_1], [h_1, h_2], …, [h_L, inputs]. */
  readonly weights: readonly Float32Array[];
  /** Inputs to outputs, [inputs, inputs]. */
  readonly direct: Float32Array;
}

/**
 * Masks for a network over variables that have `cardinalities[k]` inputs and as many outputs each,
 * such that the outputs of variable k depend on the inputs of variables before k alone (Germain et
 * al. 2015, MADE, equations 8 to 10, with blocks in place of single inputs).
 *
 * A hidden unit of degree m sees variables 0 … m − 1. Degrees 1 … K − 1 are dealt out in turn; with
 * one variable nothing may be seen, and the outputs are left with their bias.
 */
export function autoregressiveMasks(
  cardinalities: readonly number[],
  hidden: readonly number[],
): AutoregressiveMasks {
  const variable = cardinalities.flatMap((cardinality, k) => new Array<number>(cardinality).fill(k));
  const most = Math.max(1, cardinalities.length - 1);
  // A unit of degree m hands on what variables below m say; variable k says it to degrees above k.
  let degrees = variable.map((k) => k + 1);
  const weights: Float32Array[] = [];
  for (const width of hidden) {
    const next = Array.from({ length: width }, (_, i) => 1 + (i % most));
    weights.push(mask(degrees, next, (from, to) => from <= to));
    degrees = next;
  }
  weights.push(mask(degrees, variable, (from, k) => from <= k));
  return { weights, direct: mask(variable, variable, (from, k) => from < k) };
}

/** The 0/1 matrix [rows, columns], row-major, that is 1 where `passes`. */
export function mask(
  rows: readonly number[],
  columns: readonly number[],
  passes: (row: number, column: number) => boolean,
): Float32Array {
  const values = new Float32Array(rows.length * columns.length);
  rows.forEach((row, i) => {
    columns.forEach((column, j) => {
      values[i * columns.length + j] = passes(row, column) ? 1 : 0;
    });
  });
  return values;
}
