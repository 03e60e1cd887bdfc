import test from 'ava';
import { PushforwardError } from '../../src/errors.js';
import { logAbsDeterminant, triangularLogDeterminant } from '../../src/ops/determinant.js';
import { Random } from '../../src/random.js';
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

/** More matrices than two SIMD groups and no multiple of one, but few where they are large. */
const batchOf = (n: number): number => (n <= 9 ? 37 : n <= 33 ? 18 : 2);

function trace(matrix: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += matrix[i * (n + 1)] as number;
  return sum;
}

everywhere('log-determinants are those of a QR in double precision', (t) => {
  for (const n of SIZES) {
    tf.tidy(() => {
      const a = normalMatrices(batchOf(n), n, 500 + n);
      const { sign, logAbsDet } = logAbsDeterminant(a);
      t.deepEqual([sign.shape, logAbsDet.shape], [[batchOf(n)], [batchOf(n)]]);
      doubles(a).forEach((matrix, i) => {
        const expected = reference(matrix, n);
        t.is(sign.dataSync()[i], expected.sign, `n ${n}`);
        // d log|det A| = tr(A⁻¹ dA), and LU is exact for a matrix within rounding of A.
        const error = Math.abs((logAbsDet.dataSync()[i] as number) - expected.logAbsDet);
        const rounding = EPSILON * (4 * expected.condition + Math.abs(expected.logAbsDet));
        t.true(error <= rounding, `n ${n}: ${error} beyond ${rounding}`);
      });
    });
  }
});

everywhere('the determinant of a product is the product of the determinants', (t) => {
  for (const n of [3, 16, 40, 80]) {
    tf.tidy(() => {
      const [a, b] = [normalMatrices(20, n, 530), normalMatrices(20, n, 531)];
      const [ofA, ofB, ofBoth] = [a, b, tf.matMul(a, b)].map(logAbsDeterminant);
      t.deepEqual(
        [...(ofBoth?.sign.dataSync() ?? [])],
        [...tf.mul(ofA?.sign as Tensor, ofB?.sign as Tensor).dataSync()],
      );
      const sum = tf.add(ofA?.logAbsDet as Tensor, ofB?.logAbsDet as Tensor);
      const error = tf.max(tf.abs(tf.sub(ofBoth?.logAbsDet as Tensor, sum))).dataSync()[0] as number;
      t.true(error < 5e-3, `n ${n}: ${error}`);
    });
  }
});

everywhere('the determinant of a permutation is its parity', (t) => {
  for (const n of [1, 2, 5, 8, 23, 64, 90]) {
    for (let seed = 0; seed < 12; seed++) {
      const order = new Random(seed, 1).permutation(n);
      const values = new Float32Array(n * n);
      order.forEach((column, i) => {
        values[i * n + column] = 1;
      });
      let inversions = 0;
      order.forEach((column, i) => {
        inversions += order.subarray(i).filter((other) => other < column).length;
      });
      tf.tidy(() => {
        const { sign, logAbsDet } = logAbsDeterminant(tf.tensor2d(values, [n, n]));
        t.deepEqual([sign.shape, logAbsDet.shape], [[], []]);
        t.is(sign.dataSync()[0], inversions % 2 === 0 ? 1 : -1);
        t.is(logAbsDet.dataSync()[0], 0);
      });
    }
  }
});

everywhere('scaling by 2^k adds n k log 2, however large or small the determinant becomes', (t) => {
  for (const n of [4, 30, 64, 130]) {
    tf.tidy(() => {
      const a = normalMatrices(3, n, 540);
      const plain = logAbsDeterminant(a).logAbsDet.dataSync();
      for (const power of [-90, 100]) {
        const scaled = logAbsDeterminant(tf.mul(a, 2 ** power)).logAbsDet.dataSync();
        scaled.forEach((value, i) => {
          const expected = (plain[i] as number) + n * power * Math.LN2;
          t.true(Math.abs(value - expected) <= 1e-6 * Math.abs(expected) + 1e-4, `n ${n}, 2^${power}`);
        });
      }
    });
  }
});

everywhere('pivots that are denormal count as numbers', (t) => {
  tf.tidy(() => {
    const a = tf.tensor2d([0, 1e-40, 3e-41, 1e-41, 2e-40, 0, 1e-40, 1e-41, 1e-40], [3, 3]);
    const expected = reference(doubles(a)[0]?.map((x) => x * 1e40) as Float64Array, 3);
    const { sign, logAbsDet } = logAbsDeterminant(a);
    t.is(sign.dataSync()[0], expected.sign);
    const error = (logAbsDet.dataSync()[0] as number) - expected.logAbsDet + 3 * 40 * Math.LN10;
    t.true(Math.abs(error) < 1e-3, `${error}`);
  });
});

everywhere('singular matrices have sign 0 and log −∞', (t) => {
  for (const n of [1, 2, 7, 20, 64, 70]) {
    const full = doubles(tf.tidy(() => normalMatrices(1, n, 550)))[0] as Float64Array;
    const cases = {
      zero: full.map(() => 0),
      'a column of zeros': full.map((value, i) => (i % n === n - 1 ? 0 : value)),
      'a row of zeros': full.map((value, i) => (Math.floor(i / n) === 0 ? 0 : value)),
      // Elimination makes exact zeros of equal rows.
      ...(n > 1
        ? { 'two equal rows': full.map((value, i) => (i < n ? (full[i + n] as number) : value)) }
        : {}),
    };
    for (const [name, values] of Object.entries(cases)) {
      tf.tidy(() => {
        const { sign, logAbsDet } = logAbsDeterminant(tf.tensor3d(Float32Array.from(values), [1, n, n]));
        t.is(Math.abs(sign.dataSync()[0] as number), 0, `${name}, n ${n}`);
        t.is(logAbsDet.dataSync()[0], -Infinity, `${name}, n ${n}`);
      });
    }
  }
});

everywhere('ill-conditioned matrices are right to what their condition allows', (t) => {
  for (const n of [2, 3, 4, 5]) {
    tf.tidy(() => {
      const hilbert = Float32Array.from({ length: n * n }, (_, i) => 1 / (Math.floor(i / n) + (i % n) + 1));
      const a = tf.tensor3d(hilbert, [1, n, n]);
      const expected = reference(doubles(a)[0] as Float64Array, n);
      const { sign, logAbsDet } = logAbsDeterminant(a);
      t.is(sign.dataSync()[0], 1);
      const error = Math.abs((logAbsDet.dataSync()[0] as number) - expected.logAbsDet);
      t.true(error <= 4 * EPSILON * expected.condition, `n ${n}: ${error}`);
    });
  }
});

everywhere('NaN and infinity stay in their own matrix', (t) => {
  for (const n of [1, 3, 8, 20, 64, 66]) {
    tf.tidy(() => {
      const batch = 19;
      const values = normals(batch * n * n, 560);
      const clean = logAbsDeterminant(tf.tensor3d(values.slice(), [batch, n, n]));
      // In every corner and in the middle, one matrix each.
      [0, n - 1, n * (n - 1), n * n - 1, Math.floor((n * n) / 2)].forEach((place, k) => {
        values[(3 * k + 1) * n * n + place] = k === 3 ? Infinity : NaN;
      });
      const { sign, logAbsDet } = logAbsDeterminant(tf.tensor3d(values, [batch, n, n]));
      for (let i = 0; i < batch; i++) {
        const isBad = i % 3 === 1 && i <= 13;
        const expected = [clean.sign.dataSync()[i], clean.logAbsDet.dataSync()[i]];
        const found = [sign.dataSync()[i], logAbsDet.dataSync()[i]];
        t.deepEqual(found, isBad ? [NaN, NaN] : expected, `n ${n}, matrix ${i}`);
      }
    });
  }
});

everywhere('the gradient is the inverse transposed', (t) => {
  for (const n of [1, 2, 5, 8, 17, 64, 80]) {
    leavesNoTensors(t, () => {
      const a = normalMatrices(3, n, 570);
      const weights = tf.tensor1d(normals(3, 571));
      const gradient = tf.grad((x) => tf.sum(tf.mul(weights, logAbsDeterminant(x).logAbsDet)))(a);
      const found = doubles(gradient);
      doubles(a).forEach((matrix, i) => {
        const { inverse, condition } = reference(matrix, n);
        const weight = weights.dataSync()[i] as number;
        const expected = transposed(inverse, n).map((x) => weight * x);
        const error = norm(expected.map((x, j) => x - (found[i]?.[j] as number)));
        t.true(error <= 8 * EPSILON * condition * norm(expected), `n ${n}: ${error}`);
      });
    });
  }
});

everywhere('second derivatives are −tr(A⁻¹ H A⁻¹ K)', (t) => {
  for (const n of [1, 3, 8, 20]) {
    leavesNoTensors(t, () => {
      const a = normalMatrices(4, n, 580);
      const [h, k] = [normalMatrices(4, n, 581), normalMatrices(4, n, 582)];
      const slope = tf.grad((x) => tf.sum(logAbsDeterminant(x).logAbsDet));
      const second = tf.grad((x) => tf.sum(tf.mul(h, slope(x))))(a);
      doubles(a).forEach((matrix, i) => {
        const { inverse, condition } = reference(matrix, n);
        const [along, across] = [h, k].map((x) => product(inverse, doubles(x)[i] as Float64Array, n));
        const expected = -trace(product(along as Float64Array, across as Float64Array, n), n);
        const other = doubles(k)[i] as Float64Array;
        const found = (doubles(second)[i] as Float64Array).reduce(
          (sum, x, j) => sum + x * (other[j] as number),
          0,
        );
        const size = norm(along as Float64Array) * norm(across as Float64Array);
        t.true(
          Math.abs(found - expected) <= 16 * EPSILON * condition * size,
          `n ${n}: ${found}, ${expected}`,
        );
      });
    });
  }
});

everywhere('third derivatives are those of a logarithm for n = 1', (t) => {
  leavesNoTensors(t, () => {
    const first = tf.grad((x) => tf.sum(logAbsDeterminant(x).logAbsDet));
    const second = tf.grad((x) => tf.sum(first(x)));
    const third = tf
      .grad((x) => tf.sum(second(x)))(tf.tensor3d([2, -0.5], [2, 1, 1]))
      .dataSync();
    t.true(Math.abs((third[0] as number) - 0.25) < 1e-6 && Math.abs((third[1] as number) + 16) < 1e-4);
  });
});

everywhere('the sign has no gradient, and weighs nothing in one', (t) => {
  leavesNoTensors(t, () => {
    const a = normalMatrices(3, 4, 590);
    const plain = tf.grad((x) => tf.sum(logAbsDeterminant(x).logAbsDet))(a);
    const both = tf.grad((x) => {
      const { sign, logAbsDet } = logAbsDeterminant(x);
      return tf.sum(tf.add(logAbsDet, sign));
    })(a);
    t.deepEqual(both.dataSync(), plain.dataSync());
  });
});

everywhere('empty batches and empty matrices', (t) => {
  leavesNoTensors(t, () => {
    const none = logAbsDeterminant(tf.zeros([0, 3, 3]));
    t.deepEqual([none.sign.shape, none.logAbsDet.shape], [[0], [0]]);
    const empty = logAbsDeterminant(tf.zeros([2, 0, 0]));
    t.deepEqual(
      [[...empty.sign.dataSync()], [...empty.logAbsDet.dataSync()]],
      [
        [1, 1],
        [0, 0],
      ],
    );
    const many = logAbsDeterminant(tf.ones([2, 3, 1, 1]));
    t.deepEqual(many.sign.shape, [2, 3]);
    t.deepEqual(tf.grad((x) => tf.sum(logAbsDeterminant(x).logAbsDet))(tf.zeros([0, 3, 3])).shape, [0, 3, 3]);
  });
});

everywhere('the determinant of a triangle reads its diagonal alone', (t) => {
  for (const n of [1, 2, 6]) {
    leavesNoTensors(t, () => {
      const values = normals(3 * n * n, 595).map((x, i) => ((i % (n * n)) % (n + 1) === 0 ? x : NaN));
      const a = tf.tensor3d(values, [3, n, n]);
      const { sign, logAbsDet } = triangularLogDeterminant(a);
      t.deepEqual([sign.shape, logAbsDet.shape], [[3], [3]]);
      for (let i = 0; i < 3; i++) {
        const diagonal = values.subarray(i * n * n, (i + 1) * n * n).filter((x) => !Number.isNaN(x));
        t.is(diagonal.length, n);
        const expected = diagonal.reduce((sum, x) => sum + Math.log(Math.abs(x)), 0);
        t.true(Math.abs((logAbsDet.dataSync()[i] as number) - expected) < 1e-5);
        t.is(
          sign.dataSync()[i],
          diagonal.reduce((sum, x) => sum * Math.sign(x), 1),
        );
      }
      const slope = tf.grad((x) => tf.sum(triangularLogDeterminant(x).logAbsDet));
      const curvature = tf.grad((x) => tf.sum(slope(x)))(a);
      [...slope(a).dataSync()].forEach((found, i) => {
        const x = values[i] as number;
        t.true(Math.abs(found - (Number.isNaN(x) ? 0 : 1 / x)) <= 1e-5 * Math.abs(found));
        const second = curvature.dataSync()[i] as number;
        t.true(Math.abs(second + (Number.isNaN(x) ? 0 : 1 / x ** 2)) <= 1e-5 * Math.abs(second));
      });
    });
  }
  tf.tidy(() => {
    const unit = triangularLogDeterminant(tf.fill([2, 3, 3], NaN), { unitDiagonal: true });
    t.deepEqual(
      [[...unit.sign.dataSync()], [...unit.logAbsDet.dataSync()]],
      [
        [1, 1],
        [0, 0],
      ],
    );
    const singular = triangularLogDeterminant(tf.tensor2d([1, 2, 3, 0], [2, 2]));
    t.deepEqual([singular.sign.dataSync()[0], singular.logAbsDet.dataSync()[0]], [0, -Infinity]);
    t.deepEqual(triangularLogDeterminant(tf.zeros([2, 0, 0])).sign.shape, [2]);
  });
});

test('other shapes and types are refused', (t) => {
  tf.tidy(() => {
    const refused: readonly (readonly [Tensor, RegExp])[] = [
      [tf.ones([3]), /\[3\] holds no square matrices; give a tensor \[\.\.\., n, n\]/],
      [tf.scalar(1), /no square matrices/],
      [tf.ones([2, 3, 4]), /\[2,3,4\] holds no square matrices/],
      [tf.ones([2, 2], 'int32'), /of type int32, not float32/],
    ];
    for (const op of [logAbsDeterminant, triangularLogDeterminant]) {
      for (const [tensor, message] of refused) {
        const error = t.throws(() => op(tensor), { instanceOf: PushforwardError, message });
        t.is(error?.code, 'shape');
      }
    }
  });
});
