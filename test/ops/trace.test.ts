import test from 'ava';
import { PushforwardError } from '../../src/errors.js';
import { orthonormalBases } from '../../src/ops/orthonormal.js';
import { hutchinson, hutchPlusPlus, type Multiply, type TraceOptions } from '../../src/ops/trace.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../../src/tf.js';
import { leavesNoTensors, normals } from '../flows/laws.js';
import { doubles, everywhere, normalMatrices, product, transposed } from './matrices.js';

const estimators = { hutchinson, hutchPlusPlus } as const;

/** v to A v, row i by matrix i of [n, d, d]. */
function by(matrices: Tensor): Multiply {
  return (v) => tf.reshape(tf.matMul(matrices, tf.expandDims(v, 2)), v.shape) as Tensor2D;
}

function traces(matrices: Tensor): number[] {
  const d = matrices.shape[2] as number;
  return doubles(matrices).map((a) => {
    let sum = 0;
    for (let i = 0; i < d; i++) sum += a[i * (d + 1)] as number;
    return sum;
  });
}

/** Symmetric matrices whose eigenvalues fall as 1 / k². */
function decaying(n: number, d: number): Tensor {
  const { rows, dim } = { rows: n, dim: d };
  const directions = orthonormalBases(
    Array.from({ length: d }, (_, k) => normals(n * d, 700 + k)),
    rows,
    dim,
  );
  return tf.tidy(() =>
    tf.addN(
      directions.map((values, k) => {
        const u = tf.tensor3d(values, [n, d, 1]);
        return tf.mul(tf.matMul(u, u, false, true), 1 / (k + 1) ** 2);
      }),
    ),
  );
}

/** Estimates [draws, n] for as many seeds. */
function estimates(
  estimate: (multiply: Multiply, options: TraceOptions) => Tensor1D,
  matrices: Tensor,
  draws: number,
  options: Pick<TraceOptions, 'products' | 'probes'>,
): Float32Array[] {
  const [rows, dim] = matrices.shape as [number, number];
  return Array.from({ length: draws }, (_, seed) =>
    tf.tidy(() => estimate(by(matrices), { rows, dim, seed, ...options }).dataSync() as Float32Array),
  );
}

function meanAndVariance(draws: readonly Float32Array[], row: number): { mean: number; variance: number } {
  const values = draws.map((draw) => draw[row] as number);
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1);
  return { mean, variance };
}

everywhere('Rademacher probes give the trace of a diagonal matrix exactly', (t) => {
  leavesNoTensors(t, () => {
    const [n, d] = [4, 6];
    const diagonal = tf.tensor2d(normals(n * d, 710), [n, d]);
    const multiply: Multiply = (v) => tf.mul(diagonal, v);
    const expected = tf.sum(diagonal, 1).dataSync();
    hutchinson(multiply, { rows: n, dim: d, products: 1, seed: 5 })
      .dataSync()
      .forEach((found, i) => {
        t.true(Math.abs(found - (expected[i] as number)) < 1e-5);
      });
  });
});

for (const [name, estimate] of Object.entries(estimators)) {
  for (const probes of ['rademacher', 'gaussian'] as const) {
    test.serial(
      `${name} with ${probes} probes is unbiased, also for matrices that are not symmetric`,
      (t) => {
        const [n, d, draws] = [2, 5, 400];
        leavesNoTensors(t, () => {
          const a = normalMatrices(n, d, 720);
          const found = estimates(estimate, a, draws, { products: 6, probes });
          traces(a).forEach((expected, row) => {
            const { mean, variance } = meanAndVariance(found, row);
            t.true(variance > 0);
            t.true(Math.abs(mean - expected) <= 4 * Math.sqrt(variance / draws), `${mean}, not ${expected}`);
          });
        });
      },
    );
  }
}

test.serial('the variance of Hutchinson is 2 ‖offdiag A‖² / products for symmetric A', (t) => {
  const [d, draws, products] = [6, 500, 2];
  leavesNoTensors(t, () => {
    const half = normalMatrices(1, d, 730);
    const a = tf.add(half, tf.transpose(half, [0, 2, 1]));
    let squares = 0;
    doubles(a)[0]?.forEach((x, i) => {
      if (i % (d + 1) !== 0) squares += x * x;
    });
    const { variance } = meanAndVariance(estimates(hutchinson, a, draws, { products }), 0);
    const expected = (2 * squares) / products;
    // A sample variance of near-normal draws has a standard error of variance · √(2 / draws).
    t.true(Math.abs(variance - expected) <= 5 * expected * Math.sqrt(2 / draws), `${variance}, ${expected}`);
  });
});

test.serial('Hutch++ has less variance at as many products where the spectrum decays', (t) => {
  leavesNoTensors(t, () => {
    const a = decaying(2, 20);
    const plain = estimates(hutchinson, a, 100, { products: 12 });
    const better = estimates(hutchPlusPlus, a, 100, { products: 12 });
    for (const row of [0, 1]) {
      const [before, after] = [plain, better].map((draws) => meanAndVariance(draws, row).variance);
      t.true((after as number) < 0.05 * (before as number), `${after}, ${before}`);
    }
  });
});

everywhere('Hutch++ is exact for ranks up to a third of the products', (t) => {
  for (const [rank, products] of [
    [1, 3],
    [3, 9],
    [2, 12],
  ] as const) {
    leavesNoTensors(t, () => {
      const [n, d] = [3, 10];
      const a = tf.matMul(normalMatrices(n, d, 740, rank), normalMatrices(n, d, 741, rank), false, true);
      const expected = traces(a);
      hutchPlusPlus(by(a), { rows: n, dim: d, products })
        .dataSync()
        .forEach((found, i) => {
          t.true(Math.abs(found - (expected[i] as number)) < 2e-4, `rank ${rank}: ${found}, ${expected[i]}`);
        });
    });
  }
  // With as many products as three times the size, whatever the matrix is.
  leavesNoTensors(t, () => {
    const a = normalMatrices(2, 4, 745);
    const expected = traces(a);
    hutchPlusPlus(by(a), { rows: 2, dim: 4, products: 12 })
      .dataSync()
      .forEach((found, i) => {
        t.true(Math.abs(found - (expected[i] as number)) < 1e-4);
      });
  });
});

everywhere('gradients are those of the trace, on average, and second derivatives exist', (t) => {
  leavesNoTensors(t, () => {
    // A(s) = s² M: the estimate of tr A is s² times that of tr M, and its gradients follow.
    const m = normalMatrices(3, 4, 750);
    const options = { rows: 3, dim: 4, products: 6, seed: 1 };
    for (const estimate of [hutchinson, hutchPlusPlus]) {
      const f = (s: Tensor) => tf.sum(estimate(by(tf.mul(m, tf.square(s))), options));
      const value = f(tf.scalar(1)).dataSync()[0] as number;
      const slope = tf.grad(f);
      t.true(Math.abs((slope(tf.scalar(1.5)).dataSync()[0] as number) - 3 * value) < 1e-3);
      t.true(
        Math.abs(
          (tf
            .grad((s) => slope(s))(tf.scalar(1.5))
            .dataSync()[0] as number) -
            2 * value,
        ) < 1e-3,
      );
    }
  });
});

test('the same seed gives the same estimate, another one another', (t) => {
  tf.tidy(() => {
    const a = normalMatrices(3, 5, 760);
    for (const estimate of Object.values(estimators)) {
      const [first, second, other] = [7, 7, 8].map((seed) =>
        estimate(by(a), { rows: 3, dim: 5, products: 3, seed }).dataSync(),
      );
      t.deepEqual(first, second);
      t.notDeepEqual(first, other);
    }
    t.deepEqual(hutchinson((v) => v, { rows: 0, dim: 5, products: 2 }).shape, [0]);
    t.deepEqual(hutchPlusPlus((v) => v, { rows: 0, dim: 5, products: 3 }).shape, [0]);
  });
});

test('bases are orthonormal and span what they were made of', (t) => {
  const [rows, dim] = [3, 6];
  const vectors = [770, 771, 772].map((stream) => normals(rows * dim, stream));
  // The third vector of row 1 lies in the plane of the others; the second of row 2 is 0.
  for (let i = 0; i < dim; i++) {
    const [first, second] = [vectors[0]?.[dim + i] as number, vectors[1]?.[dim + i] as number];
    (vectors[2] as Float32Array)[dim + i] = first - 2 * second;
    (vectors[1] as Float32Array)[2 * dim + i] = 0;
  }
  const bases = orthonormalBases(vectors, rows, dim);
  const ranks = [3, 2, 2];
  for (let row = 0; row < rows; row++) {
    const of = (arrays: readonly Float32Array[]) =>
      Float64Array.from(arrays.flatMap((array) => [...array.subarray(row * dim, (row + 1) * dim)]));
    const q = of(bases);
    const gram = product(q, transposed(q, 3), dim);
    const kept: number[] = [0, 1, 2].filter((k) => (gram[4 * k] as number) > 0.5);
    t.is(kept.length, ranks[row] as number);
    gram.forEach((x, i) => {
      const expected: number = i % 4 === 0 && kept.includes(i / 4) ? 1 : 0;
      t.true(Math.abs(x - expected) < 1e-6);
    });
    // Projected onto the basis, every vector is what it was.
    const given = of(vectors);
    const projected = product(product(given, transposed(q, 3), dim), q, 3);
    projected.forEach((x, i) => {
      t.true(Math.abs(x - (given[i] as number)) < 1e-5);
    });
  }
});

test('counts that make no sense are refused', (t) => {
  const refused: readonly (readonly [Partial<TraceOptions>, RegExp])[] = [
    [{ rows: -1 }, /rows is -1; give a whole number from 0/],
    [{ dim: 0 }, /dim is 0; give a whole number from 1/],
    [{ products: 0 }, /products is 0/],
    [{ products: 1.5 }, /products is 1.5/],
    [{ seed: 0.5 }, /the seed is 0.5/],
  ];
  for (const estimate of Object.values(estimators)) {
    for (const [options, message] of refused) {
      const error = t.throws(() => estimate((v) => v, { rows: 1, dim: 1, products: 3, ...options }), {
        instanceOf: PushforwardError,
        message,
      });
      t.is(error?.code, 'usage');
    }
  }
  t.throws(() => hutchPlusPlus((v) => v, { rows: 1, dim: 1, products: 4 }), { message: /multiple of 3/ });
});
