import { PushforwardError } from '../errors.js';
import type { ElementwiseSpec } from '../native/spec.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import type { Bijection, LayerSpec, ParameterSlice } from './bijection.js';
import { checkColumns, Selection } from './columns.js';
import { affine, leakyRelu, type ScalarMap, sigmoid, softplus, tanh } from './scalarMaps.js';

interface ElementwiseColumns {
  readonly dim: number;
  /** The columns that are mapped; the others pass unchanged. Default all. */
  readonly columns?: readonly number[];
  /** Takes the map's inverse as forward: data that lie in the map's interval go to the whole line. Default false. */
  readonly inverted?: boolean;
}

export type ElementwiseOptions = ElementwiseColumns &
  (
    | { readonly map: 'sigmoid' | 'softplus' | 'tanh' }
    | {
        readonly map: 'leakyRelu';
        /** Slope below zero, positive. Default 0.01. */
        readonly slope?: number;
      }
    | {
        readonly map: 'affine';
        /** Not zero; one for all columns or one for each. */
        readonly scale: number | readonly number[];
        /** One for all columns or one for each. */
        readonly shift: number | readonly number[];
      }
  );

/** Scales and slopes have to have reciprocals in float32. */
const GREATEST = 1e30;

/**
 * One fixed monotone map f of each column, without parameters: y = f(x), or, inverted, y = f⁻¹(x).
 *
 * - `sigmoid`: 1 / (1 + e^−x), onto (0, 1); inverted, the logit.
 * - `softplus`: log(1 + e^x), onto (0, ∞).
 * - `tanh`: onto (−1, 1).
 * - `leakyRelu`: x above 0, slope · x below.
 * - `affine`: scale · x + shift.
 *
 * Values keep to the open interval: what rounds to its end is the nearest float inside (1e-30 at 0), and
 * so is what the inverse is given at the end or beyond. Log-determinants are finite for |x| up to 1e30.
 */
export class Elementwise implements Bijection {
  readonly kind = 'elementwise';
  readonly contextDim = 0;
  readonly parameters = [];
  readonly dim: number;
  readonly #spec: Omit<ElementwiseSpec, 'parameters'>;
  readonly #map: ScalarMap;
  /** x [n, dim] to the mapped columns, and these to their places. */
  readonly #pick: Selection;
  readonly #place: Selection;
  /** 1 on the columns that pass, 0 on the others; null when none passes. */
  readonly #kept: Float32Array | null;

  /** @throws PushforwardError `usage` for columns, a scale, a shift or a slope that make no bijection. */
  constructor(options: ElementwiseOptions) {
    const { dim, inverted = false } = options;
    const columns = options.columns ?? Array.from({ length: dim }, (_, column) => column);
    checkColumns(dim, columns);
    this.dim = dim;
    const constants = constantsOf(options, columns.length);
    this.#spec = { kind: this.kind, map: options.map, inverted, columns, ...constants };
    this.#map = scalarMap(this.#spec);
    this.#pick = Selection.of(dim, columns);
    this.#place = new Selection(
      columns.length,
      dim,
      columns.map((column, k) => [k, column]),
    );
    const kept = Float32Array.from({ length: dim }, (_, column) => (columns.includes(column) ? 0 : 1));
    this.#kept = columns.length === dim ? null : kept;
  }

  forward(x: Tensor2D, _parameters: readonly Tensor[]): { y: Tensor2D; logDet: Tensor1D } {
    const { values, logDet } = this.#spec.inverted ? this.#undo(x) : this.#apply(x);
    return { y: values, logDet };
  }

  inverse(y: Tensor2D, _parameters: readonly Tensor[]): { x: Tensor2D; logDet: Tensor1D } {
    const { values, logDet } = this.#spec.inverted ? this.#apply(y) : this.#undo(y);
    return { x: values, logDet };
  }

  spec(slices: readonly ParameterSlice[]): LayerSpec {
    return { ...this.#spec, parameters: slices };
  }

  #apply(x: Tensor2D): { values: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const picked = this.#pick.apply(x);
      const logDet: Tensor1D = tf.sum(this.#map.logSlope(picked), 1);
      return { values: this.#merge(x, this.#map.value(picked)), logDet };
    });
  }

  #undo(y: Tensor2D): { values: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const x = this.#map.inverse(this.#pick.apply(y));
      const logSlope: Tensor1D = tf.sum(this.#map.logSlope(x), 1);
      return { values: this.#merge(y, x), logDet: tf.neg(logSlope) };
    });
  }

  #merge(from: Tensor2D, mapped: Tensor): Tensor2D {
    const placed = this.#place.apply(mapped as Tensor2D);
    return this.#kept === null ? placed : tf.add(tf.mul(from, this.#kept), placed);
  }
}

function scalarMap({ map, slope, scale, shift }: Omit<ElementwiseSpec, 'parameters'>): ScalarMap {
  switch (map) {
    case 'sigmoid':
      return sigmoid;
    case 'softplus':
      return softplus;
    case 'tanh':
      return tanh;
    case 'leakyRelu':
      return leakyRelu(slope);
    case 'affine':
      return affine(scale, shift);
  }
}

function constantsOf(
  options: ElementwiseOptions,
  columns: number,
): Pick<ElementwiseSpec, 'slope' | 'scale' | 'shift'> {
  if (options.map === 'leakyRelu') {
    const { slope = 0.01 } = options;
    if (!(slope >= 1 / GREATEST && slope <= GREATEST)) {
      throw new PushforwardError('usage', `the slope of a leaky ReLU is ${slope}`, {
        mend: 'give a positive number',
      });
    }
    return { slope, scale: [], shift: [] };
  }
  if (options.map !== 'affine') return { slope: 1, scale: [], shift: [] };
  const [scale, shift] = [options.scale, options.shift].map((values) =>
    typeof values === 'number' ? new Array<number>(columns).fill(values) : [...values],
  ) as [number[], number[]];
  const sizes = scale.map(Math.abs);
  const isFit =
    scale.length === columns &&
    shift.length === columns &&
    sizes.every((size) => size >= 1 / GREATEST && size <= GREATEST) &&
    shift.every((value) => Math.abs(value) <= GREATEST);
  if (!isFit) {
    throw new PushforwardError('usage', `scale [${scale}] and shift [${shift}] of ${columns} columns`, {
      mend: 'give one finite number for all columns or one for each, and no scale of zero',
    });
  }
  return { slope: 1, scale, shift };
}
