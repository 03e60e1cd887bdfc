import test from 'ava';
import { PushforwardError } from '../../src/errors.js';
import { logAbsDeterminant } from '../../src/ops/determinant.js';
import { type Tensor, type Tensor2D, tf } from '../../src/tf.js';
import { type Argument, exportFunction, floats, type TensorFunction } from './support.js';

test.before(() => tf.setBackend('cpu'));

const rows = (x: Tensor): number => x.shape[0] as number;

const refused: readonly (readonly [string, TensorFunction, readonly Argument[], RegExp])[] = [
  [
    'a kernel without a converter',
    (x) => tf.atan2(x, x),
    [floats(['batch', 2])],
    /Atan2 has no ONNX converter/,
  ],
  [
    'a determinant of matrices that depend on the rows',
    (x) => logAbsDeterminant(tf.reshape(x, [rows(x), 2, 2])).logAbsDet,
    [floats(['batch', 4])],
    /PushforwardLuFactor has no ONNX converter/,
  ],
  ['reading values', (x) => tf.mul(x, x.dataSync()[0] as number), [floats(['batch', 2])], /reads the values/],
  [
    'a loop over the rows',
    (x) => tf.stack(tf.unstack(x).map((row) => tf.neg(row))),
    [floats(['batch', 2])],
    /other things for 11 rows than for 18/,
  ],
  [
    'one row more',
    (x) =>
      tf.pad(x as Tensor2D, [
        [1, 0],
        [0, 0],
      ]),
    [floats(['batch', 2])],
    /\[12, 2\] for 11 rows and \[19, 2\] for 18/,
  ],
  [
    'half of the rows',
    (x) => tf.slice(x, [0, 0], [Math.floor(rows(x) / 2), 2]),
    [floats(['batch', 2])],
    /not in proportion/,
  ],
  [
    'the number of rows as a factor',
    (x) => tf.leakyRelu(x, rows(x)),
    [floats(['batch', 2])],
    /alpha is not a fixed number/,
  ],
  [
    'one over the number of rows',
    (x) => tf.leakyRelu(x, 1 / rows(x)),
    [floats(['batch', 2])],
    /attribute alpha: it is/,
  ],
  [
    'a constant that depends on the rows',
    (x) => tf.mul(x, tf.scalar(1 / rows(x))),
    [floats(['batch', 2])],
    /constant whose values depend on the rows/,
  ],
  [
    'a constant table by rows',
    (x) => tf.mul(x, tf.tensor2d(Array.from({ length: rows(x) }, (_, i) => [i, i]))),
    [floats(['batch', 2])],
    /constant whose values depend on the rows/,
  ],
  [
    'random numbers',
    (x) => tf.mul(x, tf.randomNormal([2])),
    [floats(['batch', 2])],
    /constant whose values depend on the rows/,
  ],
  [
    'parity',
    (x) => (rows(x) % 2 === 0 ? tf.neg(x) : tf.abs(x)),
    [floats(['batch', 2])],
    /kernel 0 is Abs in one and Neg in the other/,
  ],
  [
    'complex numbers',
    (x) => tf.fft(tf.complex(x, x)),
    [floats(['batch', 2])],
    /complex64 cannot be traced|no ONNX converter/,
  ],
  [
    'a gather along rows that mirrors them',
    (x) =>
      tf.mirrorPad(
        x as Tensor2D,
        [
          [5, 6],
          [0, 0],
        ],
        'reflect',
      ),
    [floats(['batch', 2])],
    /not in proportion/,
  ],
];

for (const [name, fn, args, message] of refused) {
  test.serial(`refused: ${name}`, (t) => {
    const error = t.throws(() => exportFunction(fn, args), { instanceOf: PushforwardError, message });
    t.is((error as PushforwardError).code, 'unsupported');
    t.false(error?.message.includes('\n'));
    t.is(tf.getBackend(), 'cpu');
  });
}
