import type { ExecutionContext } from 'ava';
import type { Bijection } from '../../src/flows/bijection.js';
import { Flow } from '../../src/flows/flow.js';
import type { Interval, RegistryEntry } from '../../src/flows/registry.js';
import type { NativeAddon } from '../../src/native/addon.js';
import { addonProblem, loadAddon } from '../../src/native/index.js';
import { Random } from '../../src/random.js';
import { type Tensor, type Tensor2D, tf } from '../../src/tf.js';

/** n draws of N(0, scale²), the same for the same stream. */
export function normals(n: number, stream: number, scale = 1): Float32Array {
  const values = new Float32Array(n);
  new Random(2024, stream).normal(values);
  return values.map((value) => value * scale);
}

export function normalMatrix(rows: number, columns: number, stream: number, scale = 1): Tensor2D {
  return tf.tensor2d(normals(rows * columns, stream, scale), [rows, columns]);
}

/** A flow of one bijection with parameters far from the identity it starts as. */
export function flowOf(entry: RegistryEntry, reference: boolean): Flow {
  const { bijection, dim, contextDim } = entry.build();
  const flow = new Flow({ dim, contextDim, bijections: [bijection], reference });
  flow.parameters.assign(normals(flow.parameters.count, 3, 0.4));
  return flow;
}

/** Whether the addon has a stage for a bijection; a flow with one that has none runs by its definition. */
export function hasStage(entry: RegistryEntry): boolean {
  return entry.build().bijection.spec([]) !== null;
}

/** Rows and, where the flow takes one, their context; every number of a row lies in the interval. */
export function rowsFor(
  flow: Flow,
  n: number,
  interval?: Interval,
): { x: Tensor2D; context: Tensor2D | undefined } {
  const context = flow.contextDim > 0 ? normalMatrix(n, flow.contextDim, 5) : undefined;
  const x = tf.tensor2d(normals(n * flow.dim, 4).map(into(interval)), [n, flow.dim]);
  return { x, context };
}

/** A smooth map of the line onto an open interval; the identity for the whole line. */
export function into([least, most]: Interval = LINE): (value: number) => number {
  if (most === Infinity) return least === -Infinity ? (value) => value : (value) => least + Math.exp(value);
  return (value) => least + (most - least) / (1 + Math.exp(-value));
}

export const LINE: Interval = [-Infinity, Infinity];

/** Greatest |a − b| / (1 + |b|). */
export function difference(a: Tensor | Float32Array, b: Tensor | Float32Array): number {
  const left = a instanceof Float32Array ? a : a.dataSync();
  const right = b instanceof Float32Array ? b : b.dataSync();
  if (left.length !== right.length) return Infinity;
  let worst = 0;
  for (let i = 0; i < right.length; i++) {
    const expected = right[i] as number;
    const error = Math.abs((left[i] as number) - expected) / (1 + Math.abs(expected));
    if (!(error <= worst)) worst = error;
  }
  return worst;
}

/** The Jacobians [n, d, d] of a map whose rows are independent, one backward pass for each output. */
export function jacobians(map: (x: Tensor2D) => Tensor2D, x: Tensor2D): Float64Array[] {
  const [n, d] = x.shape;
  const result = Array.from({ length: n }, () => new Float64Array(d * d));
  for (let output = 0; output < d; output++) {
    const cotangent = tf.tensor2d(
      Float32Array.from({ length: n * d }, (_, i) => (i % d === output ? 1 : 0)),
      [n, d],
    );
    const rows = tf
      .grad((input) => map(input as Tensor2D))(x, cotangent)
      .dataSync();
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < d; j++) (result[i] as Float64Array)[output * d + j] = rows[i * d + j] as number;
    }
  }
  return result;
}

/** Dimension order[k] of what the map gives depends on order[0] to order[k], and on no other. */
export function dependsInOrder(t: ExecutionContext, map: Bijection, order: readonly number[]): void {
  leavesNoTensors(t, () => {
    const values = map.parameters.map(({ shape }, i) =>
      tf.tensor(
        normals(
          shape.reduce((a, b) => a * b, 1),
          72 + i,
        ),
        [...shape],
      ),
    );
    const d = order.length;
    const x = tf.tensor2d(normals(d, 79), [1, d]);
    const [jacobian] = jacobians((rows) => map.forward(rows, values).y, x);
    order.forEach((to, k) => {
      order.forEach((from, j) => {
        t.is(jacobian?.[to * d + from] !== 0, j <= k, `${map.kind}: dimension ${from} to ${to}`);
      });
    });
  });
}

/** log|det A| of a row-major d × d matrix by elimination with partial pivoting. */
export function logAbsDeterminant(matrix: Float64Array, d: number): number {
  const a = matrix.slice();
  const at = (i: number, j: number) => a[i * d + j] as number;
  let sum = 0;
  for (let k = 0; k < d; k++) {
    let pivot = k;
    for (let i = k + 1; i < d; i++) if (Math.abs(at(i, k)) > Math.abs(at(pivot, k))) pivot = i;
    for (let j = 0; j < d; j++) {
      const kept = at(k, j);
      a[k * d + j] = at(pivot, j);
      a[pivot * d + j] = kept;
    }
    sum += Math.log(Math.abs(at(k, k)));
    for (let i = k + 1; i < d; i++) {
      const factor = at(i, k) / at(k, k);
      for (let j = k; j < d; j++) a[i * d + j] = at(i, j) - factor * at(k, j);
    }
  }
  return sum;
}

/**
 * Relative disagreement of a gradient with central differences of f at x, along a random direction.
 * float32 leaves f about seven digits, so the tolerance to use is near 1e-3. The least error of three
 * steps: a wide one may cross the kink of a ReLU, a narrow one sees the rounding of f; a wrong gradient
 * is wrong at each.
 */
export function directionalError(
  f: (x: Float32Array) => number,
  x: Float32Array,
  gradient: Float32Array,
  stream: number,
): number {
  if (x.length === 0) return 0;
  const direction = normals(x.length, stream);
  const length = Math.hypot(...direction);
  let analytic = 0;
  gradient.forEach((value, i) => {
    analytic += (value * (direction[i] as number)) / length;
  });
  const errors = [0.02, 0.005, 0.001].map((step) => {
    const along = (by: number) => f(x.map((value, i) => value + (by * (direction[i] as number)) / length));
    return Math.abs((along(step) - along(-step)) / (2 * step) - analytic);
  });
  return Math.min(...errors) / (1 + Math.hypot(...gradient));
}

/** The addon, or a passed test that says aloud why there was nothing to compare. */
export function addonOrSkip(t: ExecutionContext): NativeAddon | null {
  const addon = loadAddon();
  if (addon === null) {
    t.log(`skipped: ${addonProblem()}`);
    t.pass();
  }
  return addon;
}

/** Runs a body and fails when it leaves tensors behind. */
export function leavesNoTensors(t: ExecutionContext, body: () => void): void {
  const before = tf.memory().numTensors;
  tf.tidy(body);
  t.is(tf.memory().numTensors, before, 'tensors are left behind');
}
