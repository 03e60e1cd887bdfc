import test from 'ava';
import { AutoregressiveCategorical } from '../../src/autoregressive/categorical.js';
import { PushforwardError } from '../../src/errors.js';
import { type Tensor2D, tf } from '../../src/tf.js';
import { directionalError, leavesNoTensors, normals } from '../flows/laws.js';

/** Every row of codes there is, in lexicographic order. */
function allCodes(cardinalities: readonly number[]): number[][] {
  return cardinalities.reduce<number[][]>(
    (rows, m) => rows.flatMap((row) => Array.from({ length: m }, (_, level) => [...row, level])),
    [[]],
  );
}

function tensorOf(codes: readonly (readonly number[])[], columns: number): Tensor2D {
  return tf.tensor2d(Int32Array.from(codes.flat()), [codes.length, columns], 'int32');
}

/** A model with weights far from those it starts with. */
function modelOf(cardinalities: readonly number[], hidden: readonly number[] = [12, 10], scale = 0.7) {
  const model = new AutoregressiveCategorical({ cardinalities, hidden });
  model.parameters.assign(normals(model.parameters.count, 21, scale));
  return model;
}

const tables = [[2, 3, 1, 4], [5], [1], [1, 1], [2, 2, 2, 2, 2], [3, 6]];

for (const cardinalities of tables) {
  test(`probabilities of all codes of [${cardinalities}] sum to 1, and decoding meets them`, (t) => {
    const model = modelOf(cardinalities);
    leavesNoTensors(t, () => {
      const codes = allCodes(cardinalities);
      const logProb = model.logProb(tensorOf(codes, cardinalities.length)).dataSync();
      const probabilities = [...logProb].map(Math.exp);
      t.true(Math.abs(probabilities.reduce((a, b) => a + b) - 1) < 1e-5);

      // Chi-squared of 20,000 draws: its mean is the degrees of freedom, its variance twice that.
      const n = 20000;
      const drawn = model.sample(n, { seed: 4 }).arraySync();
      const counts = new Map(codes.map((row) => [row.join(), 0]));
      for (const row of drawn) counts.set(row.join(), (counts.get(row.join()) ?? Number.NaN) + 1);
      t.is(counts.size, codes.length, 'no code but these');
      let statistic = 0;
      codes.forEach((row, i) => {
        const expected = n * (probabilities[i] as number);
        statistic += ((counts.get(row.join()) as number) - expected) ** 2 / expected;
      });
      const freedom = codes.length - 1;
      t.true(
        statistic <= freedom + 6 * Math.sqrt(2 * freedom) + 1e-6,
        `${statistic} for ${freedom} degrees of freedom`,
      );
    });
    model.dispose();
  });
}

test('gradients agree with finite differences', (t) => {
  const model = modelOf([2, 3, 4]);
  const codes = Int32Array.from(
    allCodes([2, 3, 4])
      .filter((_, i) => i % 3 === 0)
      .flat(),
  );
  const parameters = model.parameters.values();
  const gradient = new Float32Array(parameters.length);
  leavesNoTensors(t, () => {
    const value = model.valueAndGrad(codes, gradient);
    const rows = tf.tensor2d(codes, [codes.length / 3, 3], 'int32');
    const loss = model.losses(rows).negativeLogLikelihood as tf.Scalar;
    t.true(Math.abs(value - (loss.dataSync()[0] as number)) < 1e-6);
    for (const stream of [40, 41, 42]) {
      const f = (values: Float32Array) => {
        model.parameters.assign(values);
        return model.valueAndGrad(codes, new Float32Array(values.length));
      };
      const error = directionalError(f, parameters, gradient, stream);
      t.true(error < 1e-3, `${error}`);
    }
  });
  model.dispose();
});

test('codes and their one-hot form have the same density', (t) => {
  const cardinalities = [2, 3, 1, 4];
  const model = modelOf(cardinalities);
  leavesNoTensors(t, () => {
    const codes = allCodes(cardinalities);
    const tensor = tensorOf(codes, 4);
    const rows = model.blocks.oneHotRows(Int32Array.from(codes.flat()));
    t.deepEqual([...model.oneHot(tensor).dataSync()], [...rows]);
    codes.forEach((row, i) => {
      row.forEach((code, k) => {
        const block = rows.subarray(i * 10 + (model.blocks.offsets[k] as number));
        t.is(block[code], 1);
      });
    });
    t.deepEqual(
      model.logProb(tf.tensor2d(rows, [codes.length, 10])).dataSync(),
      model.logProb(tensor).dataSync(),
    );
    const decoded = model.decode(tf.tensor2d(normals(200, 50), [50, 4]));
    t.is(decoded.codes.dtype, 'int32');
    t.deepEqual(decoded.oneHot.arraySync(), model.oneHot(decoded.codes).arraySync());
  });
  model.dispose();
});

test('a code that is no level has no probability, and stops a fit', (t) => {
  const model = modelOf([2, 3]);
  leavesNoTensors(t, () => {
    const rows = [
      [1, 2],
      [1, 3],
      [-1, 0],
    ];
    const logProb = model.logProb(tensorOf(rows, 2)).dataSync();
    t.true(Number.isFinite(logProb[0]));
    t.deepEqual([...logProb.slice(1)], [-Infinity, -Infinity]);
    const gradient = new Float32Array(model.parameters.count);
    const error = t.throws(() => model.valueAndGrad(Int32Array.from(rows.flat()), gradient), {
      instanceOf: PushforwardError,
    });
    t.is(error.code, 'input');
    t.regex(error.message, /row 1, variable 1/);
  });
  model.dispose();
});

test('initialised from codes it is the independent model of their smoothed frequencies', (t) => {
  const cardinalities = [2, 4, 1];
  const model = modelOf(cardinalities);
  leavesNoTensors(t, () => {
    const rows = [
      [0, 0, 0],
      [0, 1, 0],
      [1, 1, 0],
      [0, 1, 0],
    ];
    model.initialiseFrom(Int32Array.from(rows.flat()));
    const frequencies = [[3.5 / 5, 1.5 / 5], [1.5 / 6, 3.5 / 6, 0.5 / 6, 0.5 / 6], [1]];
    const codes = allCodes(cardinalities);
    const logProb = model.logProb(tensorOf(codes, 3)).dataSync();
    codes.forEach((row, i) => {
      const expected = row.reduce((sum, code, k) => sum + Math.log(frequencies[k]?.[code] as number), 0);
      t.true(Math.abs((logProb[i] as number) - expected) < 2e-6);
    });
  });
  model.dispose();
});

test('a million rows of one level leave the others the probability they are due', (t) => {
  const model = new AutoregressiveCategorical({ cardinalities: [3] });
  leavesNoTensors(t, () => {
    model.initialiseFrom(new Int32Array(1_000_000));
    const logProb = model.logProb(tensorOf([[0], [1], [2]], 1)).dataSync();
    const rare = Math.log(0.5 / 1_000_001.5);
    t.true(Math.abs((logProb[1] as number) - rare) < 1e-5 && Math.abs((logProb[2] as number) - rare) < 1e-5);
  });
  model.dispose();
});

test('weights of any size leave densities finite, and decoding within the levels', (t) => {
  for (const scale of [30, 1e4, 1e18]) {
    const cardinalities = [3, 2, 5];
    const model = modelOf(cardinalities, [12, 10], scale);
    leavesNoTensors(t, () => {
      const logProb = model.logProb(tensorOf(allCodes(cardinalities), 3)).dataSync();
      t.true(logProb.every(Number.isFinite));
      const extremes = [-40, -9, -5.5, 0, 5.5, 9, 40].map((z) => [z, z, z]);
      const codes = model.decode(tf.tensor2d(extremes)).codes.arraySync();
      for (const row of codes) {
        t.true(
          row.every((code, k) => Number.isInteger(code) && code >= 0 && code < (cardinalities[k] as number)),
        );
      }
    });
    model.dispose();
  }
});

test('the last level is never passed, nor a level met that has no stretch of the CDF', (t) => {
  // 0.1 three times sums to more than 0.3 in float32, seven times to less than 0.7: neither end may leak.
  for (const levels of [3, 7, 10, 49]) {
    const model = new AutoregressiveCategorical({ cardinalities: [levels] });
    leavesNoTensors(t, () => {
      const codes = model.decode(tf.tensor2d([[-50], [-8.5], [8.5], [50]])).codes.dataSync();
      t.deepEqual([...codes], [0, 0, levels - 1, levels - 1]);
    });
    model.dispose();
  }
});

test('decoding is the inverse of the CDF: codes ascend with z', (t) => {
  const model = modelOf([6, 4]);
  leavesNoTensors(t, () => {
    const n = 400;
    const z = Float32Array.from({ length: n * 2 }, (_, i) => (i % 2 === 0 ? -4 + (8 * i) / (2 * n) : 0.3));
    const codes = model.decode(tf.tensor2d(z, [n, 2])).codes.dataSync();
    for (let i = 1; i < n; i++) t.true((codes[2 * i] as number) >= (codes[2 * i - 2] as number));
    t.deepEqual([...new Set([...codes].filter((_, i) => i % 2 === 0))], [0, 1, 2, 3, 4, 5]);
  });
  model.dispose();
});

test('no rows, one row, and shapes that do not fit', (t) => {
  const model = modelOf([2, 3]);
  leavesNoTensors(t, () => {
    t.deepEqual(model.logProb(tensorOf([], 2)).shape, [0]);
    t.deepEqual(model.decode(tf.zeros([0, 2])).codes.shape, [0, 2]);
    t.deepEqual(model.sample(1).shape, [1, 2]);
    t.deepEqual(model.sample(5, { seed: 3 }).dataSync(), model.sample(5, { seed: 3 }).dataSync());
    for (const bad of [
      () => model.logProb(tf.zeros([2, 4])),
      () => model.logProb(tf.zeros([2, 5], 'int32')),
      () => model.decode(tf.zeros([2, 3])),
      () => model.valueAndGrad(new Int32Array(0), new Float32Array(model.parameters.count)),
      () => model.valueAndGrad(new Int32Array(3), new Float32Array(model.parameters.count)),
      () => model.valueAndGrad(new Int32Array(2), new Float32Array(1)),
    ]) {
      t.is(t.throws(bad, { instanceOf: PushforwardError }).code, 'shape');
    }
  });
  for (const cardinalities of [[], [2, 0], [1.5]]) {
    const error = t.throws(() => new AutoregressiveCategorical({ cardinalities }), {
      instanceOf: PushforwardError,
    });
    t.is(error.code, 'usage');
  }
  model.dispose();
});

test('names the parameter that is not finite', (t) => {
  const model = modelOf([2, 3]);
  t.is(model.locateNonFinite(), null);
  const values = model.parameters.values();
  values[values.length - 1] = Number.NaN;
  model.parameters.assign(values);
  t.is(model.locateNonFinite(), 'parameter direct');
  model.dispose();
});
