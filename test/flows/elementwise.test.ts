import test, { type ExecutionContext } from 'ava';
import { PushforwardError } from '../../src/errors.js';
import { Elementwise, type ElementwiseOptions } from '../../src/flows/elementwise.js';
import { Flow } from '../../src/flows/flow.js';
import { type Tensor, type Tensor2D, tf } from '../../src/tf.js';
import { difference } from './laws.js';
import { everyWay as everyWayOf, type Way } from './ways.js';

function everyWay(t: ExecutionContext, options: ElementwiseOptions, body: (way: Way) => void): void {
  const bijections = [new Elementwise(options)];
  everyWayOf(t, new Flow({ dim: options.dim, bijections, reference: true }), body);
}

const column = (values: readonly number[]): Tensor2D => tf.tensor2d([...values], [values.length, 1]);

/** From the far tails through where the maps bend. */
const points = [-1e4, -300, -90, -40, -16, -5, -1, -0.25, -1e-6, 0, 1e-6, 0.5, 1, 4, 12, 40, 90, 300, 1e4];

const logistic = (x: number): number => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));
const rectified = (x: number): number => Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x)));

interface Closed {
  readonly options: ElementwiseOptions;
  readonly value: (x: number) => number;
  readonly logSlope: (x: number) => number;
  /** Values of the map, and where they come from. */
  readonly pairs: readonly (readonly [y: number, x: number])[];
}

const closed: Closed[] = [
  {
    options: { dim: 1, map: 'sigmoid' },
    value: (x) => Math.min(1 - 2 ** -24, Math.max(1e-30, logistic(x))),
    logSlope: (x) => -rectified(x) - rectified(-x),
    pairs: [
      [0.5, 0],
      [0.25, -Math.log(3)],
      [1e-20, -46.05170186],
      [1 - 2 ** -20, Math.log(2 ** 20 - 1)],
      [0, -69.07755279],
      [-3, -69.07755279],
      [1, 16.63553233],
      [7, 16.63553233],
    ],
  },
  {
    options: { dim: 1, map: 'softplus' },
    value: (x) => Math.max(1e-30, rectified(x)),
    logSlope: (x) => -rectified(-x),
    pairs: [
      [Math.LN2, 0],
      [1e-20, -46.05170186],
      [30, 30],
      [1e4, 1e4],
      [0, -69.07755279],
      [-1e4, -69.07755279],
    ],
  },
  {
    options: { dim: 1, map: 'tanh' },
    value: (x) => Math.max(-1 + 2 ** -24, Math.min(1 - 2 ** -24, Math.tanh(x))),
    logSlope: (x) => 2 * Math.LN2 - rectified(2 * x) - rectified(-2 * x),
    pairs: [
      [0, 0],
      [1e-20, 1e-20],
      [-0.5, -Math.log(3) / 2],
      [1, 8.664339757],
      [-1e4, -8.664339757],
    ],
  },
  {
    options: { dim: 1, map: 'leakyRelu', slope: 0.2 },
    value: (x) => (x > 0 ? x : 0.2 * x),
    logSlope: (x) => (x > 0 ? 0 : Math.log(0.2)),
    pairs: [
      [-1, -5],
      [3, 3],
      [-1e4, -5e4],
    ],
  },
  {
    options: { dim: 1, map: 'affine', scale: -4, shift: 3 },
    value: (x) => 3 - 4 * x,
    logSlope: () => Math.log(4),
    pairs: [
      [3, 0],
      [-1, 1],
      [1e4, -2499.25],
    ],
  },
];

for (const { options, value, logSlope, pairs } of closed) {
  test.serial(`${options.map}: the closed form, from one tail to the other`, (t) => {
    everyWay(t, options, ({ name, forward, inverse }) => {
      const x = column(points);
      const there = forward(x);
      const exact = (f: (x: number) => number) => Float32Array.from(x.dataSync(), f);
      t.true(difference(there.z, exact(value)) < 5e-7, `value, ${name}`);
      t.true(difference(there.logDet, exact(logSlope)) < 1e-6, `log-slope, ${name}`);
      const back = inverse(column(pairs.map(([y]) => y)));
      const sources = Float32Array.from(pairs, ([, source]) => source);
      t.true(difference(back.x, sources) < 2e-6, `inverse, ${name}`);
      t.true(
        difference(
          back.logDet,
          sources.map((source) => -logSlope(source)),
        ) < 2e-6,
        `log-slope back, ${name}`,
      );
    });
  });

  test.serial(
    `${options.map}: inverted, it is its inverse to the bit, and gradients are finite everywhere`,
    (t) => {
      const edges = [...points, ...pairs.map(([y]) => y)];
      const results: Record<string, Float32Array[]>[] = [];
      for (const inverted of [false, true]) {
        const ways: Record<string, Float32Array[]> = {};
        everyWay(t, { ...options, inverted }, ({ name, forward, inverse }) => {
          const x = column(edges);
          const [there, back] = [forward(x), inverse(x)];
          const [applied, undone] = [
            [there.z, there.logDet],
            [back.x, back.logDet],
          ];
          const tensors = inverted ? [undone, applied] : [applied, undone];
          ways[name] = tensors.flat().map((tensor) => (tensor as Tensor).dataSync<'float32'>().slice());
          const slope = tf.grad((rows: Tensor) => {
            const { z, logDet } = forward(rows as Tensor2D);
            return tf.add(tf.sum(z), tf.sum(logDet));
          })(x);
          t.true(slope.dataSync().every(Number.isFinite), name);
        });
        results.push(ways);
      }
      t.deepEqual(results[1], results[0]);
    },
  );
}

test('other columns pass to the bit', (t) => {
  everyWay(t, { dim: 3, map: 'sigmoid', columns: [2] }, ({ forward }) => {
    const x = tf.tensor2d([
      [0.1, -1e30, 0],
      [1e-30, 3, 0],
    ]);
    t.deepEqual(forward(x).z.arraySync(), [
      [Math.fround(0.1), Math.fround(-1e30), 0.5],
      [Math.fround(1e-30), 3, 0.5],
    ]);
  });
});

test('constants and columns that make no bijection are refused', (t) => {
  for (const bad of [
    { dim: 2, map: 'sigmoid', columns: [] },
    { dim: 2, map: 'sigmoid', columns: [2] },
    { dim: 2, map: 'sigmoid', columns: [1, 1] },
    { dim: 2, map: 'sigmoid', columns: [0.5] },
    { dim: 2, map: 'leakyRelu', slope: 0 },
    { dim: 2, map: 'leakyRelu', slope: -1 },
    { dim: 2, map: 'leakyRelu', slope: Number.NaN },
    { dim: 2, map: 'affine', scale: 0, shift: 1 },
    { dim: 2, map: 'affine', scale: [1], shift: 1 },
    { dim: 2, map: 'affine', scale: 1, shift: [1, 2, 3] },
    { dim: 2, map: 'affine', scale: Number.POSITIVE_INFINITY, shift: 1 },
    { dim: 2, map: 'affine', scale: 1, shift: Number.NaN },
  ] as ElementwiseOptions[]) {
    const error = t.throws(() => new Elementwise(bad), { instanceOf: PushforwardError }, JSON.stringify(bad));
    t.is(error.code, 'usage');
  }
});
