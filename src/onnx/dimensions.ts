import { PushforwardError } from '../errors.js';

/** A size that grows with the number of rows: `batches` times it. */
export interface BatchMultiple {
  readonly batches: number;
}

/** A size in a traced graph: a number, or a multiple of the number of rows. */
export type Size = number | BatchMultiple;

/** An attribute of a recorded kernel once two runs were laid over each other. */
export type Symbolic = Size | string | boolean | null | undefined | readonly Symbolic[];

/**
 * The two numbers of rows a function is run with. They differ in parity and in every small modulus, so
 * that what depends on the number of rows otherwise than in proportion shows.
 */
export const BATCH_SIZES = [11, 18] as const;

export function isBatchMultiple(value: unknown): value is BatchMultiple {
  return typeof value === 'object' && value !== null && 'batches' in value;
}

export function sameSize(a: Size, b: Size): boolean {
  if (isBatchMultiple(a)) return isBatchMultiple(b) && a.batches === b.batches;
  return a === b;
}

export function sameSizes(a: readonly Size[], b: readonly Size[]): boolean {
  return a.length === b.length && a.every((size, axis) => sameSize(size, b[axis] as Size));
}

/** a + b, where it is again a number or a multiple of the number of rows; undefined where not. */
export function addSizes(a: Size, b: Size): Size | undefined {
  if (a === 0) return b;
  if (b === 0) return a;
  if (isBatchMultiple(a)) return isBatchMultiple(b) ? { batches: a.batches + b.batches } : undefined;
  return isBatchMultiple(b) ? undefined : a + b;
}

/** What a number of the first run and the same number of the second have in common. */
function unifyNumbers(first: number, second: number): Size | undefined {
  if (Object.is(first, second)) return first;
  const batches = (second - first) / (BATCH_SIZES[1] - BATCH_SIZES[0]);
  const proportional = Number.isInteger(batches) && batches > 0 && first === batches * BATCH_SIZES[0];
  return proportional ? { batches } : undefined;
}

/** The shape that two runs share. Throws `unsupported` when it is not in proportion to the rows. */
export function unifyShapes(first: readonly number[], second: readonly number[], where: string): Size[] {
  const sizes = first.map((size, axis) => unifyNumbers(size, second[axis] ?? -1));
  if (first.length !== second.length || sizes.includes(undefined)) {
    throw new PushforwardError(
      'unsupported',
      `a shape is [${first.join(', ')}] for ${BATCH_SIZES[0]} rows and [${second.join(', ')}] for ${BATCH_SIZES[1]}, which is not in proportion to the rows`,
      { where },
    );
  }
  return sizes as Size[];
}

/** An attribute that two runs share. Throws `unsupported` naming it when they disagree. */
export function unifyAttribute(first: unknown, second: unknown, where: string): Symbolic {
  if (Array.isArray(first) && Array.isArray(second) && first.length === second.length) {
    return first.map((element, index) => unifyAttribute(element, second[index], where));
  }
  if (typeof first === 'number' && typeof second === 'number') {
    const size = unifyNumbers(first, second);
    if (size !== undefined) return size;
  }
  const plain =
    typeof first === 'string' || typeof first === 'boolean' || first === null || first === undefined;
  if (plain && first === second) return first;
  throw new PushforwardError(
    'unsupported',
    `it is ${JSON.stringify(first)} for ${BATCH_SIZES[0]} rows and ${JSON.stringify(second)} for ${BATCH_SIZES[1]}, which is not in proportion to the rows`,
    { where },
  );
}
