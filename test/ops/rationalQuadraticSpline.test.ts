import test from 'ava';
import {
  inverseRationalQuadraticSpline,
  rationalQuadraticSpline,
  type SplineKnots,
} from '../../src/ops/rationalQuadraticSpline.js';
import { type Tensor2D, tf } from '../../src/tf.js';

test.before(() => tf.setBackend('cpu'));

/** Two columns: one gently bent, one with slopes from 0.02 to 50. */
const positions = [
  [-2, -0.5, 0.3, 1, 2.5],
  [-1, -0.96, 0.5, 0.55, 4],
];
const values = [
  [-2.5, -0.4, 0.1, 1.4, 2],
  [-2, -0.1, 0, 1.9, 2],
];
const derivatives = [
  [0.7, 1.2, 0.5, 1, 0.6],
  [5, 9, 0.04, 30, 0.02],
];

function knots(rows = 1): SplineKnots {
  const tensor = (table: number[][]): tf.Tensor3D =>
    tf.tile(tf.tensor3d(table.flat(), [1, 2, 5]), [rows, 1, 1]) as tf.Tensor3D;
  return { x: tensor(positions), y: tensor(values), derivative: tensor(derivatives) };
}

/** Column 0 and 1 both run over the same grid. */
function grid(from: number, to: number, n: number): Tensor2D {
  const points = Float32Array.from(
    { length: n * 2 },
    (_, i) => from + ((to - from) * Math.floor(i / 2)) / (n - 1),
  );
  return tf.tensor2d(points, [n, 2]);
}

function forward(x: Tensor2D): { y: Float32Array; logDet: Float32Array } {
  const { y, logDet } = rationalQuadraticSpline(x, knots());
  return { y: y.dataSync() as Float32Array, logDet: logDet.dataSync() as Float32Array };
}

test('passes through its knots with the derivatives given', (t) => {
  const x = tf.transpose(tf.tensor2d(positions)) as Tensor2D;
  const { y, logDet } = forward(x);
  for (let k = 0; k < 5; k++) {
    for (let j = 0; j < 2; j++) {
      t.true(Math.abs((y[k * 2 + j] as number) - (values[j]?.[k] as number)) < 1e-5);
      const expected = Math.log(derivatives[j]?.[k] as number);
      t.true(Math.abs((logDet[k * 2 + j] as number) - expected) < 1e-4);
    }
  }
});

/** The same spline in double precision, straight from the formulas of Gregory and Delbourgo. */
function reference(column: number, x: number): { y: number; slope: number } {
  const px = positions[column] as number[];
  const py = values[column] as number[];
  const pd = derivatives[column] as number[];
  const at = (list: number[], k: number): number => list[k] as number;
  if (x <= at(px, 0)) return { y: at(py, 0) + (x - at(px, 0)) * at(pd, 0), slope: at(pd, 0) };
  if (x >= at(px, 4)) return { y: at(py, 4) + (x - at(px, 4)) * at(pd, 4), slope: at(pd, 4) };
  const k = px.findIndex((_, i) => x < at(px, i + 1));
  const [width, height] = [at(px, k + 1) - at(px, k), at(py, k + 1) - at(py, k)];
  const s = height / width;
  const t = (x - at(px, k)) / width;
  const bottom = s + (at(pd, k + 1) + at(pd, k) - 2 * s) * t * (1 - t);
  const top = at(pd, k + 1) * t ** 2 + 2 * s * t * (1 - t) + at(pd, k) * (1 - t) ** 2;
  return {
    y: at(py, k) + (height * (s * t ** 2 + at(pd, k) * t * (1 - t))) / bottom,
    slope: (s ** 2 * top) / bottom ** 2,
  };
}

test('agrees with the formulas in double precision', (t) => {
  const x = grid(-4, 6, 1001);
  const points = x.dataSync();
  const { y, logDet } = forward(x);
  points.forEach((point, i) => {
    const expected = reference(i % 2, point);
    t.true(Math.abs((y[i] as number) - expected.y) < 2e-6 * (1 + Math.abs(expected.y)));
    t.true(Math.abs((logDet[i] as number) - Math.log(expected.slope)) < 2e-3);
  });
});

test('increases, and its log-derivative is that of central differences', (t) => {
  for (let x = -3.973; x < 6; x += 0.05) {
    for (const column of [0, 1]) {
      const rise = (reference(column, x + 1e-6).y - reference(column, x - 1e-6).y) / 2e-6;
      const { logDet } = forward(tf.tensor2d([x, x], [1, 2]));
      t.true(rise > 0);
      t.true(Math.abs((logDet[column] as number) - Math.log(rise)) < 5e-3, `column ${column} at ${x}`);
    }
  }
});

test('the inverse undoes it, inside and in the tails, and its log-derivative is the negative', (t) => {
  const x = tf.concat([grid(-4, 6, 1001), tf.tensor2d([-1e4, -1e4, 1e4, 1e4], [2, 2])]) as Tensor2D;
  const { y, logDet } = rationalQuadraticSpline(x, knots());
  const back = inverseRationalQuadraticSpline(y, knots());
  // Half a float32 unit of y is all that the forward map keeps, so x is known up to that over the slope.
  const resolution = tf.div(tf.mul(tf.add(1, tf.abs(y)), 3e-7), tf.exp(logDet));
  const allowed = tf.add(resolution, tf.mul(tf.abs(x), 3e-7));
  const error = tf.max(tf.div(tf.abs(tf.sub(back.x, x)), allowed)).dataSync()[0] as number;
  const mismatch = tf.max(tf.abs(tf.add(back.logDet, logDet))).dataSync()[0] as number;
  t.true(error < 1, `${error}`);
  t.true(mismatch < 0.02, `${mismatch}`);
});

test('outside its knots it is a straight line with the slope of the outermost knot', (t) => {
  const { y, logDet } = forward(tf.tensor2d([-7, -6, 9.5, 14], [2, 2]));
  t.true(Math.abs((y[0] as number) - (-2.5 - 5 * 0.7)) < 1e-5);
  t.true(Math.abs((y[1] as number) - (-2 - 5 * 5)) < 1e-4);
  t.true(Math.abs((y[2] as number) - (2 + 7 * 0.6)) < 1e-5);
  t.true(Math.abs((y[3] as number) - (2 + 10 * 0.02)) < 1e-5);
  t.true(Math.abs((logDet[3] as number) - Math.log(0.02)) < 1e-5);
});

test('knots of a row of their own give what shared knots give', (t) => {
  const x = grid(-3, 5, 7);
  const shared = rationalQuadraticSpline(x, knots());
  const own = rationalQuadraticSpline(x, knots(7));
  t.deepEqual(own.y.dataSync(), shared.y.dataSync());
  t.deepEqual(own.logDet.dataSync(), shared.logDet.dataSync());
});

test('gradients for inputs and knots are finite everywhere and agree with differences', (t) => {
  const { x: kx, y: ky, derivative } = knots();
  const objective = (x: tf.Tensor, px: tf.Tensor, py: tf.Tensor, pd: tf.Tensor): tf.Scalar => {
    const at = { x: px as tf.Tensor3D, y: py as tf.Tensor3D, derivative: pd as tf.Tensor3D };
    const { y, logDet } = rationalQuadraticSpline(x as Tensor2D, at);
    return tf.sum(tf.add(tf.square(y), logDet)) as tf.Scalar;
  };
  const edges = tf.tensor2d([-1e4, -1, -2, 4, 0.3, 0.5, 2.5, 1e4, 0.2, 0.7, 1.7, -0.4], [6, 2]);
  const everywhere = tf.grads(objective)([edges, kx, ky, derivative]);
  for (const gradient of everywhere) t.true(gradient.dataSync().every(Number.isFinite));

  const inside = tf.tensor2d([0.2, 0.7, 1.7, -0.4, -3, 5], [3, 2]);
  const inputs = [inside, kx, ky, derivative];
  const gradients = tf.grads(objective)(inputs);
  const step = 1e-2;
  inputs.forEach((input, which) => {
    const analytic = (gradients[which] as tf.Tensor).dataSync();
    for (let i = 0; i < input.size; i += 3) {
      const moved = (by: number): number => {
        const data = Float32Array.from(input.dataSync());
        data[i] = (data[i] as number) + by;
        const all = inputs.map((old, k) => (k === which ? tf.tensor(data, input.shape) : old));
        return objective(...(all as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor])).dataSync()[0] as number;
      };
      const size = which === 0 || i < 5 ? step : step / 20;
      const difference = (moved(size) - moved(-size)) / (2 * size);
      const error = Math.abs(difference - (analytic[i] as number)) / (1 + Math.abs(difference));
      t.true(error < 0.05, `input ${which} at ${i}: ${analytic[i]} against ${difference}`);
    }
  });
});

test('the inverse has finite gradients at and beyond its knots', (t) => {
  const y = tf.tensor2d([-1e4, -2, -2.5, 2, 0.1, 0, 2, 1e4], [4, 2]);
  const gradient = tf.grad((at: tf.Tensor) =>
    tf.sum(inverseRationalQuadraticSpline(at as Tensor2D, knots()).x),
  )(y);
  t.true(gradient.dataSync().every(Number.isFinite));
  // dx/dy of a line is the inverse slope; at a knot it counts once, not from both sides.
  const at = gradient.dataSync();
  t.true(Math.abs((at[0] as number) - 1 / 0.7) < 1e-4);
  t.true(Math.abs((at[2] as number) - 1 / 0.7) < 1e-3);
  t.true(Math.abs((at[7] as number) - 50) < 1e-2);
});

test('an empty batch stays empty and NaN stays NaN', (t) => {
  t.deepEqual(rationalQuadraticSpline(tf.zeros([0, 2]) as Tensor2D, knots()).y.shape, [0, 2]);
  const { y } = forward(tf.tensor2d([Number.NaN, 0.2], [1, 2]));
  t.true(Number.isNaN(y[0]));
  t.true(Number.isFinite(y[1]));
});
