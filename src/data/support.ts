import { type Tensor, type Tensor2D, tf } from '../tf.js';

/**
 * The shape of a column's first transform, of u = (x − shift) / scale: `affine` u; `symlog`
 * sign(u) log(1 + |u|), which is straight near 0 and logarithmic far out on both sides; `log` log u, for a
 * support with a lower bound; `logit` log u − log(1 − u), for one with two.
 */
export type SupportKind = 'affine' | 'symlog' | 'log' | 'logit';

/** y = (f((x − shift) / scale) − mean) / deviation between low and high, and straight on outside of them. */
export interface ColumnSupport {
  readonly kind: SupportKind;
  readonly shift: number;
  readonly scale: number;
  readonly low: number;
  readonly high: number;
  readonly mean: number;
  readonly deviation: number;
}

/**
 * Takes each column from its support to the whole line, elementwise. Outside [low, high] the map goes on
 * as a straight line with the slope that it has there, so it is a bijection of the line whose logarithms
 * never see an argument near 0, whatever the input.
 *
 * @param x [n, d]
 * @returns y [n, d] and log(dy/dx) [n, d], in nats, per element
 */
export function supportForward(
  x: Tensor2D,
  columns: readonly ColumnSupport[],
): { y: Tensor2D; logDet: Tensor2D } {
  return tf.tidy(() => {
    const { low, high } = knees(columns);
    const clamped = tf.minimum(tf.maximum(x, low.x), high.x);
    const { y, logDet } = bend(clamped, columns);
    const beyond = tf.sub(x, clamped);
    const above = tf.mul(tf.relu(beyond), high.slope);
    const below = tf.mul(tf.relu(tf.neg(beyond)), low.slope);
    return { y: tf.sub(tf.add(y, above), below) as Tensor2D, logDet: logDet as Tensor2D };
  });
}

/** The inverse map, y [n, d] to x [n, d]. */
export function supportInverse(y: Tensor2D, columns: readonly ColumnSupport[]): Tensor2D {
  return tf.tidy(() => {
    const { low, high } = knees(columns);
    const clamped = tf.minimum(tf.maximum(y, low.y), high.y);
    const beyond = tf.sub(y, clamped);
    const above = tf.div(tf.relu(beyond), high.slope);
    const below = tf.div(tf.relu(tf.neg(beyond)), low.slope);
    return tf.sub(tf.add(unbend(clamped, columns), above), below) as Tensor2D;
  });
}

/** The map at the two ends of its bent part, each tensor [1, d]. */
function knees(
  columns: readonly ColumnSupport[],
): Record<'low' | 'high', { x: Tensor; y: Tensor; slope: Tensor }> {
  const at = (end: 'low' | 'high'): { x: Tensor; y: Tensor; slope: Tensor } => {
    const x = row(columns, (column) => column[end]);
    const { y, logDet } = bend(x, columns);
    return { x, y, slope: tf.exp(logDet) };
  };
  return { low: at('low'), high: at('high') };
}

/** The bent part. A column of another kind gives each formula an argument at which it is 0. */
function bend(x: Tensor, columns: readonly ColumnSupport[]): { y: Tensor; logDet: Tensor } {
  const u = tf.mul(
    tf.sub(
      x,
      row(columns, ({ shift }) => shift),
    ),
    row(columns, ({ scale }) => 1 / scale),
  );
  const values: Tensor[] = [];
  const logSlopes: Tensor[] = [row(columns, ({ scale, deviation }) => -Math.log(scale * deviation))];
  if (has(columns, 'affine')) values.push(tf.mul(u, mask(columns, 'affine')));
  if (has(columns, 'symlog')) {
    const [positive, negative] = signedParts(tf.mul(u, mask(columns, 'symlog')));
    const right = tf.log(tf.add(1, positive));
    const left = tf.log(tf.add(1, negative));
    values.push(tf.sub(right, left));
    logSlopes.push(tf.neg(tf.add(right, left)));
  }
  if (has(columns, 'log')) {
    const value = tf.log(neutral(u, columns, 'log', 1));
    values.push(value);
    logSlopes.push(tf.neg(value));
  }
  if (has(columns, 'logit')) {
    const share = neutral(u, columns, 'logit', 0.5);
    const value = tf.log(share);
    const rest = tf.log(tf.sub(1, share));
    values.push(tf.sub(value, rest));
    logSlopes.push(tf.mul(tf.neg(tf.add(value, rest)), mask(columns, 'logit')));
  }
  const centred = tf.sub(
    total(values),
    row(columns, ({ mean }) => mean),
  );
  const y = tf.mul(
    centred,
    row(columns, ({ deviation }) => 1 / deviation),
  );
  return { y, logDet: tf.add(total(logSlopes), tf.zerosLike(y)) };
}

function unbend(y: Tensor, columns: readonly ColumnSupport[]): Tensor {
  const value = tf.add(
    tf.mul(
      y,
      row(columns, ({ deviation }) => deviation),
    ),
    row(columns, ({ mean }) => mean),
  );
  const terms: Tensor[] = [];
  if (has(columns, 'affine')) terms.push(tf.mul(value, mask(columns, 'affine')));
  if (has(columns, 'symlog')) {
    const [positive, negative] = signedParts(tf.mul(value, mask(columns, 'symlog')));
    terms.push(tf.sub(tf.exp(positive), tf.exp(negative)));
  }
  if (has(columns, 'log')) {
    const members = mask(columns, 'log');
    terms.push(tf.mul(tf.exp(tf.mul(value, members)), members));
  }
  if (has(columns, 'logit')) {
    const members = mask(columns, 'logit');
    terms.push(tf.mul(tf.sigmoid(tf.mul(value, members)), members));
  }
  const scaled = tf.mul(
    total(terms),
    row(columns, ({ scale }) => scale),
  );
  return tf.add(
    scaled,
    row(columns, ({ shift }) => shift),
  );
}

/** max(u, 0) and max(−u, 0). The second by subtraction: so the gradient at 0 counts once. */
function signedParts(u: Tensor): [Tensor, Tensor] {
  const positive = tf.maximum(u, 0);
  return [positive, tf.sub(positive, u)];
}

/** u for the columns of a kind, a harmless value for the others. */
function neutral(u: Tensor, columns: readonly ColumnSupport[], kind: SupportKind, value: number): Tensor {
  const others = row(columns, (column) => (column.kind === kind ? 0 : value));
  return tf.add(tf.mul(u, mask(columns, kind)), others);
}

function has(columns: readonly ColumnSupport[], kind: SupportKind): boolean {
  return columns.some((column) => column.kind === kind);
}

function mask(columns: readonly ColumnSupport[], kind: SupportKind): Tensor {
  return row(columns, (column) => (column.kind === kind ? 1 : 0));
}

function row(columns: readonly ColumnSupport[], of: (column: ColumnSupport) => number): Tensor {
  return tf.tensor2d(Float32Array.from(columns, of), [1, columns.length]);
}

function total(terms: readonly Tensor[]): Tensor {
  return terms.reduce((sum, term) => tf.add(sum, term));
}
