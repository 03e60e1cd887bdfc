import '../../src/backend/index.js';
import { NATIVE_BACKEND } from '../../src/backend/registry.js';
import { layers, type Tensor, tf } from '../../src/tf.js';
import { nativeTest, onEveryLevel, type TestedAddon } from '../native/support.js';
import { normals } from './cases/inputs.js';
import { type BadCall, floats, holdRefusals, wrong } from './refusals.js';
import { difference, outputsOn } from './run.js';

const SHAPES: readonly number[][] = [
  [5, 1],
  [7, 3],
  [64, 40],
  [40, 300],
  [2, 5, 9],
  [3, 4, 5, 16],
  [2, 6, 7, 35],
];

interface Variable {
  val: Tensor;
}

/** A layer whose weights are given, applied to x as in training; gives its output and its moving averages. */
function trained(x: Tensor, gamma: Tensor, beta: Tensor): [Tensor, Tensor, Tensor] {
  const layer = layers.layers.batchNormalization({ momentum: 0.7, epsilon: 0.01 });
  // Makes its weights.
  layer.apply(tf.zeros(x.shape));
  const [scale, offset, mean, variance] = layer.weights as unknown as [
    Variable,
    Variable,
    Variable,
    Variable,
  ];
  const own = [scale.val, offset.val] as const;
  [scale.val, offset.val] = [gamma, beta];
  const output = layer.apply(x, { training: true }) as Tensor;
  [scale.val, offset.val] = own;
  const averages: [Tensor, Tensor] = [tf.clone(mean.val), tf.clone(variance.val)];
  layer.dispose();
  return [output, ...averages];
}

function tensorsOf(shape: number[]): [Tensor, Tensor, Tensor] {
  const channels = shape.slice(-1);
  return [normals(shape, 1), normals(channels, 2), normals(channels, 3)].map(({ values, shape: own }) =>
    tf.tensor(values.slice(), own),
  ) as [Tensor, Tensor, Tensor];
}

const weighted = (y: Tensor): tf.Scalar =>
  tf.sum(tf.mul(tf.add(y, tf.square(y)), tf.tensor(normals(y.shape, 4).values.slice(), y.shape)));

/** Output, moving averages, first derivatives, and those of a sum of the first ones. */
function everything(shape: number[]): Tensor[] {
  const inputs = tensorsOf(shape);
  const loss = (x: Tensor, gamma: Tensor, beta: Tensor) => weighted(trained(x, gamma, beta)[0]);
  const slope = (...at: Tensor[]) =>
    tf.addN(
      tf
        .grads(loss as (...at: Tensor[]) => Tensor)(at)
        .map((gradient) => weighted(gradient)),
    );
  return [
    ...trained(...inputs),
    ...tf.grads(loss as (...at: Tensor[]) => Tensor)(inputs),
    ...tf.grads(slope)(inputs),
  ];
}

nativeTest('a layer in training computes, keeps and has the gradients of what it does on cpu', (t, addon) => {
  for (const shape of SHAPES) {
    const expected = outputsOn('cpu', () => everything(shape));
    const size = Math.max(...expected.flatMap(({ values }) => Array.from(values, Math.abs)));
    onEveryLevel(addon, (level) => {
      const found = outputsOn(NATIVE_BACKEND, () => everything(shape));
      const wrong = difference(found, expected, { relative: 1e-4, absolute: 1e-5 * size });
      t.is(wrong, undefined, `[${shape}] ${level}`);
    });
  }
});

nativeTest('a layer in use, and one with its channels first, are those of tfjs', (t) => {
  for (const training of [false, true]) {
    const run = (backend: string) =>
      outputsOn(backend, () => {
        const layer = layers.layers.batchNormalization({ axis: 1 });
        const output = layer.apply(tensorsOf([6, 3, 4])[0], { training }) as Tensor;
        layer.dispose();
        return output;
      });
    t.is(difference(run(NATIVE_BACKEND), run('cpu'), { relative: 1e-5, absolute: 1e-5 }), undefined);
  }
});

nativeTest('moments of numbers far from zero', (t, addon) => {
  const [rows, channels] = [5000, 11];
  const x = (normals([rows, channels], 1).values as Float32Array).map((value) => 3000 + value);
  const [mean, variance] = [floats(channels), floats(channels)];
  addon.tensorMoments(x, mean, variance);
  for (let j = 0; j < channels; j++) {
    const column = Array.from({ length: rows }, (_, i) => x[i * channels + j] as number);
    const centre = column.reduce((a, b) => a + b) / rows;
    const spread = column.reduce((sum, value) => sum + (value - centre) ** 2, 0) / rows;
    t.true(Math.abs((mean[j] as number) - centre) < 1e-7 * centre);
    t.true(Math.abs((variance[j] as number) - spread) < 1e-6 * spread);
  }
});

/** The results of one call of each function. */
function gradientOf(addon: TestedAddon, rows: number, channels: number): Float32Array[] {
  const x = normals([rows, channels], 1).values as Float32Array;
  const dy = normals([rows, channels], 2).values as Float32Array;
  const [mean, variance] = [floats(channels), floats(channels)];
  addon.tensorMoments(x, mean, variance);
  const [dx, dScale, dOffset] = [floats(x.length), floats(channels), floats(channels)];
  addon.tensorNormaliseGradient(x, dy, mean, variance, variance, dx, dScale, dOffset, 0.1);
  const [sums, products] = [floats(channels), floats(channels)];
  addon.tensorNormaliseSums(dy, x, mean, sums, products);
  return [mean, variance, dx, dScale, dOffset, sums, products];
}

nativeTest('the same bits on 1, 2 and 3 threads', (t, addon) => {
  for (const [rows, channels] of [
    [60_000, 6],
    [9000, 37],
    [70, 5000],
  ] as const) {
    addon.setThreads(1);
    const alone = gradientOf(addon, rows, channels);
    for (const threads of [2, 3]) {
      addon.setThreads(threads);
      for (const [i, found] of gradientOf(addon, rows, channels).entries()) {
        const isSame = Buffer.from(found.buffer).equals(Buffer.from((alone[i] as Float32Array).buffer));
        t.true(isSame, `result ${i} of [${rows}, ${channels}] on ${threads} threads`);
      }
    }
  }
});

const x = floats(6);
const pair = floats(2);

const CALLS: readonly BadCall[] = [
  [
    /tensorMoments: variance must have 2 elements, but has 3/,
    (a) => a.tensorMoments(x, floats(2), floats(3)),
  ],
  [/tensorMoments: x must have 4 elements, but has 6/, (a) => a.tensorMoments(x, floats(4), floats(4))],
  [/tensorMoments: variance overlaps mean/, (a) => a.tensorMoments(x, pair, pair)],
  [
    /tensorNormaliseSums: products must have 2/,
    (a) => a.tensorNormaliseSums(x, x, pair, floats(2), floats(3)),
  ],
  [/tensorNormaliseSums: sums overlaps mean/, (a) => a.tensorNormaliseSums(x, x, pair, pair, floats(2))],
  [
    /tensorNormaliseGradient: dy must have 6/,
    (a) => a.tensorNormaliseGradient(x, floats(5), pair, pair, pair, floats(6), floats(2), floats(2), 1),
  ],
  [
    /tensorNormaliseGradient: scale must have 2/,
    (a) => a.tensorNormaliseGradient(x, x, pair, pair, floats(3), floats(6), floats(2), floats(2), 1),
  ],
  [
    /tensorNormaliseGradient: dScale overlaps mean/,
    (a) => a.tensorNormaliseGradient(x, x, pair, floats(2), floats(2), floats(6), pair, floats(2), 1),
  ],
  [
    /tensorNormaliseGradient: epsilon must be a number/,
    (a) => a.tensorNormaliseGradient(x, x, pair, pair, pair, floats(6), floats(2), floats(2), wrong('1')),
  ],
];

nativeTest('a bad call throws a TypeError that names the call and the argument', (t, addon) => {
  holdRefusals(t, addon, CALLS);
});
