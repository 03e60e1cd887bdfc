import { damagedFile } from '../errors.js';
import type { Knots } from './marginalKnots.js';
import type { ColumnSupport } from './support.js';

/** What `ColumnTransforms.toJSON` gives. */
export interface SavedTransforms {
  readonly version: 1;
  readonly supports: readonly ColumnSupport[];
  /** One spline a column, all with as many knots; null for none. */
  readonly knots: readonly Knots[] | null;
}

const KINDS = ['affine', 'symlog', 'log', 'logit'];

/** @throws PushforwardError `damaged` for anything that is not a saved transform. */
export function parseTransforms(json: unknown): SavedTransforms {
  const { version, supports, knots } = (json ?? {}) as Partial<SavedTransforms>;
  const isSound =
    version === 1 &&
    Array.isArray(supports) &&
    supports.every(isSupport) &&
    (knots === null || isSplines(knots, supports.length));
  if (isSound) return { version, supports, knots: knots ?? null };
  throw damagedFile('transforms', 'they are not column transforms of version 1');
}

function isSupport(support: ColumnSupport): boolean {
  const { kind, shift, scale, low, high, mean, deviation } = support ?? {};
  const numbers = [shift, scale, low, high, mean, deviation];
  return KINDS.includes(kind) && numbers.every(Number.isFinite) && scale > 0 && deviation > 0 && low < high;
}

function isSplines(knots: SavedTransforms['knots'] | undefined, columns: number): boolean {
  if (!Array.isArray(knots) || knots.length !== columns) return false;
  const count = knots[0]?.x?.length ?? 0;
  return count >= 2 && knots.every((spline) => isSpline(spline, count));
}

function isSpline({ x, y, derivative }: Knots, count: number): boolean {
  const increases = (list: readonly number[]): boolean =>
    list.every((value, k) => k === 0 || value > (list[k - 1] as number));
  const lists = [x, y, derivative];
  return (
    lists.every((list) => Array.isArray(list) && list.length === count && list.every(Number.isFinite)) &&
    increases(x) &&
    increases(y) &&
    derivative.every((slope) => slope > 0)
  );
}
