import test from 'ava';
import { PushforwardError } from '../../src/errors.js';
import { inverse, solve, triangularSolve } from '../../src/ops/solve.js';
import { type Tensor, tf } from '../../src/tf.js';
import { leavesNoTensors, normals } from '../flows/laws.js';
import {
  doubles,
  EPSILON,
  everywhere,
  norm,
  normalMatrices,
  product,
  reference,
  SIZES,
  transposed,
} from './matrices.js';

const COLUMNS: readonly number[] = [1, 8, 21];
const BOTH: readonly boolean[] = [false, true];

/** ‖a − b‖ in the Frobenius norm. */
function distance(a: ArrayLike<number>, b: Float64Array): number {
  return norm(b.map((x, i) => x - (a[i] as number)));
}

/** The triangle that is read, in double precision, zeros elsewhere; well conditioned. */
function triangleOf(matrix: Float64Array, n: number, lower: boolean, unit: boolean): Float64Array {
  return matrix.map((x, index) => {
    const [i, j] = [Math.floor(index / n), index % n];
    if (i === j) return unit ? 1 : x;
    return i > j === lower ? x : 0;
  });
}

/** Triangles scaled so that their inverses stay small, with NaN in what is not to be read. */
function triangles(batch: number, n: number, lower: boolean, unit: boolean, stream: number): tf.Tensor3D {
  const values = normals(batch * n * n, stream).map((x, index) => {
    const [i, j] = [Math.floor(index / n) % n, index % n];
    if (i === j) return unit ? NaN : 1 + Math.abs(x);
    return i > j === lower ? x / Math.sqrt(n) : NaN;
  });
  return tf.tensor3d(values, [batch, n, n]);
}

everywhere('solutions are those of a QR in double precision', (t) => {
  for (const n of SIZES) {
    const batch = n <= 9 ? 37 : n <= 33 ? 17 : 2;
    const a = normalMatrices(batch, n, 600 + n);
    const references = doubles(a).map((matrix) => reference(matrix, n));
    for (const columns of COLUMNS) {
      tf.tidy(() => {
        const b = normalMatrices(batch, n, 601, columns);
        const right = doubles(b);
        for (const transpose of BOTH) {
          const x = solve(a, b, { transpose });
          t.deepEqual(x.shape, [batch, n, columns]);
          const found = doubles(x);
          references.forEach(({ inverse: plain, condition }, i) => {
            const inverted = transpose ? transposed(plain, n) : plain;
            const expected = product(inverted, right[i] as Float64Array, n);
            const error = distance(found[i] as Float64Array, expected) / norm(expected);
            t.true(error <= 4 * EPSILON * condition, `n ${n}, ${columns} columns: ${error}`);
          });
        }
      });
    }
    a.dispose();
  }
});

everywhere('the residual is small whatever the condition', (t) => {
  for (const n of [5, 12, 70]) {
    tf.tidy(() => {
      const a = tf.tensor3d(
        Float32Array.from({ length: n * n }, (_, i) => 1 / (Math.floor(i / n) + (i % n) + 1)),
        [1, n, n],
      );
      const b = normalMatrices(1, n, 610, 2);
      const x = solve(a, b);
      const residual = distance(
        product(doubles(a)[0] as Float64Array, doubles(x)[0] as Float64Array, n),
        doubles(b)[0] as Float64Array,
      );
      const size = norm(a.dataSync()) * norm(x.dataSync());
      t.true(residual <= 4 * n * EPSILON * size, `n ${n}: ${residual / size}`);
    });
  }
});

everywhere('an inverse from both sides gives the identity', (t) => {
  for (const n of [1, 4, 31, 64, 90]) {
    leavesNoTensors(t, () => {
      const a = normalMatrices(3, n, 620);
      const inverted = inverse(a);
      doubles(a).forEach((matrix, i) => {
        const { condition } = reference(matrix, n);
        const other = doubles(inverted)[i] as Float64Array;
        for (const both of [product(matrix, other, n), product(other, matrix, n)]) {
          const identity = both.map((_, j) => (j % (n + 1) === 0 ? 1 : 0));
          t.true(distance(both, identity) <= 8 * EPSILON * condition ** 1.5, `n ${n}`);
        }
      });
    });
  }
});

everywhere('triangles are solved without a look at the rest', (t) => {
  for (const n of SIZES) {
    const batch = n <= 9 ? 37 : 3;
    for (const columns of [1, 5]) {
      for (const lower of BOTH) {
        for (const unitDiagonal of BOTH) {
          tf.tidy(() => {
            const triangle = triangles(batch, n, lower, unitDiagonal, 630 + n);
            const b = normalMatrices(batch, n, 631, columns);
            const right = doubles(b);
            for (const transpose of BOTH) {
              const x = triangularSolve(triangle, b, { lower, unitDiagonal, transpose });
              t.deepEqual(x.shape, [batch, n, columns]);
              const solutions = doubles(x);
              doubles(triangle).forEach((values, i) => {
                const plain = triangleOf(values, n, lower, unitDiagonal);
                const matrix = transpose ? transposed(plain, n) : plain;
                const found = solutions[i] as Float64Array;
                const residual = distance(product(matrix, found, n), right[i] as Float64Array);
                t.true(residual <= 2 * n * EPSILON * norm(matrix) * norm(found), `n ${n}`);
              });
            }
          });
        }
      }
    }
  }
});

everywhere('a matrix that cannot be solved spoils no other', (t) => {
  for (const n of [1, 3, 8, 20, 64, 66]) {
    tf.tidy(() => {
      const batch = 19;
      const values = normals(batch * n * n, 640);
      const b = normalMatrices(batch, n, 641, 2);
      const solutions = (given: Float32Array): Tensor[] => {
        const a = tf.tensor3d(given, [batch, n, n]);
        return [solve(a, b), solve(a, b, { transpose: true }), triangularSolve(a, b)];
      };
      const clean = solutions(values.slice());
      values.fill(NaN, n * n, 2 * n * n);
      values.fill(0, 5 * n * n, 6 * n * n);
      solutions(values).forEach((spoilt, k) => {
        const before = doubles(clean[k] as Tensor);
        doubles(spoilt).forEach((x, i) => {
          if (i === 1 || i === 5) t.false(x.some(Number.isFinite), `n ${n}, matrix ${i}`);
          else t.is(distance(x, before[i] as Float64Array), 0, `n ${n}, matrix ${i}`);
        });
      });
    });
  }
});

everywhere('gradients of solve: db = A⁻ᵀ dx, dA = −db xᵀ', (t) => {
  for (const n of [1, 4, 8, 20, 66]) {
    for (const transpose of BOTH) {
      leavesNoTensors(t, () => {
        const a = normalMatrices(3, n, 650);
        const b = normalMatrices(3, n, 651, 2);
        const w = normalMatrices(3, n, 652, 2);
        const [da, db] = tf.grads((x, y) => tf.sum(tf.mul(w, solve(x, y, { transpose }))))([a, b]);
        doubles(a).forEach((matrix, i) => {
          const { inverse: plain, condition } = reference(matrix, n);
          const [forward, back] = transpose ? [transposed(plain, n), plain] : [plain, transposed(plain, n)];
          const pulled = product(back, doubles(w)[i] as Float64Array, n);
          const x = product(forward, doubles(b)[i] as Float64Array, n);
          const [left, right] = transpose ? [x, pulled] : [pulled, x];
          const slope = product(left, transposed(right, n), 2).map((value) => -value);
          const bound = 16 * EPSILON * condition;
          t.true(distance(doubles(db as Tensor)[i] as Float64Array, pulled) <= bound * norm(pulled));
          t.true(distance(doubles(da as Tensor)[i] as Float64Array, slope) <= bound * norm(pulled) * norm(x));
        });
      });
    }
  }
});

/** f''(0) of f(s) = Σ w · X(A + s H, b), in closed form 2 Σ w · A⁻¹ H A⁻¹ H A⁻¹ b. */
everywhere('second derivatives of solve', (t) => {
  for (const n of [1, 4, 9]) {
    for (const transpose of BOTH) {
      leavesNoTensors(t, () => {
        const [a, h] = [normalMatrices(1, n, 660), normalMatrices(1, n, 661)];
        const [b, w] = [normalMatrices(1, n, 662, 2), normalMatrices(1, n, 663, 2)];
        const f = (x: Tensor) => tf.sum(tf.mul(w, solve(x, b, { transpose })));
        const along = tf.grad((x) => tf.sum(tf.mul(h, tf.grad(f)(x))))(a);
        const found = tf.sum(tf.mul(h, along)).dataSync()[0] as number;

        const { inverse: plain, condition } = reference(doubles(a)[0] as Float64Array, n);
        const flip = (x: Float64Array) => (transpose ? transposed(x, n) : x);
        const step = product(flip(plain), flip(doubles(h)[0] as Float64Array), n);
        const x = product(flip(plain), doubles(b)[0] as Float64Array, n);
        const twice = product(step, product(step, x, n), n);
        const expected = twice.reduce((sum, value, i) => sum + 2 * value * (w.dataSync()[i] as number), 0);
        const size = norm(step) ** 2 * norm(x) * norm(w.dataSync());
        t.true(
          Math.abs(found - expected) <= 32 * EPSILON * condition * size,
          `n ${n}: ${found}, ${expected}`,
        );
      });
    }
  }
});

everywhere('the mixed second derivative of solve for matrix and right-hand side', (t) => {
  leavesNoTensors(t, () => {
    // d/db of −A⁻ᵀ w (A⁻¹ b)ᵀ · H is −A⁻ᵀ Hᵀ A⁻ᵀ w.
    const n = 5;
    const [a, h] = [normalMatrices(1, n, 670), normalMatrices(1, n, 671)];
    const [b, w] = [normalMatrices(1, n, 672, 1), normalMatrices(1, n, 673, 1)];
    const mixed = tf.grad((y) => {
      const slope = tf.grad((x) => tf.sum(tf.mul(w, solve(x, y as Tensor))))(a);
      return tf.sum(tf.mul(h, slope));
    })(b);
    const plain = reference(doubles(a)[0] as Float64Array, n);
    const back = transposed(plain.inverse, n);
    const pulled = product(back, w.dataSync(), n);
    const expected = product(back, product(transposed(h.dataSync(), n), pulled, n), n).map((x) => -x);
    t.true(distance(mixed.dataSync(), expected) <= 32 * EPSILON * plain.condition * norm(expected));
  });
});

everywhere('gradients of triangular solves are those of the same matrix solved by LU', (t) => {
  for (const n of [1, 4, 8, 17, 70]) {
    for (const lower of BOTH) {
      for (const unitDiagonal of BOTH) {
        for (const transpose of BOTH) {
          leavesNoTensors(t, () => {
            const triangle = triangles(2, n, lower, unitDiagonal, 680);
            const b = normalMatrices(2, n, 681, 3);
            const w = normalMatrices(2, n, 682, 3);
            const dense = tf.stack(
              doubles(triangle).map((values) =>
                tf.tensor2d(Float32Array.from(triangleOf(values, n, lower, unitDiagonal)), [n, n]),
              ),
            );
            const options = { lower, unitDiagonal, transpose };
            const [dt, db] = tf.grads((x, y) => tf.sum(tf.mul(w, triangularSolve(x, y, options))))([
              triangle,
              b,
            ]) as [Tensor, Tensor];
            const [da, expected] = tf.grads((x, y) => tf.sum(tf.mul(w, solve(x, y, { transpose }))))([
              dense,
              b,
            ]) as [Tensor, Tensor];
            t.true(
              distance(db.dataSync(), doubles(tf.reshape(expected, [1, 2 * n, 3]))[0] as Float64Array) <=
                1e-4,
            );
            doubles(da).forEach((values, i) => {
              // Only what is read has a gradient.
              const read = triangleOf(values, n, lower, true).map((x, j) =>
                j % (n + 1) === 0 ? (unitDiagonal ? 0 : (values[j] as number)) : x,
              );
              const found = doubles(dt)[i] as Float64Array;
              t.true(distance(found, read) <= 2e-5 * (1 + norm(read)), `n ${n}: ${distance(found, read)}`);
            });
          });
        }
      }
    }
  }
});

everywhere('second derivatives of triangular solves are those by LU', (t) => {
  const n = 6;
  for (const lower of BOTH) {
    for (const transpose of BOTH) {
      leavesNoTensors(t, () => {
        const [values] = doubles(triangles(1, n, lower, false, 690));
        const start = tf.tensor3d(Float32Array.from(triangleOf(values as Float64Array, n, lower, false)), [
          1,
          n,
          n,
        ]);
        const mask = tf.cast(tf.notEqual(start, 0), 'float32');
        const [b, h] = [normalMatrices(1, n, 691, 2), tf.mul(normalMatrices(1, n, 692), mask)];
        const curvature = (f: (x: Tensor) => Tensor) => {
          const slope = tf.grad((x) => tf.sum(tf.square(f(x))));
          return tf.mul(mask, tf.grad((x) => tf.sum(tf.mul(h, slope(x))))(start));
        };
        const found = curvature((x) => triangularSolve(x, b, { lower, transpose })).dataSync();
        const expected = doubles(curvature((x) => solve(x, b, { transpose })))[0] as Float64Array;
        t.true(norm(expected) > 0.1);
        t.true(distance(found, expected) <= 1e-4 * norm(expected), `${distance(found, expected)}`);
      });
    }
  }
});

everywhere('empty batches, empty matrices and no right-hand side', (t) => {
  leavesNoTensors(t, () => {
    for (const [batch, n, columns] of [
      [0, 3, 2],
      [2, 0, 2],
      [2, 3, 0],
    ] as const) {
      const [a, b] = [tf.zeros([batch, n, n]), tf.zeros([batch, n, columns])];
      t.deepEqual(solve(a, b).shape, [batch, n, columns]);
      t.deepEqual(triangularSolve(a, b).shape, [batch, n, columns]);
      t.deepEqual(inverse(a).shape, [batch, n, n]);
    }
    const many = solve(tf.fill([2, 3, 1, 1], 4), tf.ones([2, 3, 1, 2]));
    t.deepEqual(many.shape, [2, 3, 1, 2]);
    t.deepEqual([...many.dataSync()], Array(12).fill(0.25));
    t.deepEqual([...inverse(tf.tensor2d([0, 2, 1, 0], [2, 2])).dataSync()], [0, 1, 0.5, 0]);
  });
});

test('other shapes and types are refused', (t) => {
  tf.tidy(() => {
    const a = tf.ones([2, 3, 3]);
    const refused: readonly (readonly [Tensor, Tensor, RegExp])[] = [
      [tf.ones([2, 3]), a, /solve: a tensor \[2,3\] holds no square matrices/i],
      [a, tf.ones([2, 4, 1]), /right-hand sides \[2,4,1\] do not fit matrices \[2,3,3\]; .*\[2,3,k\]/],
      [a, tf.ones([2, 3]), /a single vector is one column/],
      [a, tf.ones([1, 3, 1]), /do not fit/],
      [a, tf.ones([2, 3, 1], 'int32'), /int32, not float32/],
      [tf.ones([2, 2], 'bool'), tf.ones([2, 2]), /bool, not float32/],
    ];
    for (const op of [solve, triangularSolve]) {
      for (const [matrices, right, message] of refused) {
        const error = t.throws(() => op(matrices, right), { instanceOf: PushforwardError, message });
        t.is(error?.code, 'shape');
      }
    }
    t.throws(() => inverse(tf.ones([2, 3])), { instanceOf: PushforwardError, message: /inverse/ });
  });
});
