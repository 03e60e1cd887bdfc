import test from 'ava';
import '../../src/backend/index.js';
import { imageRows } from '../../src/data/images/imageRows.js';
import { readImages } from '../../src/data/images/readImages.js';
import { grid, moons, ring } from '../../src/data/toyLaws.js';
import { PushforwardError } from '../../src/errors.js';
import { energyDistance, energyStatistic } from '../../src/metrics/energy.js';
import { cubicKernelDistance, kernelDistance } from '../../src/metrics/kernelDistance.js';
import { labelModes, modeMetrics } from '../../src/metrics/modes.js';
import { neighbourMetrics } from '../../src/metrics/neighbours.js';
import { compareSamples } from '../../src/metrics/sampleComparison.js';
import { slicedWasserstein, squaredWasserstein } from '../../src/metrics/slicedWasserstein.js';
import { Random } from '../../src/random.js';
import { type Tensor, type Tensor2D, tf } from '../../src/tf.js';
import { publicData } from '../data/files.js';
import { normalMatrix } from '../flows/laws.js';

test.before(() => tf.ready());

type Rows = readonly (readonly number[])[];

const rowsOf = (x: Tensor2D): Rows => x.arraySync();
const distance = (a: readonly number[], b: readonly number[]) =>
  Math.hypot(...a.map((value, k) => value - (b[k] as number)));
const sumPairs = (a: Rows, b: Rows, f: (x: readonly number[], y: readonly number[]) => number) =>
  a.reduce((sum, x) => sum + b.reduce((inner, y) => inner + f(x, y), 0), 0);
const isNear = (a: number, b: number, tolerance = 1e-5) =>
  Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));

const a = normalMatrix(37, 3, 1);
const b = tf.add<Tensor2D>(normalMatrix(23, 3, 2), 0.4);

test.serial('the energy distance is its sum over pairs, and 0 for equal samples far from 0', (t) => {
  const mean = (x: Tensor2D, y: Tensor2D, s: number) =>
    sumPairs(rowsOf(x), rowsOf(y), (p, q) => Math.sqrt(distance(p, q) ** 2 + s)) / (x.shape[0] * y.shape[0]);
  const of = (s: number) => 2 * mean(a, b, s) - mean(a, a, s) - mean(b, b, s);
  t.true(isNear(energyDistance(a, b), of(0)));
  t.true(isNear(energyStatistic(a, b), ((37 * 23) / 60 ** 2) * of(0.1)));
  const far = tf.add<Tensor2D>(a, 1000);
  const copy = tf.clone(far);
  const before = tf.memory().numTensors;
  t.is(energyDistance(far, copy), 0);
  t.is(tf.memory().numTensors, before);
});

test.serial('digits against digits have the floor of the introduction', async (t) => {
  const path = publicData(t, 'mnist');
  if (path === null) return;
  // The later half of the test digits is of other writers.
  const rows = imageRows(await readImages(path, { part: 'test' }));
  const digits = (first: number, n: number) => {
    const values = new Float32Array(n * rows.width);
    rows.read(
      Int32Array.from({ length: n }, (_, i) => first + i),
      values,
    );
    return tf.tensor2d(values, [n, rows.width]);
  };
  const large = energyStatistic(digits(0, 2000), digits(2000, 2000));
  t.true(large > 0.0022 && large < 0.003, `${large}`);
  const small = [0, 1, 2, 3, 4, 5, 6, 7].map((k) =>
    energyStatistic(digits(64 * k, 64), digits(1000 + 64 * k, 64)),
  );
  const mean = small.reduce((sum, value) => sum + value, 0) / 8;
  t.true(mean > 0.07 && mean < 0.084, `${mean}`);
});

test.serial('W₂ of sorted lists is that of all their quantiles, whatever their lengths', (t) => {
  const x = Float32Array.from([0.3, -1, 2.5, 0.9]).sort();
  const y = Float32Array.from([1, 4, -2, 0.5, 0.25, 3]).sort();
  const each = (list: Float32Array, times: number) =>
    Array.from(list).flatMap((value) => Array(times).fill(value));
  const [longX, longY] = [each(x, 3), each(y, 2)];
  const direct = longX.reduce((sum, value, i) => sum + (value - longY[i]) ** 2, 0) / 12;
  t.true(isNear(squaredWasserstein(x, y), direct));
});

test.serial('the sliced distance of a shift by c is |c| / √d, and 0 between equal samples', (t) => {
  const c = [3, -4, 12];
  const shifted = tf.add(a, tf.tensor1d(c));
  // Of 4000 directions the mean of (θ·c)², 169/3, has a standard error of 1.4 %.
  t.true(isNear(slicedWasserstein(a, shifted, { projections: 4000 }), 13 / Math.sqrt(3), 0.03));
  t.is(slicedWasserstein(a, tf.clone(a)), 0);
  t.is(slicedWasserstein(a, tf.concat([a, a])), 0);
  // As wide as an image, which is more numbers than a call has arguments; |c| / √d is 3.
  const flat = tf.zeros<tf.Rank.R2>([1, 256 * 256 * 3]);
  t.true(isNear(slicedWasserstein(flat, tf.add(flat, 3), { projections: 16 }), 3, 0.3));
});

test.serial('kernel distances are their sums over pairs', (t) => {
  const unbiased = (k: (x: readonly number[], y: readonly number[]) => number) => {
    const [x, y] = [rowsOf(a), rowsOf(b)];
    const own = (rows: Rows) =>
      (sumPairs(rows, rows, k) - rows.reduce((sum, row) => sum + k(row, row), 0)) /
      (rows.length * (rows.length - 1));
    return own(x) + own(y) - (2 * sumPairs(x, y, k)) / (x.length * y.length);
  };
  const { squared, bandwidth } = kernelDistance(a, b);
  t.true(
    isNear(
      squared,
      unbiased((x, y) => Math.exp(-(distance(x, y) ** 2) / (2 * bandwidth ** 2))),
    ),
  );
  const all = [...rowsOf(a), ...rowsOf(b)];
  const below = all
    .flatMap((x, i) => all.slice(0, i).map((y) => distance(x, y)))
    .filter((d) => d < bandwidth);
  t.true(isNear(below.length / ((60 * 59) / 2), 0.5, 0.001));
  const cubic = unbiased((x, y) => (x.reduce((sum, v, k) => sum + v * (y[k] as number), 0) / 3 + 1) ** 3);
  t.true(isNear(cubicKernelDistance(a, b), cubic, 1e-4));
});

test.serial('permutations tell a shifted law, and not the same one', (t) => {
  const [x, y] = [normalMatrix(100, 2, 5), normalMatrix(120, 2, 6)];
  const same = kernelDistance(x, y, { permutations: 99 });
  const other = kernelDistance(x, tf.add(y, 0.6), { permutations: 99 });
  t.true((same.pValue as number) > 0.05 && (other.pValue as number) <= 0.01 + 1e-12);
});

test.serial('neighbours count as the definitions say, edges and copies included', (t) => {
  const [x, y] = [rowsOf(a), rowsOf(b)];
  const k = 3;
  const radius = (rows: Rows) =>
    rows.map((row) => rows.map((other) => distance(row, other)).sort((p, q) => p - q)[k] as number);
  const [rx, ry] = [radius(x), radius(y)];
  const inX = y.map((row) => x.filter((other, i) => distance(row, other) <= (rx[i] as number)).length);
  const metrics = neighbourMetrics(a, b, k);
  t.is(metrics.precision, inX.filter((count) => count > 0).length / 23);
  t.is(metrics.density, inX.reduce((sum, count) => sum + count, 0) / (k * 23));
  t.is(
    metrics.recall,
    x.filter((row) => y.some((other, i) => distance(row, other) <= (ry[i] as number))).length / 37,
  );
  t.is(
    metrics.coverage,
    x.filter((row, i) => y.some((other) => distance(row, other) <= (rx[i] as number))).length / 37,
  );
  const table = tf.tensor2d(Array.from({ length: 40 }, (_, i) => [i % 2, (i >> 1) % 2]).flat(), [40, 2]);
  const copies = neighbourMetrics(table, tf.clone(table));
  t.deepEqual([copies.precision, copies.recall, copies.coverage], [1, 1, 1]);
});

test.serial('neighbours on a grid are the same whatever its step and place, rounding or not', (t) => {
  const n = 200;
  for (const d of [1, 3]) {
    const [one, other] = [7, 8].map((stream) =>
      new Random(1, stream).uniform(new Float32Array(n * d)).map((u) => Math.floor(6 * u)),
    ) as [Float32Array, Float32Array];
    const metrics = (step: number, low: number) => {
      const grid = (places: Float32Array) =>
        tf.tensor2d(
          places.map((place) => low + step * place),
          [n, d],
        );
      return neighbourMetrics(grid(one), grid(other));
    };
    const whole = metrics(1, 0);
    for (const [step, low] of [
      [0.1, 0],
      [1 / 3, 10],
      [0.07, -25],
    ] as const)
      t.deepEqual(metrics(step, low), whole, `${d} columns in steps of ${step}`);
  }
});

test.serial('coverage of one law by itself is 1 − 2⁻ᵏ', (t) => {
  const { coverage, density } = neighbourMetrics(normalMatrix(1500, 4, 8), normalMatrix(1500, 4, 9), 3);
  t.true(Math.abs(coverage - 7 / 8) < 0.03 && Math.abs(density - 1) < 0.1, `${coverage} ${density}`);
});

test.serial('the ring and the grid know all their modes, and a collapsed sample one', (t) => {
  for (const law of [ring, grid]) {
    const n = 4000;
    const sample = tf.tensor2d(law.draw(n, new Random(3)), [n, 2]);
    const { modes, highQuality, reverseKl } = modeMetrics(sample, law.centres, law.deviation);
    t.is(modes, law.centres.length);
    // Within 3 deviations in the plane: 1 − exp(−9/2).
    t.true(Math.abs(highQuality - (1 - Math.exp(-4.5))) < 0.006);
    t.true(reverseKl >= 0 && reverseKl < law.centres.length / n);
    const one = tf.tile(tf.tensor2d([law.centres[1] as [number, number]]), [10, 1]) as Tensor2D;
    const collapsed = modeMetrics(one, law.centres, law.deviation);
    t.is(collapsed.modes, 1);
    t.true(isNear(collapsed.reverseKl, Math.log(law.centres.length)));
  }
  t.is(modeMetrics(tf.fill([5, 2], 50), ring.centres, 0.01).reverseKl, Number.POSITIVE_INFINITY);
});

test('labels of every mode alike are at no distance from the uniform law, of one at its logarithm', (t) => {
  const even = labelModes(
    Int32Array.from({ length: 60 }, (_, i) => i % 20),
    20,
  );
  t.is(even.modes, 20);
  t.true(Math.abs(even.reverseKl) < 1e-12);
  const half = labelModes(
    Int32Array.from({ length: 60 }, (_, i) => i % 10),
    20,
  );
  t.is(half.modes, 10);
  t.true(isNear(half.reverseKl, Math.log(2)));
  t.true(isNear(labelModes(Int32Array.of(3, 3), 20).reverseKl, Math.log(20)));
  t.regex(
    t.throws(() => labelModes(Int32Array.of(20), 20), { instanceOf: PushforwardError }).message,
    /the label 20 of 20 modes; give labels from 0 to 19/,
  );
});

test.serial('the moons are half circles with noise', (t) => {
  const rows = moons(0.05).draw(2000, new Random(1));
  let squares = 0;
  for (let i = 0; i < 2000; i++) {
    const [x, y] = [rows[2 * i] as number, rows[2 * i + 1] as number];
    const off = [Math.hypot(x, y), Math.hypot(x - 1, y - 0.5)].map((radius) => Math.abs(radius - 1));
    squares += Math.min(...off) ** 2;
  }
  t.true(Math.abs(Math.sqrt(squares / 2000) - 0.05) < 0.005);
});

test.serial('samples that cannot be compared are refused', (t) => {
  const refused = (run: () => unknown, what: RegExp) =>
    t.regex(t.throws(run, { instanceOf: PushforwardError }).message, what);
  const other = tf.zeros([4, 2]) as Tensor;
  refused(() => energyDistance(a, other), /rows of 3 numbers against rows of 2/);
  refused(() => slicedWasserstein(a, other), /rows of 3/);
  refused(() => energyDistance(a, tf.fill([2, 3], Number.NaN)), /row 0 has NaN/);
  refused(() => kernelDistance(other, other), /give a bandwidth/);
  refused(() => neighbourMetrics(other, other, 5), /4 rows are too few to compare; give at least 6/);
  refused(() => modeMetrics(a, ring.centres, 1), /rows of 3 numbers against 8 modes/);
  for (const bad of [Number.NaN, -1, 0.5]) {
    refused(() => kernelDistance(a, b, { permutations: bad }), /permutations is/);
    refused(() => slicedWasserstein(a, b, { projections: bad }), /projections is/);
    refused(() => labelModes(Int32Array.of(0), bad), /modes is/);
  }
  for (const bad of [Number.NaN, 0, Number.POSITIVE_INFINITY]) {
    refused(() => kernelDistance(a, b, { bandwidth: bad }), /a bandwidth of/);
    refused(() => modeMetrics(a, [[0, 0, 0]], bad), /deviation is/);
  }
  refused(() => energyDistance(a, b, { smoothing: -1 }), /smoothing is -1/);
  refused(() => compareSamples(normalMatrix(60, 2, 1), normalMatrix(29, 2, 2)), /29 generated rows/);
});
