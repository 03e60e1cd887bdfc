import test from 'ava';
import { type ColumnSupport, supportForward, supportInverse } from '../../src/data/support.js';
import { supportValues } from '../../src/data/transformValues.js';
import { type Tensor2D, tf } from '../../src/tf.js';

test.before(() => tf.setBackend('cpu'));

const common = { mean: 0.3, deviation: 1.7 };
const columns: ColumnSupport[] = [
  { kind: 'affine', shift: 3, scale: 2, low: -100, high: 100, ...common },
  { kind: 'symlog', shift: -1, scale: 0.5, low: -1000, high: 1000, ...common },
  { kind: 'log', shift: 0, scale: 4, low: 0.01, high: 5000, ...common },
  { kind: 'logit', shift: -0.5, scale: 2, low: -0.49, high: 1.49, ...common },
];

/** The four maps at one argument, written out. */
function expected(x: number): number[] {
  const f = [
    (x - 3) / 2,
    Math.sign(x + 1) * Math.log(1 + Math.abs(x + 1) / 0.5),
    Math.log(x / 4),
    Math.log((x + 0.5) / (1.5 - x)),
  ];
  return f.map((value) => (value - 0.3) / 1.7);
}

test('each column has the map of its kind, whatever stands beside it', (t) => {
  for (const x of [0.02, 0.3, 0.99, 1.4]) {
    const { y } = supportForward(tf.tensor2d([[x, x, x, x]]), columns);
    y.dataSync().forEach((value, j) => {
      t.true(Math.abs(value - (expected(x)[j] as number)) < 1e-5, `${columns[j]?.kind} at ${x}`);
    });
    columns.forEach((column, j) => {
      const alone = supportForward(tf.tensor2d([[x]]), [column]).y.dataSync()[0] as number;
      t.true(Math.abs(alone - (expected(x)[j] as number)) < 1e-5);
      t.true(
        Math.abs((supportValues(Float64Array.of(x), column).y[0] as number) - (expected(x)[j] as number)) <
          1e-12,
      );
    });
  }
});

test('outside it goes straight on, with the slope of the end', (t) => {
  for (const [inside, step] of [
    ['low', -1],
    ['high', 1],
  ] as const) {
    const rows = [0, 1, 10, 1e4].map((times) =>
      columns.map((column) => column[inside] + times * step * column.scale),
    );
    const { y, logDet } = supportForward(tf.tensor2d(rows), columns);
    const [values, logDets] = [y.arraySync(), logDet.arraySync()];
    columns.forEach((column, j) => {
      const at = (row: number): number => values[row]?.[j] as number;
      const slope = Math.exp(logDets[0]?.[j] as number);
      t.true(Math.abs((at(2) - at(0)) / (10 * step * column.scale) / slope - 1) < 1e-3, column.kind);
      t.is(logDets[3]?.[j], logDets[0]?.[j]);
    });
    const back = supportInverse(y, columns).arraySync();
    rows.forEach((row, i) => {
      row.forEach((x, j) => {
        t.true(
          Math.abs((back[i]?.[j] as number) - x) <
            1e-5 * (1 + Math.abs(x) + Math.exp(-(logDets[i]?.[j] as number))),
        );
      });
    });
  }
});

test('at the very centre and at the ends gradients are the slopes, counted once', (t) => {
  const rows = [[3, -1, 4, 0.5], columns.map(({ low }) => low), columns.map(({ high }) => high)];
  const x = tf.tensor2d(rows);
  const { y, logDet } = supportForward(x, columns);
  const gradient = tf.grad((at: tf.Tensor) => tf.sum(supportForward(at as Tensor2D, columns).y))(x);
  const ratio = tf.sub(tf.log(gradient), logDet);
  t.true((tf.max(tf.abs(ratio)).dataSync()[0] as number) < 1e-3);
  const centre = tf.tensor2d([[3, -1, 4, 0.5]]);
  const latent = supportForward(centre, columns);
  const back = tf.grad((at: tf.Tensor) => tf.sum(supportInverse(at as Tensor2D, columns)))(latent.y);
  const product = tf.add(tf.log(back), latent.logDet);
  t.true((tf.max(tf.abs(product)).dataSync()[0] as number) < 1e-3);
  t.is(y.shape[1], 4);
});
