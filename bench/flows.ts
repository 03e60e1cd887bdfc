import {
  AffineCoupling,
  type Bijection,
  Flow,
  LuLinear,
  MaskedAutoregressive,
  RationalQuadraticCoupling,
} from '../src/index.js';
import type { FlowSpec } from '../src/native/spec.js';
import type { Configuration } from './configurations.js';

/** The configuration built of this project's bijections. */
export function flowOf(configuration: Configuration): Flow {
  const { flow, dim, contextDim, layers, hidden, residualBlocks, networks } = configuration;
  const columns = Array.from({ length: dim }, (_, i) => i);
  const half = Math.floor(dim / 2);
  const [first, second] = [columns.slice(0, half), columns.slice(half)];
  const shared = { dim, contextDim, hidden, residualBlocks, activation: 'relu' as const };
  const bijections: Bijection[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const even = layer % 2 === 0;
    const halves = { identity: even ? first : second, transformed: even ? second : first };
    if (flow === 'affineCoupling') {
      const options = { ...shared, ...halves, networks };
      bijections.push(new AffineCoupling(options));
    } else if (flow === 'splineCoupling') {
      bijections.push(new LuLinear(dim), new RationalQuadraticCoupling({ ...shared, ...halves }));
    } else {
      bijections.push(new MaskedAutoregressive({ ...shared, order: even ? columns : columns.toReversed() }));
    }
  }
  return new Flow({ dim, contextDim, bijections });
}

/**
 * Multiply-adds that one pass over a row needs: one for each weight of each matrix, where a mask leaves
 * it. Biases, activations, splines and log-determinants count nothing.
 */
export function multiplyAdds({ contextDim, layers }: FlowSpec): number {
  let total = 0;
  for (const layer of layers) {
    const matrices = layer.parameters.filter(({ shape }) => shape.length === 2);
    const masks = 'degrees' in layer ? maskDegrees(layer.degrees, layer.order.length, contextDim) : undefined;
    matrices.forEach(({ shape }, k) => {
      total += masks === undefined ? (shape[0] ?? 0) * (shape[1] ?? 0) : openWeights(masks, k, shape);
    });
  }
  return total;
}

type Degrees = readonly (readonly number[])[];

/** The degrees of inputs, hidden units and outputs, in this order. */
function maskDegrees(hidden: Degrees, dim: number, contextDim: number): Degrees {
  const variables = Array.from({ length: dim }, (_, k) => k);
  const inputs = [...new Array<number>(contextDim).fill(0), ...variables.map((k) => k + 1)];
  return [inputs, ...hidden, variables];
}

/** Weights of layer k that its mask leaves; there may be several outputs for each variable. */
function openWeights(degrees: Degrees, k: number, shape: readonly number[]): number {
  const [rows, columns] = [degrees[k] ?? [], degrees[k + 1] ?? []];
  const copies = (shape[1] ?? 0) / columns.length;
  if (shape[0] !== rows.length || !Number.isInteger(copies)) {
    throw new Error(`a masked weight of [${shape}] where degrees say [${rows.length}, ${columns.length}]`);
  }
  const open = columns.reduce((sum, to) => sum + rows.filter((from) => from <= to).length, 0);
  return open * copies;
}
