import '../../src/backend/index.js';
import { NATIVE_BACKEND } from '../../src/backend/registry.js';
import { type Tensor, tf } from '../../src/tf.js';
import { nativeTest, onEveryLevel, type TestedAddon } from '../native/support.js';
import { normals } from './cases/inputs.js';
import { type BadCall, floats, holdRefusals, wrong } from './refusals.js';
import { difference, type Output, outputsOn } from './run.js';

const SHAPES: readonly number[][] = [[1, 1], [7, 3], [64, 10], [3, 700], [2, 1025], [5], [2, 5, 9]];

const tensorOf = (shape: number[], stream: number): Tensor =>
  tf.tensor(normals(shape, stream).values.slice(), shape);

const crossEntropy = (labels: Tensor, logits: Tensor): Tensor =>
  tf.losses.softmaxCrossEntropy(labels, logits, undefined, 0, tf.Reduction.NONE);

/** The losses as a gradient has them, first derivatives, and those of a sum of the first ones. */
function everything(labels: Tensor, logits: Tensor): Tensor[] {
  let losses: Tensor | undefined;
  const loss = (...at: Tensor[]): tf.Scalar => {
    losses = tf.keep(crossEntropy(at[0] as Tensor, at[1] as Tensor));
    return tf.sum(tf.add(losses, tf.square(losses)));
  };
  const slope = (...at: Tensor[]) =>
    tf.addN(
      tf
        .grads(loss)(at)
        .map((gradient) => tf.sum(tf.square(gradient))),
    );
  const gradients = tf.grads(loss)([labels, logits]);
  return [losses as Tensor, ...gradients, ...tf.grads(slope)([labels, logits])];
}

nativeTest('losses and derivatives are those of the operations on cpu', (t, addon) => {
  for (const shape of SHAPES) {
    const run = () => everything(tensorOf(shape, 1), tensorOf(shape, 2));
    const expected = outputsOn('cpu', run);
    onEveryLevel(addon, (level) => {
      const found = outputsOn(NATIVE_BACKEND, run);
      for (const [i, output] of found.entries()) {
        const size = Math.max(...Array.from((expected[i] as Output).values, Math.abs));
        const wrong = difference([output], [expected[i] as Output], {
          relative: 1e-5,
          absolute: 1e-5 * size,
        });
        t.is(wrong, undefined, `output ${i} of [${shape}] ${level}`);
      }
    });
  }
});

nativeTest('labels of whole numbers, and logits far from zero and from each other', (t, addon) => {
  onEveryLevel(addon, () => {
    const gradientOf = (rows: number[][]) => {
      const labels = tf.oneHot(tf.tensor1d([0, 1], 'int32'), 2);
      const { value, grad } = tf.valueAndGrad((logits) => tf.sum(crossEntropy(labels, logits)))(
        tf.tensor2d(rows),
      );
      return [value, grad];
    };
    const [losses, gradients] = outputsOn(NATIVE_BACKEND, () =>
      gradientOf([
        [-1e30, 1e30],
        [20000, 20001],
      ]),
    );
    t.is(losses?.values[0], Math.fround(2e30));
    t.deepEqual([...(gradients?.values ?? [])].slice(0, 2), [-1, 1]);
    const [near] = outputsOn(NATIVE_BACKEND, () =>
      gradientOf([
        [300, 300],
        [20000, 20001],
      ]),
    );
    const exact = Math.log(2) + Math.log1p(Math.exp(-1));
    t.true(Math.abs((near?.values[0] as number) - exact) < 1e-6);
  });
});

function rowsOf(addon: TestedAddon, rows: number, classes: number): [Float32Array, Float32Array] {
  const labels = normals([rows, classes], 1).values as Float32Array;
  const logits = normals([rows, classes], 2).values as Float32Array;
  const losses = floats(rows);
  addon.tensorCrossEntropy(labels, logits, losses);
  const gradient = floats(labels.length);
  addon.tensorCrossEntropyGradient(labels, logits, losses, gradient);
  return [losses, gradient];
}

nativeTest('the same bits on 1, 2 and 3 threads', (t, addon) => {
  for (const [rows, classes] of [
    [6000, 37],
    [70, 3000],
  ] as const) {
    addon.setThreads(1);
    const alone = rowsOf(addon, rows, classes);
    for (const threads of [2, 3]) {
      addon.setThreads(threads);
      t.deepEqual(rowsOf(addon, rows, classes), alone, `[${rows}, ${classes}] on ${threads} threads`);
    }
  }
});

const six = floats(6);

const CALLS: readonly BadCall[] = [
  [/tensorCrossEntropy: labels must have 6/, (a) => a.tensorCrossEntropy(floats(5), six, floats(2))],
  [/tensorCrossEntropy: logits must have 4/, (a) => a.tensorCrossEntropy(six, six, floats(4))],
  [/tensorCrossEntropy: out overlaps logits/, (a) => a.tensorCrossEntropy(floats(6), six, six)],
  [/tensorCrossEntropy: labels must be a Float32Array/, (a) => a.tensorCrossEntropy(wrong([1]), six, six)],
  [
    /tensorCrossEntropyGradient: out must have 6/,
    (a) => a.tensorCrossEntropyGradient(six, floats(6), floats(2), floats(7)),
  ],
  [
    /tensorCrossEntropyGradient: logits must have 5/,
    (a) => a.tensorCrossEntropyGradient(six, floats(6), floats(5), floats(6)),
  ],
  [
    /tensorCrossEntropyGradient: out overlaps labels/,
    (a) => a.tensorCrossEntropyGradient(six, floats(6), floats(2), six),
  ],
];

nativeTest('a bad call throws a TypeError that names the call and the argument', (t, addon) => {
  holdRefusals(t, addon, CALLS);
});
