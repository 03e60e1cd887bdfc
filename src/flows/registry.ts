import { ActNorm } from './actNorm.js';
import { AdditiveCoupling, type AdditiveCouplingOptions } from './additiveCoupling.js';
import { AffineCoupling, type AffineCouplingOptions } from './affineCoupling.js';
import type { Bijection } from './bijection.js';
import { Elementwise, type ElementwiseOptions } from './elementwise.js';
import { Householder } from './householder.js';
import { splitChannels, squeeze } from './image/axisPermutation.js';
import { ConvolutionalCoupling, type ConvolutionalCouplingOptions } from './image/convolutionalCoupling.js';
import { LeadingColumns } from './image/leadingColumns.js';
import { PerPixel } from './image/perPixel.js';
import { InverseAutoregressive, InverseSpline } from './inverseAutoregressive.js';
import { LuLinear } from './luLinear.js';
import { MaskedAutoregressive, type MaskedAutoregressiveOptions } from './maskedAutoregressive.js';
import { MaskedSpline, type MaskedSplineOptions } from './maskedSpline.js';
import { Permutation } from './permutation.js';
import {
  RationalQuadraticCoupling,
  type RationalQuadraticCouplingOptions,
} from './rationalQuadraticCoupling.js';

/** An open interval. */
export type Interval = readonly [least: number, most: number];

/** An instance of a bijection that stands for its kind in every test that all bijections have to pass. */
export interface RegistryEntry {
  readonly name: string;
  /** Where every column of what `forward` maps has to lie; the whole line where absent. */
  readonly domain?: Interval;
  /** Where every column of what `inverse` maps has to lie; the whole line where absent. */
  readonly range?: Interval;
  build(): { bijection: Bijection; dim: number; contextDim: number };
}

const halves = { dim: 4, identity: [0, 1], transformed: [2, 3], hidden: [8, 8], activation: 'silu' } as const;
const image = { height: 4, width: 4, channels: 1 } as const;
const squeezed = { height: 2, width: 2, channels: 4, hidden: [5, 4] } as const;
const masked = { dim: 4, hidden: [8, 8], activation: 'silu' } as const;

/**
 * Every kind of bijection, in the shapes that differ for it. A new one adds its line here and so
 * inherits the tests of inverse, log-determinant, gradients, density, native plan and ONNX.
 */
export const registry: readonly RegistryEntry[] = [
  entry('actNorm', () => new ActNorm(3)),
  entry('actNorm, one dimension', () => new ActNorm(1)),
  ...elementwise('sigmoid', { dim: 2, map: 'sigmoid' }, [0, 1]),
  ...elementwise('softplus', { dim: 1, map: 'softplus' }, [0, Infinity]),
  ...elementwise('tanh', { dim: 1, map: 'tanh' }, [-1, 1]),
  ...elementwise('tanh, some columns', { dim: 4, map: 'tanh', columns: [3, 1] }, [-1, 1]),
  ...elementwise('leakyRelu', { dim: 2, map: 'leakyRelu', slope: 0.3 }),
  ...elementwise('leakyRelu, one column', { dim: 3, map: 'leakyRelu', columns: [1] }),
  ...elementwise('affine', { dim: 2, map: 'affine', scale: -2.5, shift: 0.3 }),
  ...elementwise('affine, some columns', {
    dim: 4,
    map: 'affine',
    columns: [2, 0],
    scale: [0.2, -3],
    shift: [-1, 2],
  }),
  entry('householder', () => new Householder({ dim: 5 })),
  entry('householder, fewer reflections than dimensions', () => new Householder({ dim: 4, reflections: 2 })),
  entry('householder, two dimensions', () => new Householder({ dim: 2, reflections: 3 })),
  entry('householder, one dimension', () => new Householder({ dim: 1 })),
  entry('permutation, reverse', () => Permutation.reverse(4)),
  entry('permutation, random', () => Permutation.random(5, 1)),
  entry('luLinear', () => new LuLinear(5)),
  entry('luLinear, two dimensions', () => new LuLinear(2)),
  entry('luLinear, one dimension', () => new LuLinear(1)),
  coupling('silu', halves),
  coupling('relu', { ...halves, activation: 'relu' }),
  coupling('leakyRelu', { ...halves, activation: 'leakyRelu' }),
  coupling('tanh', { ...halves, activation: 'tanh' }),
  coupling('gelu', { ...halves, activation: 'gelu' }),
  coupling('context', { ...halves, contextDim: 3 }),
  coupling('two dimensions', { ...halves, dim: 2, identity: [1], transformed: [0] }),
  coupling('interleaved', { ...halves, dim: 5, identity: [3, 1], transformed: [4, 0, 2], hidden: [7] }),
  coupling('linear conditioner', { ...halves, hidden: [] }),
  coupling('context alone', { ...halves, dim: 1, contextDim: 2, identity: [], transformed: [0] }),
  coupling('separate networks', { ...halves, networks: 'separate', activation: 'leakyRelu' }),
  coupling('separate networks, context', { ...halves, contextDim: 3, networks: 'separate' }),
  coupling('separate residual networks, no input', {
    ...halves,
    dim: 3,
    identity: [],
    transformed: [1, 0, 2],
    hidden: [5],
    residualBlocks: 1,
    networks: 'separate',
  }),
  coupling('residual', { ...halves, hidden: [8], residualBlocks: 2 }),
  coupling('residual, context', {
    ...halves,
    contextDim: 3,
    hidden: [7],
    residualBlocks: 1,
    activation: 'relu',
  }),
  coupling('residual, no input', {
    ...halves,
    dim: 2,
    identity: [],
    transformed: [0, 1],
    hidden: [5],
    residualBlocks: 1,
  }),
  coupling('no input', { ...halves, dim: 2, identity: [], transformed: [0, 1] }),
  additive('halves', halves),
  additive('context, interleaved', {
    ...halves,
    dim: 5,
    contextDim: 3,
    identity: [3, 1],
    transformed: [4, 0, 2],
    hidden: [7],
    activation: 'tanh',
  }),
  additive('residual', { ...halves, hidden: [8], residualBlocks: 1, activation: 'tanh' }),
  additive('two dimensions', { ...halves, dim: 2, identity: [1], transformed: [0] }),
  additive('context alone', { ...halves, dim: 1, contextDim: 2, identity: [], transformed: [0] }),
  additive('no input', { ...halves, dim: 2, identity: [], transformed: [0, 1] }),
  ...autoregressive('natural order', masked),
  ...autoregressive('context, shuffled order', {
    ...masked,
    contextDim: 3,
    order: [2, 0, 3, 1],
    hidden: [13, 7],
    activation: 'tanh',
  }),
  ...autoregressive('two dimensions', { ...masked, dim: 2, order: [1, 0], activation: 'gelu' }),
  ...autoregressive('linear conditioner', { ...masked, hidden: [] }),
  ...autoregressive('linear conditioner, context', { ...masked, dim: 3, contextDim: 2, hidden: [] }),
  ...autoregressive('fewer units than dimensions', { ...masked, dim: 5, hidden: [3, 9], activation: 'relu' }),
  ...autoregressive('context alone', { ...masked, dim: 1, contextDim: 2 }),
  ...autoregressive('no input', { ...masked, dim: 1 }),
  ...autoregressive('residual', { ...masked, hidden: [9], residualBlocks: 2, activation: 'relu' }),
  ...autoregressive('residual, context, shuffled order', {
    ...masked,
    contextDim: 3,
    order: [2, 0, 3, 1],
    hidden: [7],
    residualBlocks: 1,
  }),
  ...autoregressive('residual, no input', { ...masked, dim: 1, hidden: [3], residualBlocks: 1 }),
  ...autoregressiveSpline('eight bins', masked),
  ...autoregressiveSpline('residual', {
    ...masked,
    hidden: [8],
    residualBlocks: 2,
    activation: 'tanh',
    bins: 3,
  }),
  ...autoregressiveSpline('context, shuffled order', {
    ...masked,
    contextDim: 3,
    order: [2, 0, 3, 1],
    hidden: [13, 7],
    activation: 'tanh',
    bins: 5,
    bound: 2,
  }),
  ...autoregressiveSpline('two dimensions', { ...masked, dim: 2, order: [1, 0], bins: 4 }),
  ...autoregressiveSpline('linear conditioner', { ...masked, dim: 3, hidden: [], bins: 2, bound: 10 }),
  ...autoregressiveSpline('context alone', { ...masked, dim: 1, contextDim: 2, bins: 3 }),
  ...autoregressiveSpline('no input', { ...masked, dim: 1 }),
  spline('eight bins', halves),
  spline('context', { ...halves, activation: 'tanh', contextDim: 3, bins: 5, bound: 2 }),
  spline('two dimensions', { ...halves, dim: 2, identity: [1], transformed: [0], bins: 4 }),
  spline('residual', { ...halves, hidden: [8], residualBlocks: 2, activation: 'relu', bins: 5 }),
  spline('residual, context', { ...halves, contextDim: 3, hidden: [9], residualBlocks: 1, bins: 3 }),
  spline('two bins, interleaved', {
    ...halves,
    dim: 5,
    identity: [3, 1],
    transformed: [4, 0, 2],
    hidden: [7],
    bins: 2,
  }),
  spline('many bins, wide bound', { ...halves, activation: 'gelu', bins: 20, bound: 10 }),
  spline('deep conditioner', { ...halves, activation: 'relu', hidden: [9, 8, 7], bins: 6 }),
  spline('linear conditioner', { ...halves, hidden: [], bins: 3 }),
  spline('context alone', { ...halves, dim: 1, contextDim: 2, identity: [], transformed: [0] }),
  spline('no input', { ...halves, dim: 3, identity: [], transformed: [1, 0, 2], bins: 6 }),
  circular('all columns', { ...halves, circular: [0, 1, 2, 3] }),
  circular('some columns, context', {
    ...halves,
    dim: 5,
    contextDim: 2,
    identity: [3, 1],
    transformed: [4, 0, 2],
    activation: 'tanh',
    bins: 5,
    circular: [2, 3, 4],
  }),
  circular('two dimensions', {
    ...halves,
    dim: 2,
    identity: [1],
    transformed: [0],
    bins: 4,
    circular: [0, 1],
  }),
  circular('no input', { ...halves, dim: 1, identity: [], transformed: [0], circular: [0] }),
  circular('a circle beside lines', { ...halves, hidden: [], bins: 3, circular: [1] }),
  spline('one dimension', { ...halves, dim: 1, identity: [], transformed: [0], hidden: [] }),
  entry('luLinear, from a rotation', () => new LuLinear(3, 'rotation')),
  entry('squeeze', () => squeeze({ height: 4, width: 2, channels: 3 })),
  entry('splitChannels', () => splitChannels({ height: 1, width: 3, channels: 4 })),
  entry('perPixel, actNorm', () => new PerPixel({ ...image, channels: 3 }, new ActNorm(3))),
  entry('perPixel, luLinear', () => new PerPixel(squeezed, new LuLinear(4, 'rotation'))),
  entry('leadingColumns', () => new LeadingColumns(new AffineCoupling({ ...halves, contextDim: 3 }), 6)),
  convolutional('channels', squeezed),
  convolutional('odd channels', { ...image, channels: 3, contextDim: 2, hidden: [4] }),
  convolutional('flipped, no hidden layer', { height: 1, width: 2, channels: 3, hidden: [], flip: true }),
  convolutional('one pixel', { height: 1, width: 1, channels: 2, hidden: [3, 3] }),
  convolutional('checkerboard', { ...image, height: 3, hidden: [4, 3], mask: 'checkerboard' }),
  convolutional('checkerboard, flipped', {
    ...squeezed,
    contextDim: 3,
    activation: 'silu',
    mask: 'checkerboard',
    flip: true,
  }),
  convolutional('additive', { ...squeezed, contextDim: 2, additive: true }),
];

function convolutional(name: string, options: ConvolutionalCouplingOptions): RegistryEntry {
  return entry(`convolutionalCoupling, ${name}`, () => new ConvolutionalCoupling(options));
}

function autoregressive(name: string, options: MaskedAutoregressiveOptions): RegistryEntry[] {
  return [
    entry(`maskedAutoregressive, ${name}`, () => new MaskedAutoregressive(options)),
    entry(`inverseAutoregressive, ${name}`, () => new InverseAutoregressive(options)),
  ];
}

function autoregressiveSpline(name: string, options: MaskedSplineOptions): RegistryEntry[] {
  return [
    entry(`maskedSpline, ${name}`, () => new MaskedSpline(options)),
    entry(`inverseSpline, ${name}`, () => new InverseSpline(options)),
  ];
}

function elementwise(name: string, options: ElementwiseOptions, range?: Interval): RegistryEntry[] {
  const limits = range === undefined ? [{}, {}] : [{ range }, { domain: range }];
  return [
    { ...entry(`elementwise, ${name}`, () => new Elementwise(options)), ...limits[0] },
    {
      ...entry(`elementwise, ${name}, inverted`, () => new Elementwise({ ...options, inverted: true })),
      ...limits[1],
    },
  ];
}

function additive(name: string, options: AdditiveCouplingOptions): RegistryEntry {
  return entry(`additiveCoupling, ${name}`, () => new AdditiveCoupling(options));
}

function coupling(name: string, options: AffineCouplingOptions): RegistryEntry {
  return entry(`affineCoupling, ${name}`, () => new AffineCoupling(options));
}

/** Rows that lie on the circles come back as they are, not a turn apart. */
function circular(name: string, options: RationalQuadraticCouplingOptions): RegistryEntry {
  const circle: Interval = [-Math.PI, Math.PI];
  return { ...spline(`circular, ${name}`, options), domain: circle, range: circle };
}

function spline(name: string, options: RationalQuadraticCouplingOptions): RegistryEntry {
  return entry(`rationalQuadraticCoupling, ${name}`, () => new RationalQuadraticCoupling(options));
}

function entry(name: string, make: () => Bijection): RegistryEntry {
  return {
    name,
    build: () => {
      const bijection = make();
      return { bijection, dim: bijection.dim, contextDim: bijection.contextDim };
    },
  };
}
