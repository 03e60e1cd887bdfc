/**
 * Flows in plain double arithmetic, row by row, written from the formulas of src/native/spec.ts and
 * sharing no code with the library: what the addon is held against.
 */
import type {
  Activation,
  AdditiveCouplingSpec,
  AffineCouplingSpec,
  AutoregressiveSpec,
  AutoregressiveSplineSpec,
  ElementwiseSpec,
  FlowSpec,
  LayerSpec,
  ParameterSlice,
  RationalQuadraticCouplingSpec,
} from '../../src/native/spec.js';

export type Parameters = Float64Array;

interface Mapped {
  readonly values: number[];
  readonly logDet: number;
}

export function referenceForward(spec: FlowSpec, p: Parameters, x: number[], context: number[]): Mapped {
  let state: Mapped = { values: x, logDet: 0 };
  for (const layer of spec.layers) {
    const { values, logDet } = forwardLayer(layer, p, state.values, context);
    state = { values, logDet: state.logDet + logDet };
  }
  return state;
}

export function referenceLogProb(spec: FlowSpec, p: Parameters, x: number[], context: number[]): number {
  const { values, logDet } = referenceForward(spec, p, x, context);
  return logDet - values.reduce((sum, z) => sum + (z * z + Math.log(2 * Math.PI)) / 2, 0);
}

function forwardLayer(layer: LayerSpec, p: Parameters, x: number[], context: number[]): Mapped {
  const d = x.length;
  switch (layer.kind) {
    case 'actNorm': {
      const [bias, logScale] = [read(layer, p, 'bias'), read(layer, p, 'logScale')];
      return {
        values: x.map((value, i) => (value + at(bias, i)) * Math.exp(at(logScale, i))),
        logDet: sum(logScale),
      };
    }
    case 'elementwise':
      return elementwise(layer, x);
    case 'householder': {
      const vectors = read(layer, p, 'vectors');
      let values = x;
      for (let first = 0; first < vectors.length; first += d) {
        const v = vectors.slice(first, first + d);
        const dot = (u: number[]) => sum(u.map((value, i) => value * at(v, i)));
        const by = (2 * dot(values)) / dot(v);
        values = values.map((value, i) => value - by * at(v, i));
      }
      return { values, logDet: 0 };
    }
    case 'permutation':
      return { values: layer.order.map((from) => at(x, from)), logDet: 0 };
    case 'luLinear': {
      const [lu, bias] = [read(layer, p, 'lu'), read(layer, p, 'bias')];
      const diagonal = x.map((_, i) => at(lu, i * d + i));
      const u = x.map((value, i) => {
        let total = value * Math.exp(at(diagonal, i));
        for (let j = i + 1; j < d; j++) total += at(lu, i * d + j) * at(x, j);
        return total;
      });
      const values = u.map((value, i) => {
        let total = value + at(bias, i);
        for (let j = 0; j < i; j++) total += at(lu, i * d + j) * at(u, j);
        return total;
      });
      return { values, logDet: sum(diagonal) };
    }
    case 'affineCoupling':
      return affineCoupling(layer, p, x, context);
    case 'rationalQuadraticCoupling':
      return splineCoupling(layer, p, x, context);
    case 'additiveCoupling': {
      const values = [...x];
      const shifts = conditioner(layer, p, x, context);
      layer.transformed.forEach((feature, i) => {
        values[feature] = at(x, feature) + at(shifts, i);
      });
      return { values, logDet: 0 };
    }
    case 'maskedAutoregressive':
    case 'inverseAutoregressive':
    case 'maskedSpline':
    case 'inverseSpline':
      return autoregressive(layer, p, x, context);
  }
}

function elementwise(layer: ElementwiseSpec, x: number[]): Mapped {
  const values = [...x];
  let logDet = 0;
  layer.columns.forEach((column, k) => {
    const [scale, shift] = [layer.scale[k] ?? 1, layer.shift[k] ?? 0];
    const value = at(x, column);
    const source = layer.inverted ? unmapped(layer, value, scale, shift) : value;
    const p = 1 / (1 + Math.exp(-source));
    const slopes = {
      sigmoid: p / (1 + Math.exp(source)),
      softplus: p,
      tanh: Math.cosh(source) ** -2,
      leakyRelu: source > 0 ? 1 : layer.slope,
      affine: Math.abs(scale),
    };
    const targets = {
      sigmoid: p,
      softplus: Math.log1p(Math.exp(source)),
      tanh: Math.tanh(source),
      leakyRelu: source > 0 ? source : layer.slope * source,
      affine: scale * source + shift,
    };
    values[column] = layer.inverted ? source : targets[layer.map];
    logDet += (layer.inverted ? -1 : 1) * Math.log(slopes[layer.map]);
  });
  return { values, logDet };
}

function unmapped(layer: ElementwiseSpec, y: number, scale: number, shift: number): number {
  switch (layer.map) {
    case 'sigmoid':
      return Math.log(y / (1 - y));
    case 'softplus':
      return Math.log(Math.expm1(y));
    case 'tanh':
      return Math.atanh(y);
    case 'leakyRelu':
      return y > 0 ? y : y / layer.slope;
    case 'affine':
      return (y - shift) / scale;
  }
}

/**
 * Variable after variable, each from what the network says of those before it; what is not yet known is
 * NaN, so that a weight that should be masked spoils everything.
 */
function autoregressive(layer: AnyAutoregressive, p: Parameters, x: number[], context: number[]): Mapped {
  const known = x.map(() => Number.NaN);
  const values = [...x];
  const isInverse = layer.kind === 'inverseAutoregressive' || layer.kind === 'inverseSpline';
  let logDet = 0;
  layer.order.forEach((feature, k) => {
    const map = variableMap(layer, variableOutputs(layer, p, known, context, k));
    const value = at(x, feature);
    values[feature] = isInverse ? map.inverse(value) : map.forward(value).y;
    known[k] = isInverse ? at(values, feature) : value;
    const { logSlope } = map.forward(at(known, k));
    logDet += isInverse ? -logSlope : logSlope;
  });
  return { values, logDet };
}

type AnyAutoregressive = AutoregressiveSpec | AutoregressiveSplineSpec;

interface VariableMap {
  forward(x: number): { y: number; logSlope: number };
  inverse(y: number): number;
}

/** The map of one variable that the network said these numbers for. */
function variableMap(layer: AnyAutoregressive, raw: number[]): VariableMap {
  if ('logScaleBound' in layer) {
    const [r, t] = [at(raw, 0), at(raw, 1)];
    const s = layer.logScaleBound * Math.tanh(r / layer.logScaleBound);
    return {
      forward: (x) => ({ y: x * Math.exp(s) + t, logSlope: s }),
      inverse: (y) => (y - t) * Math.exp(-s),
    };
  }
  const knots = referenceKnots(raw, layer.bins, layer.bound);
  return {
    forward: (x) => {
      const { y, slope } = referenceSpline(x, knots);
      return { y, logSlope: Math.log(slope) };
    },
    inverse: (y) => bisect((x) => referenceSpline(x, knots).y, y, layer.bound),
  };
}

/** Where an increasing function that is the identity outside [−bound, bound] has the value y. */
function bisect(f: (x: number) => number, y: number, bound: number): number {
  if (!(Math.abs(y) < bound)) return y;
  let [low, high] = [-bound, bound];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (f(middle) < y) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** A number that a masked layer reads or says. */
interface Unit {
  readonly degree: number;
  readonly value: number;
}

/** The outputs of variable k. */
function variableOutputs(
  layer: AnyAutoregressive,
  p: Parameters,
  variables: number[],
  context: number[],
  k: number,
): number[] {
  const takesContext = slice(layer, 'weight0').shape[0] !== variables.length;
  const outputs = 'bins' in layer ? 3 * layer.bins - 1 : 2;
  // What reads a variable is of a degree above it; all may read the context.
  let inputs = variables.map((value, i) => ({ value, degree: i + 1 }));
  if (takesContext) inputs = [...context.map((value) => ({ value, degree: 0 })), ...inputs];
  const linear = (from: readonly Unit[], l: number): Unit[] => {
    const isLast = !layer.parameters.some(({ name }) => name === `weight${l + 1}`);
    const degrees = layer.residualBlocks > 0 ? layer.degrees[0] : layer.degrees[l];
    const [weight, bias] = [read(layer, p, `weight${l}`), read(layer, p, `bias${l}`)];
    return bias.map((b, column) => {
      const degree = isLast ? Math.floor(column / outputs) : at(degrees ?? [], column);
      // Columns that the outputs of variable k do not read.
      if (degree > k) return { degree, value: Number.NaN };
      const value = from.reduce(
        (total, input, i) =>
          input.degree <= degree ? total + input.value * at(weight, i * bias.length + column) : total,
        b,
      );
      return { degree, value };
    });
  };
  const activated = (units: readonly Unit[]): Unit[] =>
    units.map(({ degree, value }) => ({ degree, value: activate(layer.activation, value) }));
  if (layer.residualBlocks > 0) {
    inputs = linear(inputs, 0);
    for (let block = 0; block < layer.residualBlocks; block++) {
      const added = linear(activated(linear(activated(inputs), 2 * block + 1)), 2 * block + 2);
      inputs = inputs.map(({ degree, value }, i) => ({ degree, value: value + (added[i]?.value ?? 0) }));
    }
  } else {
    layer.degrees.forEach((_, l) => {
      inputs = activated(linear(inputs, l));
    });
  }
  inputs = linear(inputs, layer.residualBlocks > 0 ? 2 * layer.residualBlocks + 1 : layer.degrees.length);
  return inputs.slice(k * outputs, (k + 1) * outputs).map(({ value }) => value);
}

type CouplingSpec = AffineCouplingSpec | AdditiveCouplingSpec | RationalQuadraticCouplingSpec;

/** What the network of a coupling says whose parameters have these names. */
function conditioner(
  layer: CouplingSpec,
  p: Parameters,
  x: number[],
  context: number[],
  [weights, biases]: readonly [string, string] = ['weight', 'bias'],
): number[] {
  const [circular, bound] =
    layer.kind === 'rationalQuadraticCoupling' ? [layer.circular, layer.bound] : [[], 1];
  const angles = layer.identity.flatMap((i) => (circular.includes(i) ? [(at(x, i) * Math.PI) / bound] : []));
  const inputs = [
    ...layer.identity.flatMap((i) => (circular.includes(i) ? [] : [at(x, i)])),
    ...angles.map(Math.cos),
    ...angles.map(Math.sin),
  ];
  const takesContext = slice(layer, `${weights}0`).shape[0] !== inputs.length;
  const linear = (input: number[], k: number): number[] => {
    const [weight, bias] = [read(layer, p, `${weights}${k}`), read(layer, p, `${biases}${k}`)];
    return bias.map((b, o) =>
      input.reduce((total, value, i) => total + value * at(weight, i * bias.length + o), b),
    );
  };
  const activated = (values: number[]) => values.map((value) => activate(layer.activation, value));
  let h = takesContext ? [...inputs, ...context] : inputs;
  if (layer.residualBlocks > 0) {
    h = linear(h, 0);
    for (let block = 0; block < layer.residualBlocks; block++) {
      const inner = activated(linear(activated(h), 2 * block + 1));
      const added = linear(inner, 2 * block + 2);
      h = h.map((value, i) => value + at(added, i));
    }
    return linear(h, 2 * layer.residualBlocks + 1);
  }
  layer.hidden.forEach((_, k) => {
    h = activated(linear(h, k));
  });
  return linear(h, layer.hidden.length);
}

function affineCoupling(layer: AffineCouplingSpec, p: Parameters, x: number[], context: number[]): Mapped {
  const said = (which: string) => conditioner(layer, p, x, context, [`${which}Weight`, `${which}Bias`]);
  const h =
    layer.networks === 'joint' ? conditioner(layer, p, x, context) : [...said('scale'), ...said('shift')];
  const values = [...x];
  let logDet = 0;
  layer.transformed.forEach((feature, i) => {
    const s = layer.logScaleBound * Math.tanh(at(h, i) / layer.logScaleBound);
    values[feature] = at(x, feature) * Math.exp(s) + at(h, layer.transformed.length + i);
    logDet += s;
  });
  return { values, logDet };
}

function splineCoupling(
  layer: RationalQuadraticCouplingSpec,
  p: Parameters,
  x: number[],
  context: number[],
): Mapped {
  const h = conditioner(layer, p, x, context);
  const size = 3 * layer.bins - 1;
  const values = [...x];
  let logDet = 0;
  const circles = layer.transformed.filter((feature) => layer.circular.includes(feature));
  const told = h.slice(layer.transformed.length * size);
  const onCircle = (value: number) =>
    value - 2 * layer.bound * Math.floor((value + layer.bound) / (2 * layer.bound));
  layer.transformed.forEach((feature, i) => {
    const circle = circles.indexOf(feature);
    const ends = circle < 0 ? undefined : at(told, circle);
    const knots = referenceKnots(h.slice(i * size, (i + 1) * size), layer.bins, layer.bound, ends);
    const value = circle < 0 ? at(x, feature) : onCircle(at(x, feature));
    const mapped = referenceSpline(value, knots);
    values[feature] = circle < 0 ? mapped.y : onCircle(mapped.y + at(told, circles.length + circle));
    logDet += Math.log(mapped.slope);
  });
  return { values, logDet };
}

interface Knots {
  readonly x: number[];
  readonly y: number[];
  readonly derivative: number[];
}

/** Knots from the 3·bins − 1 numbers that a network says, and the one for the ends where it is a circle. */
export function referenceKnots(raw: number[], bins: number, bound: number, ends?: number): Knots {
  const positions = (logits: number[]): number[] => {
    const greatest = Math.max(...logits);
    const powers = logits.map((value) => Math.exp(value - greatest));
    const shares = powers.map((power) => 1e-3 + (1 - bins * 1e-3) * (power / sum(powers)));
    return [0, ...shares.keys()].map((_, k) =>
      k === bins ? bound : 2 * bound * sum(shares.slice(0, k)) - bound,
    );
  };
  const offset = Math.log(Math.expm1(1 - 1e-3));
  const derivative = (value: number) => {
    const u = value + offset;
    return 1e-3 + Math.max(u, 0) + Math.log1p(Math.exp(-Math.abs(u)));
  };
  const outer = ends === undefined ? 1 : derivative(ends);
  return {
    x: positions(raw.slice(0, bins)),
    y: positions(raw.slice(bins, 2 * bins)),
    derivative: [outer, ...raw.slice(2 * bins).map(derivative), outer],
  };
}

/** The spline through these knots, and y = x beyond them. */
export function referenceSpline(x: number, knots: Knots): { y: number; slope: number } {
  const last = knots.x.length - 1;
  if (!(x >= at(knots.x, 0) && x <= at(knots.x, last))) return { y: x, slope: 1 };
  const k = Math.max(
    0,
    Math.min(
      last - 1,
      knots.x.findLastIndex((knot) => knot <= x),
    ),
  );
  const [width, height] = [at(knots.x, k + 1) - at(knots.x, k), at(knots.y, k + 1) - at(knots.y, k)];
  const [left, right] = [at(knots.derivative, k), at(knots.derivative, k + 1)];
  const s = height / width;
  const t = (x - at(knots.x, k)) / width;
  const bottom = s + (right + left - 2 * s) * t * (1 - t);
  return {
    y: at(knots.y, k) + (height * (s * t ** 2 + left * t * (1 - t))) / bottom,
    slope: (s ** 2 * (right * t ** 2 + 2 * s * t * (1 - t) + left * (1 - t) ** 2)) / bottom ** 2,
  };
}

function activate(kind: Activation, a: number): number {
  switch (kind) {
    case 'relu':
      return Math.max(0, a);
    case 'leakyRelu':
      return a > 0 ? a : 0.01 * a;
    case 'tanh':
      return Math.tanh(a);
    case 'silu':
      return a / (1 + Math.exp(-a));
    case 'gelu':
      return (a * (1 + erf(a / Math.SQRT2))) / 2;
  }
}

/** erf to about 15 digits: its Taylor series below 3, erfc's continued fraction above. */
export function erf(x: number): number {
  const t = Math.abs(x);
  if (t < 3) {
    let term = t;
    let total = t;
    for (let n = 1; n < 90; n++) {
      term *= (-t * t) / n;
      total += term / (2 * n + 1);
    }
    return (Math.sign(x) * 2 * total) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let n = 60; n >= 1; n--) fraction = n / 2 / (t + fraction);
  return Math.sign(x) * (1 - Math.exp(-t * t) / (t + fraction) / Math.sqrt(Math.PI));
}

function slice(layer: LayerSpec, name: string): ParameterSlice {
  const found = layer.parameters.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no parameter ${name}`);
  return found;
}

function read(layer: LayerSpec, p: Parameters, name: string): number[] {
  const { offset, shape } = slice(layer, name);
  return [...p.subarray(offset, offset + shape.reduce((size, length) => size * length, 1))];
}

function at(values: ArrayLike<number>, index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`index ${index} of ${values.length}`);
  return value;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
