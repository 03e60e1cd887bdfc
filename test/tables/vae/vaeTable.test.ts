import test from 'ava';
import '../../../src/backend/index.js';
import { CategoricalLikelihood } from '../../../src/distributions/likelihoods/categorical.js';
import { GaussianLikelihood } from '../../../src/distributions/likelihoods/gaussian.js';
import { ProductLikelihood } from '../../../src/distributions/likelihoods/product.js';
import { FeatureRows, RowFeatures } from '../../../src/tables/features.js';
import { drawLatent } from '../../../src/tables/model.js';
import { RowLikelihood } from '../../../src/tables/vae/rowLikelihood.js';
import { tf } from '../../../src/tf.js';
import { logProbOf, normals, tableOf } from '../support.js';
import { shakenVae } from './support.js';

const sumExp = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + Math.exp(value), 0);

const pick = (n: number, levels: readonly (string | null)[], stream: number): (string | null)[] =>
  Array.from(
    normals(n, stream),
    (z) => levels[Math.min(levels.length - 1, Math.floor(Math.abs(z) * 1.5))] ?? null,
  );

test('probabilities of a table of categories add up to 1', (t) => {
  const levels = { a: ['u', 'v', 'w'], b: ['x', 'y', null] } as const;
  const fitted = shakenVae(tableOf({ a: pick(300, levels.a, 1), b: pick(300, levels.b, 2) }));
  const all = levels.a.flatMap((a) => levels.b.map((b) => [a, b] as const));
  const everyRow = tableOf({ a: all.map(([a]) => a), b: all.map(([, b]) => b) });
  const total = sumExp(logProbOf(fitted, everyRow));
  t.true(Math.abs(total - 1) < 0.02, `${total}`);
});

test('the density of a continuous column, given each level of another, integrates to 1', (t) => {
  const x = Float64Array.from(
    normals(500, 4),
    (z, i) => (i % 3 === 0 ? 4 + 0.3 * z : Math.exp(z / 2)) + Math.PI / 1e7,
  );
  const fitted = shakenVae(tableOf({ x, kind: pick(500, ['a', 'b'], 7) }));
  t.is(fitted.codec.numerics[0]?.step, null, 'no grid');
  const [points, width] = [1200, 0.05];
  const along = Float64Array.from({ length: points }, (_, i) => -20 + (i + 0.5) * width);
  const sums = ['a', 'b'].map((kind) =>
    sumExp(logProbOf(fitted, tableOf({ x: along, kind: Array.from(along, () => kind) }))),
  );
  const total = ((sums[0] as number) + (sums[1] as number)) * width;
  t.true(Math.abs(total - 1) < 0.02, `${total}`);
});

test('probabilities of an integer column with gaps and an atom add up to 1', (t) => {
  const count = Float64Array.from(normals(800, 8), (z, i) =>
    i % 10 === 0 ? Number.NaN : i % 3 === 0 ? 0 : Math.round(40 + 9 * z),
  );
  const fitted = shakenVae(tableOf({ count }), { count: 'integer' });
  t.is(fitted.codec.numerics[0]?.step, 1);
  const values = Float64Array.from({ length: 300 }, (_, i) => i - 110);
  const total = sumExp(logProbOf(fitted, tableOf({ count: Float64Array.of(Number.NaN, ...values) })));
  t.true(Math.abs(total - 1) < 0.03, `${total}`);
});

test('the density is in the units of the table: in units a thousand times as small it is as much lower', (t) => {
  const x = Float64Array.from(normals(300, 5), (z) => z + Math.PI / 1e7);
  const kind = pick(300, ['a', 'b'], 6);
  const [metres, millimetres] = [1, 1000].map((factor) => {
    const table = tableOf({ x: x.map((value) => factor * value), kind });
    return logProbOf(shakenVae(table), table);
  }) as [Float32Array, Float32Array];
  metres.forEach((value, row) => {
    t.true(Math.abs(value - Math.log(1000) - (millimetres[row] as number)) < 1e-3);
  });
});

test('what a row is estimated at does not depend on the rows before it but by their number', (t) => {
  const table = tableOf({ x: Float64Array.from(normals(40, 5)), kind: pick(40, ['a', 'b'], 6) });
  const { model, rows } = shakenVae(table);
  const from = (first: number): Float32Array =>
    tf.tidy(() => {
      const n = 40 - first;
      const codes = tf.tensor2d(rows.codes.subarray(first), [n, 1], 'int32');
      return model.density
        .logProb({ codes, numbers: tf.tensor2d(rows.numbers.subarray(first), [n, 1]) }, first)
        .dataSync<'float32'>()
        .slice();
    });
  t.deepEqual(from(30), from(0).slice(30));
});

test('samples have the frequencies that the density gives them', (t) => {
  const levels = ['a', 'b', 'c'];
  const { model, codec } = shakenVae(
    tableOf({ kind: pick(600, levels, 11), x: Float64Array.from(normals(600, 3)) }),
  );
  const n = 20_000;
  const [codes, numbers] = tf.tidy(() => {
    const z = tf.tensor2d(drawLatent(model.latentDim, n, { seed: 3 }), [n, model.latentDim]);
    const drawn = model.push(z);
    return [drawn.codes.dataSync().slice(), drawn.numbers.dataSync().slice()];
  }) as unknown as [Int32Array, Float32Array];
  const width = 0.02;
  const points = Float64Array.from({ length: 700 }, (_, i) => -7 + (i + 0.5) * width);
  codec.schema.columns[0]?.levels?.forEach((kind, code) => {
    const density = logProbOf(
      { model, codec },
      tableOf({ kind: Array.from(points, () => String(kind)), x: points }),
    );
    const share = sumExp(density) * width;
    const drawn = Array.from(numbers).filter((_, row) => codes[row] === code);
    t.true(Math.abs(drawn.length / n - share) < 0.02, `${kind}: ${drawn.length / n}, ${share}`);
    const mean = points.reduce((sum, x, i) => sum + x * Math.exp(density[i] as number) * width, 0) / share;
    const drawnMean = drawn.reduce((sum, x) => sum + x, 0) / drawn.length;
    t.true(Math.abs(drawnMean - mean) < 0.08, `${kind}: ${drawnMean}, ${mean}`);
  });
});

test('without gaps the law of a row is the product of the likelihoods of its columns', (t) => {
  const layout = {
    cardinalities: [3, 2],
    numerics: [
      { step: null, state: -1 },
      { step: null, state: -1 },
    ],
  };
  const features = new RowFeatures(layout, null);
  const own = new RowLikelihood(features);
  const parts = new ProductLikelihood([
    { likelihood: new GaussianLikelihood({ scale: 'perOutput' }), columns: 2 },
    { likelihood: new CategoricalLikelihood({ levels: 3 }), columns: 1 },
    { likelihood: new CategoricalLikelihood({ levels: 2 }), columns: 1 },
  ]);
  const n = 50;
  const values = tf.tensor2d(normals(9 * n, 1), [n, 9]);
  const [means, scales, logits] = tf.split(values, [2, 2, 5], 1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
  // The bounds of both are undone, so that they are of one law.
  const bounded = (x: tf.Tensor, from: number, to: number): tf.Tensor =>
    tf.mul(tf.atanh(tf.div(tf.mul(tf.tanh(tf.div(x, from)), from), to)), to);
  const y = tf.tensor2d(normals(2 * n, 2), [n, 2]);
  const codes = tf.tensor2d(
    Array.from({ length: n }, (_, i) => [i % 3, i % 2]),
    [n, 2],
    'int32',
  );
  const oneHot = features.blocks?.oneHot(codes) as tf.Tensor2D;
  const ours = own.logProb(tf.concat([y, oneHot], 1), tf.concat([means, scales, logits], 1)).dataSync();
  const theirs = parts
    .logProb(
      tf.concat([y, tf.cast(codes, 'float32')], 1),
      tf.concat([means, bounded(scales, 5, 7), tf.mul(tf.tanh(tf.div(logits, 40)), 40)], 1),
      [],
    )
    .dataSync();
  ours.forEach((value, row) => {
    t.true(Math.abs(value - (theirs[row] as number)) < 1e-4, `${value}, ${theirs[row]}`);
  });
});

test('a number that is absent has no part in the law of its row', (t) => {
  const layout = { cardinalities: [2], numerics: [{ step: null, state: 0 }] };
  const own = new RowLikelihood(new RowFeatures(layout, null));
  const outputs = tf.tensor2d([[0.3, 0.1, 1, -1]]);
  const at = (y: number, absent: number): number =>
    own.logProb(tf.tensor2d([[y, 1 - absent, absent]]), outputs).dataSync()[0] as number;
  t.is(at(0, 1), at(5, 1));
  t.not(at(0, 0), at(5, 0));
  t.true(Math.abs(Math.exp(at(0, 1)) - 1 / (1 + Math.exp(2))) < 1e-4);
});

test('rows that are trained on have the features of the model, their numbers spread over their cells', (t) => {
  const n = 200;
  const count = Float64Array.from(normals(n, 8), (z, i) => (i % 10 === 0 ? Number.NaN : Math.round(3 * z)));
  const x = Float64Array.from(normals(n, 9));
  const { model, rows } = shakenVae(tableOf({ count, x, kind: pick(n, ['a', 'b'], 10) }), {
    count: 'integer',
  });
  const { features } = model;
  const source = new FeatureRows(features, rows, 4, 'test');
  const read = (): Float32Array => {
    const out = new Float32Array(n * features.width);
    source.read(
      Int32Array.from({ length: n }, (_, row) => row),
      out,
    );
    return out;
  };
  const first = read();
  source.startEpoch(1);
  const second = read();
  const { exact, of } = tf.tidy(() => {
    const at = (shift: number): Float32Array =>
      features
        .of({
          codes: tf.tensor2d(rows.codes, [n, 2], 'int32'),
          numbers: tf.add(tf.tensor2d(rows.numbers, [n, 2]), tf.tensor1d([shift, 0])),
        })
        .features.dataSync<'float32'>()
        .slice();
    return { exact: at(0), of: [at(-0.5), at(0.5)] };
  }) as unknown as { exact: Float32Array; of: [Float32Array, Float32Array] };
  first.forEach((value, i) => {
    const isCount = i % features.width === 0;
    if (!isCount) t.true(Math.abs(value - (exact[i] as number)) < 1e-4);
    else t.true(value >= (of[0][i] as number) - 1e-4 && value <= (of[1][i] as number) + 1e-4);
  });
  t.notDeepEqual(first, second);
  t.true(
    first.some((value, i) => i % features.width === 0 && value === 0),
    'gaps are 0',
  );
});
