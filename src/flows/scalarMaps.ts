import { clamp } from '../ops/clamp.js';
import { type Tensor, tf } from '../tf.js';

/** A strictly monotone map f of the real line onto an open interval, in tfjs ops on tensors [n, columns]. */
export interface ScalarMap {
  /** f(x), within the interval. */
  value(x: Tensor): Tensor;
  /** f⁻¹(y); a y outside the interval goes as the float nearest to it inside. */
  inverse(y: Tensor): Tensor;
  /** log |f′(x)|, in nats. */
  logSlope(x: Tensor): Tensor;
}

/** Least value above 0 that a map gives or takes: room enough that its reciprocal times 1e8 is finite. */
const LEAST = 1e-30;

/** The greatest float32 below 1. */
const BELOW_ONE = 1 - 2 ** -24;

/** σ(x) = 1 / (1 + e^−x), onto (0, 1); its inverse is the logit. */
export const sigmoid: ScalarMap = {
  value: (x) => onto(tf.sigmoid(x), LEAST, BELOW_ONE),
  inverse: (y) => {
    const inside = onto(y, LEAST, BELOW_ONE);
    return tf.sub(tf.log(inside), tf.log1p(tf.neg(inside)));
  },
  // log σ(x) + log σ(−x): nothing is taken from 1, so that both tails keep their digits.
  logSlope: (x) => tf.neg(tf.add(tf.softplus(x), tf.softplus(tf.neg(x)))),
};

/** log(1 + e^x), onto (0, ∞). */
export const softplus: ScalarMap = {
  value: (x) => onto(tf.softplus(x), LEAST, Infinity),
  // y + log(1 − e^−y), where log(e^y − 1) would overflow from 89 on.
  inverse: (y) => {
    const inside = onto(y, LEAST, Infinity);
    return tf.add(inside, tf.log(tf.neg(tf.expm1(tf.neg(inside)))));
  },
  logSlope: (x) => tf.neg(tf.softplus(tf.neg(x))),
};

/** tanh x, onto (−1, 1). */
export const tanh: ScalarMap = {
  value: (x) => onto(tf.tanh(x), -BELOW_ONE, BELOW_ONE),
  inverse: (y) => {
    const inside = onto(y, -BELOW_ONE, BELOW_ONE);
    return tf.mul(tf.sub(tf.log1p(inside), tf.log1p(tf.neg(inside))), 0.5);
  },
  // tanh x = 2 σ(2x) − 1.
  logSlope: (x) => tf.add(sigmoid.logSlope(tf.mul(x, 2)), 2 * Math.LN2),
};

/** x above 0 and slope · x below. */
export function leakyRelu(slope: number): ScalarMap {
  const bent = (x: Tensor, below: number) => tf.sub(tf.relu(x), tf.mul(tf.relu(tf.neg(x)), below));
  return {
    value: (x) => bent(x, slope),
    inverse: (y) => bent(y, 1 / slope),
    logSlope: (x) => tf.mul(tf.sub(1, tf.step(x)), Math.log(slope)),
  };
}

/** scale · x + shift, with a scale and a shift for each column. */
export function affine(scale: readonly number[], shift: readonly number[]): ScalarMap {
  const row = (values: readonly number[]) => tf.tensor1d([...values], 'float32');
  return {
    value: (x) => tf.add(tf.mul(x, row(scale)), row(shift)),
    inverse: (y) => tf.div(tf.sub(y, row(shift)), row(scale)),
    logSlope: (x) => tf.add(tf.zerosLike(x), row(scale.map((value) => Math.log(Math.abs(value))))),
  };
}

function onto(values: Tensor, least: number, most: number): Tensor {
  return clamp(values, tf.fill(values.shape, least), tf.fill(values.shape, most));
}
