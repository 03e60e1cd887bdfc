/** The columns that drive a coupling, and those that it transforms. */
export interface Parts {
  readonly identity: readonly number[];
  readonly transformed: readonly number[];
}

/** The first half of the columns and the rest, which change parts from step to step. */
export function halves(dim: number, step: number): Parts {
  const columns = Array.from({ length: dim }, (_, i) => i);
  const half = Math.floor(dim / 2);
  return alternate(columns.slice(0, half), columns.slice(half), step);
}

/** The odd columns and the even ones, which change parts from step to step. */
export function parities(dim: number, step: number): Parts {
  const columns = Array.from({ length: dim }, (_, i) => i);
  return alternate(
    columns.filter((i) => i % 2 === 1),
    columns.filter((i) => i % 2 === 0),
    step,
  );
}

/** One column alone is transformed in every step, driven by the context. */
function alternate(first: readonly number[], second: readonly number[], step: number): Parts {
  return step % 2 === 0 || first.length === 0
    ? { identity: first, transformed: second }
    : { identity: second, transformed: first };
}
