import test from 'ava';
import '../../../src/backend/index.js';
import { presetNames } from '../../../src/flows/presets/catalogue.js';
import { drawLatent } from '../../../src/tables/model.js';
import { tf } from '../../../src/tf.js';
import { logProbOf, normals, shakenModel, tableOf } from '../support.js';

const sumExp = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + Math.exp(value), 0);

/** A continuous sample with two bumps and a long right tail; full precision, so it lies on no grid. */
function bumps(n: number, stream: number): Float64Array {
  const z = normals(n, stream);
  return Float64Array.from(
    z,
    (value, i) => (i % 3 === 0 ? 4 + 0.3 * value : Math.exp(0.5 * value)) + Math.PI / 1e7,
  );
}

const pick = (n: number, levels: readonly (string | null)[], stream: number): (string | null)[] =>
  Array.from(
    normals(n, stream),
    (z) => levels[Math.min(levels.length - 1, Math.floor(Math.abs(z) * 1.5))] ?? null,
  );

function grid(from: number, to: number, points: number): { x: Float64Array; width: number } {
  const width = (to - from) / points;
  return { x: Float64Array.from({ length: points }, (_, i) => from + (i + 0.5) * width), width };
}

test('probabilities of a table of categories add up to 1', (t) => {
  const n = 300;
  const levels = { a: ['u', 'v', 'w'], b: ['x', 'y', null], c: ['p', 'q'] } as const;
  const table = tableOf({ a: pick(n, levels.a, 1), b: pick(n, levels.b, 2), c: pick(n, levels.c, 3) });
  const fitted = shakenModel(table, {}, 0.5);
  const all = levels.a.flatMap((a) => levels.b.flatMap((b) => levels.c.map((c) => [a, b, c] as const)));
  const everyRow = tableOf({
    a: all.map(([a]) => a),
    b: all.map(([, b]) => b),
    c: all.map(([, , c]) => c),
  });
  t.is(fitted.model.flow, null);
  t.true(Math.abs(sumExp(logProbOf(fitted, everyRow)) - 1) < 1e-5);
});

for (const name of presetNames) {
  test(`the density of one continuous column integrates to 1, alone and given a category: ${name}`, (t) => {
    const x = bumps(500, 4);
    const alone = shakenModel(tableOf({ x }), {}, 0.1, name);
    const given = shakenModel(tableOf({ x, kind: pick(500, ['a', 'b'], 7) }), {}, 0.1, name);
    t.is(alone.codec.numerics[0]?.step, null, 'no grid');
    const { x: along, width } = grid(-60, 120, 40_000);
    t.true(Math.abs(sumExp(logProbOf(alone, tableOf({ x: along }))) * width - 1) < 2e-3);
    const kinds = ['a', 'b'].map((kind) =>
      sumExp(logProbOf(given, tableOf({ x: along, kind: Array.from(along, () => kind) }))),
    );
    const total = ((kinds[0] as number) + (kinds[1] as number)) * width;
    t.true(Math.abs(total - 1) < 2e-3, `${total}`);
  });
}

test('the density of two continuous columns, given each level of a third, integrates to 1', (t) => {
  const n = 600;
  const table = tableOf({
    x: bumps(n, 5),
    y: Float64Array.from(normals(n, 6)),
    kind: pick(n, ['a', 'b'], 7),
  });
  const fitted = shakenModel(table);
  const along = grid(-8, 30, 1200);
  const across = grid(-8, 8, 500);
  let total = 0;
  for (const kind of ['a', 'b']) {
    for (const x of along.x) {
      const rows = tableOf({
        x: new Float64Array(across.x.length).fill(x),
        y: across.x,
        kind: Array.from(across.x, () => kind),
      });
      total += sumExp(logProbOf(fitted, rows)) * along.width * across.width;
    }
  }
  t.true(Math.abs(total - 1) < 1e-2, `${total}`);
});

test('probabilities of an integer column with gaps and an atom add up to 1', (t) => {
  const n = 800;
  const z = normals(n, 8);
  const count = Float64Array.from(z, (value, i) =>
    i % 10 === 0 ? Number.NaN : i % 3 === 0 ? 0 : Math.round(40 + 9 * value),
  );
  const fitted = shakenModel(tableOf({ count }), { count: 'integer' });
  t.is(fitted.codec.numerics[0]?.step, 1);
  const [state] = fitted.codec.categoricals;
  t.is(state?.cardinality, 3, 'a value, a gap or the atom at 0');
  const values = Float64Array.from({ length: 400 }, (_, i) => i - 150);
  const total = sumExp(logProbOf(fitted, tableOf({ count: Float64Array.of(Number.NaN, ...values) })));
  t.true(Math.abs(total - 1) < 1e-2, `${total}`);
});

test('a gap in one of two numbers is integrated over: the row without it has its marginal density', (t) => {
  const n = 600;
  const z = normals(2 * n, 9);
  const x = Float64Array.from({ length: n }, (_, i) => z[i] as number);
  const y = Float64Array.from({ length: n }, (_, i) =>
    i % 4 === 0 ? Number.NaN : (z[i] as number) + 0.5 * (z[n + i] as number),
  );
  // Unshaken, the flow leaves the auxiliary coordinate alone and the marginal is the column's own.
  const fitted = shakenModel(tableOf({ x, y }), {}, 0);
  const along = grid(-9, 9, 3000);
  const withGap = tableOf({ x: along.x, y: new Float64Array(along.x.length).fill(Number.NaN) });
  const shareOfGaps = sumExp(logProbOf(fitted, withGap)) * along.width;
  t.true(Math.abs(shareOfGaps - 0.25) < 0.005, `${shareOfGaps}`);
});

test('samples have the frequencies and the law that logProb gives them', (t) => {
  const n = 600;
  const x = Float64Array.from(normals(n, 10));
  const fitted = shakenModel(tableOf({ kind: pick(n, ['a', 'b', 'c'], 11), x }), {}, 0.3);
  const draws = 20_000;
  const [codes, numbers] = tf.tidy(() => {
    const sample = fitted.model.sample(draws, { seed: 3 });
    const [code, number] = tf.split(sample, 2, 1) as [typeof sample, typeof sample];
    return [code.dataSync<'float32'>().slice(), number.dataSync<'float32'>().slice()];
  }) as [Float32Array, Float32Array];
  const { x: points, width } = grid(-7, 7, 1400);
  fitted.codec.schema.columns[0]?.levels?.forEach((kind, code) => {
    const density = logProbOf(fitted, tableOf({ kind: Array.from(points, () => String(kind)), x: points }));
    const probability = sumExp(density) * width;
    const mean =
      points.reduce((sum, value, i) => sum + value * Math.exp(density[i] as number) * width, 0) / probability;
    const drawn = Array.from(numbers).filter((_, row) => codes[row] === code);
    t.true(
      Math.abs(drawn.length / draws - probability) < 0.02,
      `${kind}: ${drawn.length / draws}, ${probability}`,
    );
    const drawnMean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
    t.true(Math.abs(drawnMean - mean) < 0.08, `${kind}: ${drawnMean}, ${mean}`);
  });
});

test('the generator is a function of z alone, and a draw does not depend on how many rows come with it', (t) => {
  const { model } = shakenModel(tableOf({ kind: pick(200, ['a', 'b'], 12), x: bumps(200, 13) }));
  const together = model.sample(50, { seed: 9 }).dataSync();
  const z = drawLatent(model.latentDim, 10, { first: 40, seed: 9 });
  const alone = tf.tidy(() => {
    const { codes, numbers } = model.push(tf.tensor2d(z, [10, 2]));
    return tf.concat([tf.cast(codes, 'float32'), numbers], 1).dataSync();
  });
  t.deepEqual(Array.from(together.slice(80)), Array.from(alone));
});

test('logProb and sample leave no tensors behind', (t) => {
  const fitted = shakenModel(tableOf({ kind: pick(100, ['a', 'b', null], 14), x: bumps(100, 15) }));
  const before = tf.memory().numTensors;
  logProbOf(fitted, tableOf({ kind: ['a', null], x: Float64Array.of(1, 2) }));
  fitted.model.sample(5).dispose();
  t.is(tf.memory().numTensors, before);
});
