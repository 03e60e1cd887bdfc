import type { Layout } from '../native/tensorKernels.js';

/** The most dimensions a layout of the addon has. */
const MOST_DIMS = 16;

/**
 * The one layout of this thread, filled anew for every call: it holds until the next one is made,
 * and a fresh array would cost as much as the call it is for.
 */
const layout: Layout = new Int32Array(1 + 3 * MOST_DIMS);

const dims: number[] = [];
const firstSteps: number[] = [];
const secondSteps: number[] = [];

function begin(): void {
  dims.length = 0;
  firstSteps.length = 0;
  secondSteps.length = 0;
}

/** The next dimension outwards; it becomes one with the dimension within when they are walked as one. */
function outwards(dim: number, first: number, second: number): void {
  if (dim === 1) return;
  const last = dims.length - 1;
  const inner = dims[last];
  if (
    inner !== undefined &&
    first === inner * (firstSteps[last] as number) &&
    second === inner * (secondSteps[last] as number)
  ) {
    dims[last] = inner * dim;
    return;
  }
  dims.push(dim);
  firstSteps.push(first);
  secondSteps.push(second);
}

/** The layout of what was put in, or null when it has too many dimensions. */
function finish(): Layout | null {
  if (dims.length === 0) return single(1, 1, 1);
  const rank = dims.length;
  if (rank > MOST_DIMS) return null;
  layout[0] = rank;
  for (let i = 0; i < rank; i++) {
    const from = rank - 1 - i;
    layout[1 + i] = dims[from] as number;
    layout[1 + rank + i] = firstSteps[from] as number;
    layout[1 + 2 * rank + i] = secondSteps[from] as number;
  }
  return layout;
}

function single(dim: number, first: number, second: number): Layout {
  layout[0] = 1;
  layout[1] = dim;
  layout[2] = first;
  layout[3] = second;
  return layout;
}

/** Two arrays of `size` elements side by side. */
export function aligned(size: number): Layout {
  return single(size, 1, 1);
}

/**
 * Two row-major operands broadcast against each other as tfjs does, from the last dimension; their
 * elements are `aScale` and `bScale` places apart. Null when the shapes do not fit.
 */
export function broadcast(
  a: readonly number[],
  b: readonly number[],
  aScale = 1,
  bScale = 1,
): { layout: Layout; shape: number[] } | null {
  const rank = Math.max(a.length, b.length);
  const shape = new Array<number>(rank);
  let aStep = aScale;
  let bStep = bScale;
  begin();
  for (let i = 1; i <= rank; i++) {
    const aDim = a[a.length - i] ?? 1;
    const bDim = b[b.length - i] ?? 1;
    if (aDim !== bDim && aDim !== 1 && bDim !== 1) return null;
    const dim = aDim === 1 ? bDim : aDim;
    shape[rank - i] = dim;
    outwards(dim, aDim === 1 ? 0 : aStep, bDim === 1 ? 0 : bStep);
    aStep *= aDim;
    bStep *= bDim;
  }
  const result = finish();
  return result === null ? null : { layout: result, shape };
}

/**
 * A copy of `sizes` elements from one array to another, each with its own steps along these
 * dimensions. The order of the dimensions is changed where that serves the caches: elements that are
 * written side by side innermost, those that are read side by side next to them.
 */
export function copyLayout(
  sizes: readonly number[],
  from: readonly number[],
  to: readonly number[],
): Layout | null {
  begin();
  for (let i = sizes.length - 1; i >= 0; i--)
    outwards(sizes[i] as number, from[i] as number, to[i] as number);
  moveTo(0, secondSteps.indexOf(1));
  if (firstSteps[0] !== 1) moveTo(1, firstSteps.indexOf(1));
  return finish();
}

function moveTo(place: number, index: number): void {
  if (index <= place) return;
  for (const list of [dims, firstSteps, secondSteps]) list.splice(place, 0, ...list.splice(index, 1));
}

/** Elements from one step of each dimension to the next, for a row-major array of this shape. */
export function rowMajorSteps(shape: readonly number[]): number[] {
  const steps = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    steps[i] = step;
    step *= shape[i] as number;
  }
  return steps;
}
