import test from 'ava';
import { standardNormalCdf } from '../../src/distributions/standardNormal.js';
import type { Flow } from '../../src/flows/flow.js';
import { type Interval, registry } from '../../src/flows/registry.js';
import { type Tensor, type Tensor2D, tf } from '../../src/tf.js';
import {
  difference,
  directionalError,
  flowOf,
  jacobians,
  LINE,
  leavesNoTensors,
  logAbsDeterminant,
  normals,
  rowsFor,
} from './laws.js';

/** Σ_i w_i log p(x_i | c_i) with fixed weights: a scalar of everything a flow reads. */
function weightedLogProb(flow: Flow, x: Tensor2D, context: Tensor2D | undefined, flat: Tensor): tf.Scalar {
  const weights = tf.tensor1d(normals(x.shape[0], 9));
  return tf.sum(tf.mul(flow.definition.logProb(x, context, flat), weights));
}

/** Rows in the middles of the cells that a square (or segment) is cut into. */
function quadratureRows(dim: number, [least, most]: Interval, cells: number): Float32Array {
  const middle = (k: number) => least + ((k + 0.5) * (most - least)) / cells;
  const rows = new Float32Array(cells ** dim * dim);
  for (let i = 0; i < cells ** dim; i++) {
    rows[i * dim] = middle(i % cells);
    if (dim === 2) rows[i * dim + 1] = middle(Math.floor(i / cells));
  }
  return rows;
}

for (const entry of registry) {
  test(`${entry.name}: inverse undoes forward, and forward inverse`, (t) => {
    const flow = flowOf(entry, true);
    leavesNoTensors(t, () => {
      const { x, context } = rowsFor(flow, 9, entry.domain);
      const there = flow.forward(x, context);
      const back = flow.inverse(there.z, context);
      t.true(difference(back.x, x) < 2e-5);
      t.true(difference(back.logDet, tf.neg(there.logDet)) < 2e-5);
      const { x: z } = rowsFor(flow, 9, entry.range);
      const data = flow.inverse(z, context);
      t.true(difference(flow.forward(data.x, context).z, z) < 2e-5);
    });
    flow.dispose();
  });

  test(`${entry.name}: the log-determinant is that of the Jacobian`, (t) => {
    const flow = flowOf(entry, true);
    leavesNoTensors(t, () => {
      for (const direction of ['forward', 'inverse'] as const) {
        const { x, context } = rowsFor(flow, 4, direction === 'forward' ? entry.domain : entry.range);
        const map = (input: Tensor2D): Tensor2D =>
          direction === 'forward' ? flow.forward(input, context).z : flow.inverse(input, context).x;
        const expected = jacobians(map, x).map((matrix) => logAbsDeterminant(matrix, flow.dim));
        const logDet = flow[direction](x, context).logDet;
        t.deepEqual(logDet.shape, [4]);
        t.true(difference(logDet, Float32Array.from(expected)) < 2e-5, direction);
      }
    });
    flow.dispose();
  });

  test(`${entry.name}: gradients agree with finite differences`, (t) => {
    const flow = flowOf(entry, true);
    leavesNoTensors(t, () => {
      const { x, context } = rowsFor(flow, 5, entry.domain);
      const flat = tf.tensor1d(flow.parameters.values());
      const inputs = context === undefined ? [x, flat] : [x, flat, context];
      const value = (tensors: readonly Tensor[]) =>
        weightedLogProb(
          flow,
          tensors[0] as Tensor2D,
          tensors[2] as Tensor2D | undefined,
          tensors[1] as Tensor,
        );
      inputs.forEach((input, i) => {
        if (input.size === 0) return;
        const at = (replacement: Tensor) => value(inputs.map((other, k) => (k === i ? replacement : other)));
        const gradient = tf
          .grad((replacement) => at(replacement))(input)
          .dataSync<'float32'>();
        const f = (values: Float32Array) =>
          tf.tidy(() => at(tf.tensor(values, input.shape)).dataSync()[0] as number);
        for (const stream of [11, 12, 13]) {
          const error = directionalError(f, input.dataSync<'float32'>(), gradient, stream);
          t.true(error < 1e-3, `${['x', 'parameters', 'context'][i]}: ${error}`);
        }
      });
    });
    flow.dispose();
  });

  test(`${entry.name}: takes no rows, one row, far rows and NaN`, (t) => {
    const flow = flowOf(entry, true);
    leavesNoTensors(t, () => {
      for (const n of [0, 1]) {
        const { x, context } = rowsFor(flow, n, entry.domain);
        const { z, logDet } = flow.forward(x, context);
        t.deepEqual([z.shape, logDet.shape], [[n, flow.dim], [n]]);
        t.deepEqual(flow.inverse(z, context).x.shape, [n, flow.dim]);
        t.deepEqual(flow.logProb(x, context).shape, [n]);
      }
      const { context } = rowsFor(flow, 3);
      const signs = Float32Array.from({ length: 3 * flow.dim }, (_, i) => (i % 2 === 0 ? 1e4 : -1e4));
      const far = tf.tensor2d(signs, [3, flow.dim]);
      const there = flow.forward(far, context);
      const back = flow.inverse(there.z, context);
      // Where a map takes or gives an interval alone, far rows are at its ends.
      if (entry.domain === undefined && entry.range === undefined) {
        t.true(difference(back.x, far) < 1e-3);
      }
      t.true([there.logDet, back.x, back.logDet].every((result) => result.dataSync().every(Number.isFinite)));
      t.true(flow.logProb(far, context).dataSync().every(Number.isFinite));

      const slope = tf.grad((rows) => tf.sum(flow.logProb(rows as Tensor2D, context)))(far);
      t.true(slope.dataSync().every(Number.isFinite), 'the gradient there');

      const clean = rowsFor(flow, 3, entry.domain).x;
      const spoilt = clean.dataSync().slice();
      spoilt[flow.dim] = Number.NaN;
      const expected = flow.logProb(clean, context).dataSync();
      const found = flow.logProb(tf.tensor2d(spoilt, [3, flow.dim]), context).dataSync();
      t.deepEqual([found[0], found[2]], [expected[0], expected[2]]);
      t.true(Number.isNaN(found[1]));
    });
    flow.dispose();
  });

  if (entry.build().dim <= 2) {
    test(`${entry.name}: the density integrates to what the base has in the range`, (t) => {
      const flow = flowOf(entry, true);
      leavesNoTensors(t, () => {
        const [bound, cells] = flow.dim === 1 ? [40, 8000] : [16, 320];
        const [least, most] = entry.domain ?? LINE;
        const box: Interval = [Math.max(least, -bound), Math.min(most, bound)];
        const rows = quadratureRows(flow.dim, box, cells);
        const n = rows.length / flow.dim;
        const condition = flow.contextDim > 0 ? tf.tile(normalRow(flow.contextDim), [n, 1]) : undefined;
        const density = tf.exp(
          flow.logProb(tf.tensor2d(rows, [n, flow.dim]), condition as Tensor2D | undefined),
        );
        const mass =
          density.dataSync<'float32'>().reduce((sum, p) => sum + p, 0) *
          ((box[1] - box[0]) / cells) ** flow.dim;
        const [below = 0, above = 0] = standardNormalCdf(tf.tensor1d([...(entry.range ?? LINE)])).dataSync();
        t.true(Math.abs(mass - (above - below) ** flow.dim) < 1e-3, `${mass}`);
      });
      flow.dispose();
    });
  }
}

function normalRow(width: number): Tensor2D {
  return tf.tensor2d(normals(width, 5), [1, width]);
}
