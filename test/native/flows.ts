/** Specs of flows to try the plan on, and numbers to feed them. */
import type { Activation, FlowSpec, LayerSpec, ParameterSlice } from '../../src/native/spec.js';
import { Random, streamOf } from '../../src/random.js';

export interface FlowShape {
  readonly dim: number;
  readonly contextDim?: number;
  readonly hidden?: readonly number[];
  readonly activation?: Activation;
  readonly logScaleBound?: number;
  /** Of every network, whose hidden widths are then the first of `hidden` alone. */
  readonly residualBlocks?: number;
  /** Couplings and autoregressive maps are splines of this many bins on [−bound, bound], and no coupling is additive. */
  readonly spline?: { readonly bins: number; readonly bound: number };
  /** With splines the additive coupling too. */
  readonly mixed?: boolean;
  /** Rounds of actNorm, permutation, luLinear, two affine couplings and an additive one. Default 2. */
  readonly rounds?: number;
  /** Affine couplings have a network for the scale and one for the shift. */
  readonly separateNetworks?: boolean;
  /** After each round a masked and an inverse autoregressive map. */
  readonly autoregressive?: boolean;
  /** After each round as many Householder reflections. */
  readonly reflections?: number;
  /** After each round fixed maps of columns, of every kind, some of them inverted. */
  readonly elementwise?: boolean;
  /** Couplings leave the context out although the flow has one. */
  readonly ignoreContext?: boolean;
}

/** A flow with many kinds of layer; slices are laid out with gaps, in no particular order of use. */
export function flowOf(shape: FlowShape): FlowSpec {
  const {
    dim,
    contextDim = 0,
    hidden = [16, 24],
    activation = 'tanh',
    logScaleBound = 2,
    rounds = 2,
    residualBlocks = 0,
  } = shape;
  let parameterCount = 3;
  const slice = (name: string, ...lengths: number[]): ParameterSlice => {
    const offset = parameterCount;
    parameterCount += lengths.reduce((size, length) => size * length, 1) + 1;
    return { name, shape: lengths, offset };
  };
  const features = Array.from({ length: dim }, (_, i) => i);
  const widths = residualBlocks > 0 ? hidden.slice(0, 1) : hidden;
  const between =
    residualBlocks > 0 ? new Array<number>(2 * residualBlocks + 1).fill(hidden[0] ?? 0) : hidden;
  const network = (inputs: number, outputs: number, prefix = '') => {
    const [weight, bias] = prefix === '' ? ['weight', 'bias'] : [`${prefix}Weight`, `${prefix}Bias`];
    const sizes = [inputs + (shape.ignoreContext ? 0 : contextDim), ...between, outputs];
    return sizes
      .slice(1)
      .flatMap((width, k) => [
        slice(`${weight}${k}`, sizes[k] as number, width),
        slice(`${bias}${k}`, width),
      ]);
  };
  const couplingOf = (identity: number[], transformed: number[], outputs: number, prefixes = ['']) => {
    return {
      identity,
      transformed,
      hidden: widths,
      activation,
      residualBlocks,
      parameters: prefixes.flatMap((prefix) =>
        network(identity.length, (outputs / prefixes.length) * transformed.length, prefix),
      ),
    };
  };
  const coupling = (identity: number[], transformed: number[]): LayerSpec => {
    const outputs = shape.spline === undefined ? 2 : 3 * shape.spline.bins - 1;
    const separate = shape.separateNetworks === true;
    const common = couplingOf(identity, transformed, outputs, separate ? ['shift', 'scale'] : undefined);
    return shape.spline === undefined
      ? { kind: 'affineCoupling', ...common, logScaleBound, networks: separate ? 'separate' : 'joint' }
      : { kind: 'rationalQuadraticCoupling', ...common, ...shape.spline, circular: [] };
  };
  const additive = (identity: number[], transformed: number[]): LayerSpec => {
    return { kind: 'additiveCoupling', ...couplingOf(identity, transformed, 1) };
  };
  const autoregressive = (isInverse: boolean, order: readonly number[]): LayerSpec => {
    const degrees = widths.map((width) =>
      Array.from({ length: width }, (_, unit) => Math.floor((unit * dim) / width)),
    );
    const outputs = shape.spline === undefined ? 2 : 3 * shape.spline.bins - 1;
    const parameters = network(dim, outputs * dim);
    const common = { order, degrees, activation, residualBlocks, parameters };
    return shape.spline === undefined
      ? { kind: isInverse ? 'inverseAutoregressive' : 'maskedAutoregressive', ...common, logScaleBound }
      : { kind: isInverse ? 'inverseSpline' : 'maskedSpline', ...common, ...shape.spline };
  };
  const layers: LayerSpec[] = [];
  for (let round = 0; round < rounds; round++) {
    const even = features.filter((i) => i % 2 === 0);
    const odd = features.filter((i) => i % 2 === 1);
    layers.push(
      { kind: 'actNorm', parameters: [slice('bias', dim), slice('logScale', dim)] },
      {
        kind: 'permutation',
        order: features.map((i) => (i * 1 + round + 1) % dim).reverse(),
        parameters: [],
      },
      { kind: 'luLinear', parameters: [slice('lu', dim, dim), slice('bias', dim)] },
      coupling(odd, even),
      dim > 1 ? coupling([...even].reverse(), odd) : coupling([], [0]),
    );
    if (shape.spline === undefined || shape.mixed) layers.push(additive(odd, even));
    if (shape.reflections) {
      layers.push({ kind: 'householder', parameters: [slice('vectors', shape.reflections, dim)] });
    }
    if (shape.elementwise) layers.push(...fixedMaps(even, features));
    if (!shape.autoregressive) continue;
    layers.push(autoregressive(false, [...odd, ...even]), autoregressive(true, features.toReversed()));
  }
  return { dim, contextDim, parameterCount, layers };
}

/** Maps of some columns and of all; those onto an interval are followed by one back to the line. */
function fixedMaps(some: readonly number[], all: readonly number[]): LayerSpec[] {
  const fixed = { kind: 'elementwise', slope: 1, scale: [], shift: [], parameters: [] } as const;
  const scale = some.map((_, k) => (k % 2 === 0 ? 12 : -9));
  const shift = some.map((_, k) => 0.5 - k / 4);
  return [
    { ...fixed, map: 'leakyRelu', inverted: false, columns: all, slope: 0.4 },
    { ...fixed, map: 'affine', inverted: true, columns: some, scale, shift },
    { ...fixed, map: 'tanh', inverted: false, columns: some },
    { ...fixed, map: 'tanh', inverted: true, columns: some },
    { ...fixed, map: 'sigmoid', inverted: false, columns: all },
    {
      ...fixed,
      map: 'affine',
      inverted: false,
      columns: some,
      scale: some.map(() => 2),
      shift: some.map(() => 0.1),
    },
    { ...fixed, map: 'softplus', inverted: true, columns: some },
    { ...fixed, map: 'leakyRelu', inverted: true, columns: some, slope: 0.6 },
    { ...fixed, map: 'softplus', inverted: false, columns: all },
  ];
}

/** `count` normals times `scale`, the same for the same name. */
export function normals(name: string, count: number, scale = 1): Float32Array {
  return new Random(7, streamOf(name)).normal(new Float32Array(count)).map((value) => value * scale);
}

export interface Fed {
  readonly spec: FlowSpec;
  readonly rows: number;
  readonly parameters: Float32Array;
  readonly x: Float32Array;
  readonly context: Float32Array | null;
}

/** A flow with parameters, rows and context. */
export function feed(spec: FlowSpec, rows: number, scale = 0.3): Fed {
  return {
    spec,
    rows,
    parameters: normals('parameters', spec.parameterCount, scale),
    x: normals('x', rows * spec.dim),
    context: spec.contextDim === 0 ? null : normals('context', rows * spec.contextDim),
  };
}

/** Row r of a row-major array, in double. */
export function row(values: Float32Array | null, width: number, r: number): number[] {
  return values === null ? [] : [...values.subarray(r * width, (r + 1) * width)];
}

/** Greatest |a − b| / (1 + |b|). */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let greatest = 0;
  for (let i = 0; i < a.length; i++) {
    const [u, v] = [a[i] as number, b[i] as number];
    const apart = Math.abs(u - v) / (1 + Math.abs(v));
    if (!(apart <= greatest)) greatest = Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart;
  }
  return greatest;
}
