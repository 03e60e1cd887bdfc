import test, { type ExecutionContext } from 'ava';
import { PushforwardError } from '../../src/errors.js';
import { Flow } from '../../src/flows/flow.js';
import {
  RationalQuadraticCoupling,
  type RationalQuadraticCouplingOptions,
} from '../../src/flows/rationalQuadraticCoupling.js';
import { type Tensor, type Tensor2D, tf } from '../../src/tf.js';
import { referenceForward } from '../native/reference.js';
import { difference, normalMatrix, normals } from './laws.js';
import { everyWay, type Way } from './ways.js';

const mixed = {
  dim: 5,
  contextDim: 2,
  identity: [3, 1],
  transformed: [4, 0, 2],
  hidden: [8],
  activation: 'tanh',
  bins: 5,
  circular: [2, 3, 4],
} as const;

const alone = {
  dim: 1,
  identity: [],
  transformed: [0],
  hidden: [],
  activation: 'relu',
  circular: [0],
} as const;

function withFlow(
  t: ExecutionContext,
  options: RationalQuadraticCouplingOptions,
  scale: number,
  body: (way: Way, flow: Flow) => void,
): void {
  const bijection = new RationalQuadraticCoupling(options);
  const { dim, contextDim } = bijection;
  const flow = new Flow({ dim, contextDim, bijections: [bijection], reference: true });
  flow.parameters.assign(normals(flow.parameters.count, 71, scale));
  everyWay(t, flow, (way) => body(way, flow));
}

/** Greatest distance of the two on the circle of circumference 2·bound. */
function apart(a: Tensor, b: Tensor, bound = Math.PI): number {
  const distances = tf.sub(a, b).dataSync<'float32'>();
  return Math.max(...distances.map((value) => Math.abs(value - 2 * bound * Math.round(value / (2 * bound)))));
}

test('circles and lines at once: it is the formula in double', (t) => {
  const rows = 40;
  withFlow(t, mixed, 0.7, ({ name, forward }, flow) => {
    const [x, context] = [normalMatrix(rows, 5, 72, 4), normalMatrix(rows, 2, 73)];
    const { z, logDet } = forward(x, context);
    const p = Float64Array.from(flow.parameters.values());
    const contexts = context.arraySync();
    const expected = x.arraySync().map((row, i) => referenceForward(flow.spec(), p, row, contexts[i] ?? []));
    const values = tf.tensor2d(expected.map((one) => one.values));
    const [z0, ...others] = tf.split(z, 5, 1);
    const [expected0, ...angles] = tf.split(values, 5, 1);
    t.true(difference(z0 as Tensor, expected0 as Tensor) < 1e-5, name);
    others.forEach((column, i) => {
      const distance = i === 0 ? difference(column, angles[0] as Tensor) : apart(column, angles[i] as Tensor);
      t.true(distance < 2e-5, `${name}, column ${i + 1}: ${distance}`);
    });
    const error = difference(
      logDet,
      Float32Array.from(expected, (one) => one.logDet),
    );
    t.true(error < 5e-5, `${name}: ${error}`);
  });
});

test('whole turns of a circular column change nothing', (t) => {
  withFlow(t, mixed, 0.7, ({ name, forward, inverse }) => {
    const [x, context] = [normalMatrix(30, 5, 74, 0.8), normalMatrix(30, 2, 75)];
    const turns = tf.mul([0, 0, 2, -1, 3], 2 * Math.PI);
    // What is 18 away has lost 4 bits.
    const isTurned = tf.tensor1d([1, 1, 1, 0, 1]);
    const [here, there] = [forward(x, context), forward(tf.add(x, turns) as Tensor2D, context)];
    t.true(apart(tf.mul(here.z, isTurned), tf.mul(there.z, isTurned)) < 5e-5, name);
    t.true(difference(there.logDet, here.logDet) < 5e-5, name);
    const [data, other] = [inverse(x, context), inverse(tf.add(x, turns) as Tensor2D, context)];
    t.true(apart(tf.mul(data.x, isTurned), tf.mul(other.x, isTurned)) < 5e-5, name);
  });
});

for (const bound of [Math.PI, 0.5]) {
  test(`on the circle of circumference ${2 * bound} mass is kept, and the density has no jump`, (t) => {
    withFlow(t, { ...alone, bound }, 0.6, ({ name, forward, inverse }) => {
      const cells = 4000;
      const middles = Array.from({ length: cells }, (_, k) => -bound + ((k + 0.5) * 2 * bound) / cells);
      const x = tf.tensor2d(middles, [cells, 1]);
      for (const logDet of [forward(x).logDet, inverse(x).logDet]) {
        const mass = tf.mean(tf.exp(logDet)).dataSync()[0] as number;
        t.true(Math.abs(mass - 1) < 1e-4, `${name}: ${mass}`);
      }
      const cut = tf.tensor2d([-bound, -bound * (1 - 1e-6), bound * (1 - 1e-6), bound], [4, 1]);
      const { z, logDet } = forward(cut);
      const [first, ...rest] = logDet.dataSync();
      t.true(Math.abs(first as number) > 0.1, 'its slope there is not 1');
      for (const other of rest) t.true(Math.abs(other - (first as number)) < 1e-3, name);
      t.true(apart(z, tf.fill([4, 1], z.dataSync()[0] as number), bound) < 1e-4 * bound, name);
      t.true((tf.max(tf.abs(z)).dataSync()[0] as number) <= bound * (1 + 1e-6), name);
      t.true(apart(inverse(z).x, cut, bound) < 1e-5 * bound, name);
    });
  });
}

test('it starts as the identity, with a bound of π', (t) => {
  withFlow(t, alone, 0, ({ name, forward }) => {
    const x = tf.tensor2d([-3.1, -1, 0, 2, 3.1, 4], [6, 1]);
    const { z, logDet } = forward(x);
    t.true(difference(z, Float32Array.of(-3.1, -1, 0, 2, 3.1, 4 - 2 * Math.PI)) < 2e-6, name);
    t.true(difference(logDet, tf.zeros([6])) < 2e-6, name);
  });
});

test('circles that are no columns are refused', (t) => {
  for (const circular of [[1], [-1], [0, 0], [0.5]]) {
    const error = t.throws(() => new RationalQuadraticCoupling({ ...alone, circular }), {
      instanceOf: PushforwardError,
    });
    t.is(error.code, 'usage');
  }
});
