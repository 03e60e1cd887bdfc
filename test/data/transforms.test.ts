import test from 'ava';
import { TableCodec } from '../../src/data/codec.js';
import { readTable } from '../../src/data/read.js';
import { inferSchema } from '../../src/data/schema.js';
import { splitRows, takeRows } from '../../src/data/split.js';
import { ColumnTransforms } from '../../src/data/transforms.js';
import type { SavedTransforms } from '../../src/data/transformsParse.js';
import type { EncodedRows, Table } from '../../src/data/types.js';
import { Random } from '../../src/random.js';
import { type Tensor2D, tf } from '../../src/tf.js';
import { expectFailure, publicData, tableOf } from './files.js';

test.before(() => tf.setBackend('cpu'));

const n = 1500;
const normal = Float64Array.from(new Random(11).normal(new Float32Array(n)));
const other = Float64Array.from(new Random(12).normal(new Float32Array(n)));
const uniform = Float64Array.from(new Random(13).uniform(new Float32Array(n)));

/** One column of each shape that the transforms know, and some that are none of them. */
const shapes = {
  bell: normal.map((value) => 1000 + 3 * value),
  heavy: normal.map((value, i) => value / Math.max(0.02, Math.abs(other[i] as number))),
  amount: normal.map((value) => Math.exp(1.5 * value)),
  share: uniform.map((value) => 0.5 - 0.5 * Math.cos(Math.PI * value)),
  twoPeaks: normal.map((value, i) => (i % 3 === 0 ? -4 : 2) + 0.5 * value),
  count: uniform.map((value) => Math.floor(-20 * Math.log(value))),
  coarse: normal.map((value) => Math.round(value * 4) / 2),
  gaps: normal.map((value, i) => (i % 4 === 0 ? Number.NaN : i % 4 === 1 ? 0 : 10 + value)),
};

interface Fitted {
  readonly codec: TableCodec;
  readonly rows: EncodedRows;
  readonly transforms: ColumnTransforms;
}

function fit(table: Table, seed = 0): Fitted {
  const codec = TableCodec.fit(inferSchema(table).schema, table);
  const rows = codec.encode(table);
  return { codec, rows, transforms: ColumnTransforms.fit(codec, rows, seed) };
}

const fitted = fit(tableOf(shapes));
const { codec, transforms } = fitted;
const d = transforms.dim;

/** The same position of each column's range: 0 its minimum, 1 its maximum. */
function inRange(place: number): number[] {
  return codec.numerics.map(({ column, origin }) => {
    const { minimum = 0, maximum = 0 } = codec.schema.columns[column] ?? {};
    return minimum - origin + place * (maximum - minimum);
  });
}

function grid(from: number, to: number, points: number): Tensor2D {
  const values = Array.from({ length: points }, (_, i) => inRange(from + ((to - from) * i) / (points - 1)));
  return tf.tensor2d(values);
}

test('each shape gets the support that was made for it', (t) => {
  const { supports } = transforms.toJSON();
  const kinds = Object.fromEntries(codec.numerics.map(({ name }, j) => [name, supports[j]?.kind]));
  t.is(kinds.bell, 'affine');
  t.is(kinds.heavy, 'symlog');
  t.is(kinds.amount, 'log');
  t.is(kinds.share, 'logit');
});

test('training numbers become about N(0, 1)', (t) => {
  const { y } = transforms.forwardRows(fitted.rows.numbers);
  codec.numerics.forEach(({ name, state }, j) => {
    const width = codec.categoricals.length;
    const values = Array.from({ length: n }, (_, row) => row)
      .filter((row) => state < 0 || fitted.rows.codes[row * width + state] === 0)
      .map((row) => y[row * d + j] as number);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    t.true(Math.abs(mean) < 0.1, `mean of ${name}: ${mean}`);
    t.true(Math.abs(variance - 1) < 0.2, `variance of ${name}: ${variance}`);
  });
});

test('the inverse undoes it, in the range and far outside', (t) => {
  for (const [from, to] of [
    [-0.2, 1.2],
    [-50, 50],
    [-1e4, 1e4],
  ] as const) {
    const x = grid(from, to, 501);
    const { y, logDet } = transforms.forward(x);
    const back = transforms.inverse(y);
    // What float32 keeps of y, in the units of x.
    const resolution = tf.div(tf.mul(tf.add(1, tf.abs(y)), 1e-6), tf.exp(logDet));
    const allowed = tf.add(resolution, tf.mul(tf.abs(x), 1e-6));
    const worst = tf.max(tf.div(tf.abs(tf.sub(back, x)), allowed)).dataSync()[0] as number;
    t.true(worst < 1, `${from} to ${to}: ${worst}`);
  }
});

test('latent values far out come back from the inverse', (t) => {
  const y = tf.tensor2d(Array.from({ length: 41 }, (_, i) => new Array(d).fill((i - 20) / 2)));
  const again = transforms.forward(transforms.inverse(y)).y;
  const worst = tf.max(tf.abs(tf.sub(again, y))).dataSync()[0] as number;
  t.true(worst < 2e-3, `${worst}`);
});

test('it increases, and its log-derivative is that of central differences', (t) => {
  // On the host, in double precision: differences of float32 would be noise where a column is steep.
  for (const place of [-3, -0.01, 0.003, 0.1, 0.31, 0.52, 0.77, 0.999, 1.01, 5]) {
    const x = inRange(place);
    const { logDet } = transforms.forward(tf.tensor2d([x]));
    const found = logDet.dataSync();
    const saved = transforms.toJSON();
    x.forEach((value, j) => {
      const step = 1e-6 * Math.exp(-(found[j] as number));
      const at = Math.fround(value);
      const rise = (valueAt(saved, j, at + step) - valueAt(saved, j, at - step)) / (2 * step);
      t.true(rise > 0);
      t.true(Math.abs(Math.log(rise) - (found[j] as number)) < 0.02, `column ${j} at ${place}`);
    });
  }
});

/** y of one column in double precision, by the definitions alone. */
function valueAt({ supports, knots }: SavedTransforms, j: number, x: number): number {
  const support = supports[j] as SavedTransforms['supports'][number];
  const { kind, shift, scale, low, high, mean, deviation } = support;
  const f = (at: number): number => {
    const u = (at - shift) / scale;
    if (kind === 'affine') return (u - mean) / deviation;
    if (kind === 'symlog') return (Math.sign(u) * Math.log(1 + Math.abs(u)) - mean) / deviation;
    return ((kind === 'log' ? Math.log(u) : Math.log(u / (1 - u))) - mean) / deviation;
  };
  const clamped = Math.min(Math.max(x, low), high);
  const h = (high - low) * 1e-9;
  const slope = x === clamped ? 0 : x > high ? (f(high) - f(high - h)) / h : (f(low + h) - f(low)) / h;
  const first = f(clamped) + (x - clamped) * slope;
  if (knots === null) return first;
  const { x: px, y: py, derivative } = knots[j] as { x: number[]; y: number[]; derivative: number[] };
  const last = px.length - 1;
  const at = (list: readonly number[], k: number): number => list[k] as number;
  if (first <= at(px, 0)) return at(py, 0) + (first - at(px, 0)) * at(derivative, 0);
  if (first >= at(px, last)) return at(py, last) + (first - at(px, last)) * at(derivative, last);
  const k = px.findIndex((_, i) => first < at(px, i + 1));
  const width = at(px, k + 1) - at(px, k);
  const height = at(py, k + 1) - at(py, k);
  const s = height / width;
  const u = (first - at(px, k)) / width;
  const bottom = s + (at(derivative, k) + at(derivative, k + 1) - 2 * s) * u * (1 - u);
  return at(py, k) + (height * (s * u * u + at(derivative, k) * u * (1 - u))) / bottom;
}

test('the density of each column integrates to 1', (t) => {
  // Substituting x(u) spreads the points as the column's own quantiles, plus tails.
  const points = 3000;
  const y = tf.tensor2d(
    Array.from({ length: points + 1 }, (_, i) => new Array(d).fill(-7 + (14 * i) / points)),
  );
  const x = transforms.inverse(y).dataSync();
  const { y: found, logDet } = transforms.forward(tf.tensor2d(x, [points + 1, d]));
  const [ys, logDets] = [found.dataSync(), logDet.dataSync()];
  const density = (i: number): number =>
    Math.exp((logDets[i] as number) - 0.5 * (ys[i] as number) ** 2) / Math.sqrt(2 * Math.PI);
  codec.numerics.forEach(({ name }, j) => {
    let sum = 0;
    for (let k = 1; k <= points; k++) {
      const [a, b] = [(k - 1) * d + j, k * d + j];
      sum += ((density(a) + density(b)) / 2) * ((x[b] as number) - (x[a] as number));
    }
    t.true(Math.abs(sum - 1) < 4e-3, `${name}: ${sum}`);
  });
});

test('rows in an array give what tensors give', (t) => {
  const x = grid(-2, 3, 1001);
  const { y, logDet } = transforms.forward(x);
  const rows = transforms.forwardRows(x.dataSync() as Float32Array);
  const worst = (a: Float32Array, b: Float32Array): number =>
    a.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - (b[i] as number)) / (1 + Math.abs(value))),
      0,
    );
  t.true(
    worst(rows.y, y.dataSync() as Float32Array) < 1e-4,
    `${worst(rows.y, y.dataSync() as Float32Array)}`,
  );
  t.true(worst(rows.logDet, logDet.dataSync() as Float32Array) < 5e-3);
});

test('values, log-derivatives and gradients are finite for every finite input', (t) => {
  const edges = [0, 1, -1e-6, 1 + 1e-6, 0.5, -1e4, 1e4, -30, 30].map(inRange);
  const x = tf.tensor2d([...edges, new Array(d).fill(0), new Array(d).fill(-1e30), new Array(d).fill(1e30)]);
  const { y, logDet } = transforms.forward(x);
  t.true(y.dataSync().every(Number.isFinite));
  t.true(logDet.dataSync().every(Number.isFinite));
  const gradient = tf.grad((at: tf.Tensor) => {
    const result = transforms.forward(at as Tensor2D);
    return tf.add(tf.sum(result.y), tf.sum(result.logDet));
  })(x);
  t.true(gradient.dataSync().every(Number.isFinite));
  const z = tf.tensor2d([-1e4, -40, -6, 0, 6, 40, 1e4].map((value) => new Array(d).fill(value)));
  t.true(transforms.inverse(z).dataSync().every(Number.isFinite));
  const back = tf.grad((at: tf.Tensor) => tf.sum(transforms.inverse(at as Tensor2D)))(z);
  t.true(back.dataSync().every(Number.isFinite));
});

test('gradients are the derivatives that forward reports', (t) => {
  const x = tf.tensor2d([0.02, 0.2, 0.43, 0.66, 0.91, 1.5, -0.5].map(inRange));
  const gradient = tf.grad((at: tf.Tensor) => tf.sum(transforms.forward(at as Tensor2D).y))(x);
  const difference = tf.sub(tf.log(gradient), transforms.forward(x).logDet);
  t.true((tf.max(tf.abs(difference)).dataSync()[0] as number) < 1e-3);
});

test('they survive JSON; what is damaged is refused, and so is another width', async (t) => {
  const json = (): Record<string, unknown> => JSON.parse(JSON.stringify(transforms));
  const again = ColumnTransforms.fromJSON(json());
  const x = grid(-1, 2, 50);
  t.deepEqual(again.forward(x).y.dataSync(), transforms.forward(x).y.dataSync());
  const supports = json().supports as Record<string, unknown>[];
  const knots = json().knots as Record<string, number[]>[];
  const broken: unknown[] = [
    null,
    'x',
    {},
    { ...json(), version: 2 },
    { ...json(), supports: supports.map((support) => ({ ...support, kind: 'cubic' })) },
    { ...json(), supports: supports.map((support) => ({ ...support, scale: 0 })) },
    { ...json(), knots: knots.slice(1) },
    { ...json(), knots: knots.map((spline) => ({ ...spline, x: [...(spline.x ?? [])].reverse() })) },
    { ...json(), knots: knots.map((spline) => ({ ...spline, derivative: spline.x?.map(() => -1) })) },
  ];
  for (const damaged of broken) await expectFailure(t, () => ColumnTransforms.fromJSON(damaged), 'damaged');
  await expectFailure(t, () => transforms.forward(tf.zeros([2, d + 1]) as Tensor2D), 'shape', `[n, ${d}]`);
});

test('an empty batch is an empty batch', (t) => {
  const { y, logDet } = transforms.forward(tf.zeros([0, d]) as Tensor2D);
  t.deepEqual(
    [y.shape, logDet.shape],
    [
      [0, d],
      [0, d],
    ],
  );
  t.is(transforms.forwardRows(new Float32Array()).y.length, 0);
});

test('no tensor is left behind', (t) => {
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    transforms.forward(grid(0, 1, 5));
  });
  fit(tableOf({ normal, uniform }));
  t.is(tf.memory().numTensors, before);
});

test('columns that leave little to fit to', (t) => {
  const rare = Float64Array.from({ length: 40 }, (_, i) => (i < 3 ? i * 0.37 : Number.NaN));
  const table = tableOf({ rare, x: normal.slice(0, 40), y: uniform.slice(0, 40) });
  const codecOfFew = TableCodec.fit(inferSchema(table, { columns: { rare: 'continuous' } }).schema, table);
  const all = codecOfFew.encode(table);
  for (const rows of [all, takeRows(all, Int32Array.of(5, 6, 7)), takeRows(all, Int32Array.of(0))]) {
    const few = ColumnTransforms.fit(codecOfFew, rows, 0);
    t.true(
      few
        .forward(tf.tensor2d(all.numbers, [40, 3]))
        .y.dataSync()
        .every(Number.isFinite),
    );
    t.true(few.forwardRows(all.numbers).logDet.every(Number.isFinite));
  }
});

for (const name of [
  'penguins.csv',
  'winequality-red.csv',
  'abalone.csv.gz',
  'banknote.csv.gz',
  'california_housing.csv.gz',
  'oil-spill.csv.gz',
]) {
  test(`on held-out rows of ${name} no column is worse off than under a plain normal law`, async (t) => {
    const path = publicData(t, `tabular/${name}`);
    if (path === null) return;
    const table = await readTable(path);
    const tableCodec = TableCodec.fit(inferSchema(table).schema, table);
    const rows = tableCodec.encode(table);
    const split = splitRows(rows.rows, { validation: 0.1, test: 0.3, seed: 4 });
    const training = takeRows(rows, split.train);
    const held = takeRows(rows, split.test);
    const full = ColumnTransforms.fit(tableCodec, training, 0);
    const states = tableCodec.categoricals.length;
    const steps = tableCodec.numerics.map(({ step }) => step ?? 0);
    // One point of each cell: an unbiased draw of the dequantised law.
    const shifts = new Random(5).uniform(new Float32Array(held.numbers.length));
    const x = held.numbers.map(
      (value, i) => value + (steps[i % steps.length] as number) * ((shifts[i] as number) - 0.5),
    );
    const { y, logDet } = full.forwardRows(x);
    let gained = 0;
    tableCodec.numerics.forEach(({ name: column, state }, j) => {
      const width = steps.length;
      const present = (part: EncodedRows): number[] =>
        Array.from({ length: part.rows }, (_, row) => row).filter(
          (row) => state < 0 || part.codes[row * states + state] === 0,
        );
      const values = present(training).map((row) => training.numbers[row * width + j] as number);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance =
        values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length +
        (steps[j] as number) ** 2 / 12;
      const rowsThere = present(held);
      const gain = rowsThere.reduce((sum, row) => {
        const i = row * width + j;
        const plain = -0.5 * Math.log(variance) - 0.5 * (((x[i] as number) - mean) ** 2 / variance);
        return sum + (logDet[i] as number) - 0.5 * (y[i] as number) ** 2 - plain;
      }, 0);
      gained += gain / rowsThere.length;
      // Two rows' worth of bad luck in a column, in nats.
      t.true(gain > -0.02 * rowsThere.length - 2, `${column}: ${gain} nats on ${rowsThere.length} rows`);
    });
    t.true(gained > 0, `${gained}`);
  });
}
