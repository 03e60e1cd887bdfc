import test from 'ava';
import { inverse, Matrix } from 'ml-matrix';
import '../../src/backend/index.js';
import { PushforwardError } from '../../src/errors.js';
import { featureDistances } from '../../src/metrics/featureDistances.js';
import { frechetDistance, normalFrechetDistance } from '../../src/metrics/frechetDistance.js';
import { ImageClassifier } from '../../src/metrics/imageClassifier.js';
import { cubicKernelDistance } from '../../src/metrics/kernelDistance.js';
import { Random } from '../../src/random.js';
import { type Tensor2D, tf } from '../../src/tf.js';
import { normalMatrix } from '../flows/laws.js';

test.before(() => tf.ready());

type Square = readonly (readonly number[])[];

const product = (a: Square, b: Square): number[][] =>
  a.map((row) =>
    (b[0] as number[]).map((_, k) => row.reduce((sum, v, j) => sum + v * (b[j]?.[k] as number), 0)),
  );
const transpose = (a: Square): number[][] =>
  (a[0] as number[]).map((_, k) => a.map((row) => row[k] as number));
const trace = (a: Square) => a.reduce((sum, row, k) => sum + (row[k] as number), 0);
const diagonal = (values: readonly number[]) =>
  values.map((value, i) => values.map((_, k) => (i === k ? value : 0)));

/** A A ᵀ / d of normal numbers, with so many columns: of that rank at most. */
function covariance(d: number, seed: number, columns = d): number[][] {
  const values = new Random(seed).normal(new Float32Array(d * columns));
  const a = Array.from({ length: d }, (_, i) => Array.from(values.subarray(i * columns, (i + 1) * columns)));
  return product(a, transpose(a)).map((row) => row.map((value) => value / d));
}

/** An orthogonal matrix: the product of reflections at normal vectors. */
function rotation(d: number, seed: number): number[][] {
  let q = diagonal(Array<number>(d).fill(1));
  for (let k = 0; k < d; k++) {
    const v = Array.from(new Random(seed, k).normal(new Float32Array(d)));
    const squared = v.reduce((sum, value) => sum + value * value, 0);
    const mirror = v.map((x, i) => v.map((y, j) => (i === j ? 1 : 0) - (2 * x * y) / squared));
    q = product(q, mirror);
  }
  return q;
}

/** A^½ by the iteration of Denman and Beavers 1976, of any matrix without eigenvalues on the negative axis. */
function squareRoot(a: Square): number[][] {
  let [y, z] = [new Matrix(a.map((row) => [...row])), Matrix.eye(a.length)];
  for (let k = 0; k < 60; k++) {
    [y, z] = [Matrix.add(y, inverse(z)).div(2), Matrix.add(z, inverse(y)).div(2)];
  }
  return y.to2DArray();
}

const none = (d: number) => Array<number>(d).fill(0);
const isNear = (a: number, b: number, tolerance = 1e-9) =>
  Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));

test('equal normal laws are at 0, shifted ones at the square of the shift', (t) => {
  for (const rank of [7, 3, 0]) {
    const sigma = rank === 0 ? diagonal(none(7)) : covariance(7, 1, rank);
    t.true(
      normalFrechetDistance({ mean: none(7), covariance: sigma }, { mean: none(7), covariance: sigma }) <
        1e-7,
    );
    const mean = [3, -4, 0, 12, 0, 0, 84];
    const shifted = normalFrechetDistance({ mean: none(7), covariance: sigma }, { mean, covariance: sigma });
    t.true(isNear(shifted, 85 ** 2), `${shifted}`);
  }
});

test('covariances that commute are at the sum of squares of differences of deviations, rank or not', (t) => {
  const q = rotation(5, 3);
  const [first, second] = [
    [4, 1, 0.25, 9, 0],
    [1, 1, 6.25, 0, 2.25],
  ];
  const turned = (values: readonly number[]) => product(product(q, diagonal(values)), transpose(q));
  const distance = normalFrechetDistance(
    { mean: none(5), covariance: turned(first as number[]) },
    { mean: none(5), covariance: turned(second as number[]) },
  );
  t.true(isNear(distance, 1 + 0 + 4 + 9 + 2.25, 1e-6), `${distance}`);
});

test('the trace of the root is that of the product without symmetry, by another algorithm', (t) => {
  for (const d of [1, 2, 9]) {
    const [a, b] = [covariance(d, 4, d + 3), covariance(d, 5, d + 2)];
    const expected = trace(a) + trace(b) - 2 * trace(squareRoot(product(a, b)));
    const distance = normalFrechetDistance(
      { mean: none(d), covariance: a },
      { mean: none(d), covariance: b },
    );
    t.true(isNear(distance, expected, 1e-7), `${d}: ${distance} against ${expected}`);
    // In two dimensions (tr √M)² = tr M + 2 √det M.
    if (d !== 2) continue;
    const m = product(a, b) as [[number, number], [number, number]];
    const determinant = m[0][0] * m[1][1] - m[0][1] * m[1][0];
    const closed = trace(a) + trace(b) - 2 * Math.sqrt(trace(m) + 2 * Math.sqrt(determinant));
    t.true(isNear(distance, closed), `${distance} against ${closed}`);
  }
});

test.serial('samples have the moments that are their own, be they fewer than their features', (t) => {
  for (const [rows, d] of [
    [400, 6],
    [10, 40],
    [2, 5],
  ] as const) {
    const x = tf.add<Tensor2D>(normalMatrix(rows, d, 7), 50);
    const before = tf.memory().numTensors;
    t.true(frechetDistance(x, x) < 1e-5);
    t.is(tf.memory().numTensors, before);
    const { mean, variance } = tf.moments(tf.sub(x, 50), 0);
    const [centre, spread] = [mean, variance].map((values) => Array.from(values.dataSync()));
    const unbiased = (spread as number[]).reduce((sum, value) => sum + (value * rows) / (rows - 1), 0);
    // Of x and s·x about c: (s − 1)² times |mean − c|² and the trace of the covariance.
    const scaled = tf.add<Tensor2D>(tf.mul(tf.sub(x, 50), 3), 50);
    const expected = 4 * ((centre as number[]).reduce((sum, value) => sum + value ** 2, 0) + unbiased);
    t.true(isNear(frechetDistance(x, scaled), expected, 1e-4), `${rows}`);
    const other = normalMatrix(rows + 3, d, 8);
    const turn = tf.tensor2d(rotation(d, 9));
    const [plain, turned] = [
      frechetDistance(tf.sub(x, 50), other),
      frechetDistance(tf.matMul(tf.sub<Tensor2D>(x, 50), turn), tf.matMul(other, turn)),
    ];
    t.true(isNear(turned, plain, 1e-4), `${turned} against ${plain}`);
  }
});

test.serial('samples of one law are far nearer than of two, and more of them nearer still', (t) => {
  const [few, many] = [200, 3200].map((n) => frechetDistance(normalMatrix(n, 5, 1), normalMatrix(n, 5, 2)));
  t.true((many as number) < (few as number) / 4 && (few as number) < 0.3, `${few} ${many}`);
  t.true(frechetDistance(normalMatrix(200, 5, 1), tf.mul<Tensor2D>(normalMatrix(200, 5, 2), 2)) > 3);
});

test.serial('samples that have no covariance are refused', (t) => {
  const refused = (run: () => unknown, what: RegExp) =>
    t.regex(t.throws(run, { instanceOf: PushforwardError }).message, what);
  refused(
    () => frechetDistance(tf.zeros([1, 3]), tf.zeros([4, 3])),
    /1 rows are too few to compare; give at least 2/,
  );
  refused(() => frechetDistance(tf.zeros([4, 2]), tf.zeros([4, 3])), /rows of 2 numbers against rows of 3/);
  refused(() => frechetDistance(tf.fill([4, 2], Number.NaN), tf.zeros([4, 2])), /row 0 has NaN/);
});

test.serial('distances of images are those of their features', (t) => {
  const classifier = new ImageClassifier({
    shape: { height: 4, width: 4, channels: 1 },
    classes: 3,
    seed: 1,
  });
  const [x, y] = [normalMatrix(90, 16, 1), tf.add(normalMatrix(80, 16, 2), 0.5)];
  const before = tf.memory().numTensors;
  const { frechet, kernel } = featureDistances(classifier, x, y);
  t.is(tf.memory().numTensors, before);
  t.is(frechet, frechetDistance(classifier.features(x), classifier.features(y)));
  t.is(kernel, cubicKernelDistance(classifier.features(x), classifier.features(y)));
  t.true(frechet > 0 && kernel > featureDistances(classifier, x, normalMatrix(80, 16, 3)).kernel);
  classifier.dispose();
});
