import test, { type ExecutionContext } from 'ava';
import { PushforwardError } from '../../src/errors.js';
import { Flow } from '../../src/flows/flow.js';
import {
  RationalQuadraticCoupling,
  type RationalQuadraticCouplingOptions,
} from '../../src/flows/rationalQuadraticCoupling.js';
import { type Tensor, type Tensor2D, tf } from '../../src/tf.js';
import { referenceForward, referenceKnots } from '../native/reference.js';
import { difference, leavesNoTensors, normalMatrix, normals } from './laws.js';
import { everyWay as everyWayOf, type Way } from './ways.js';

const base = { dim: 1, identity: [], transformed: [0], hidden: [], activation: 'relu' } as const;

/** Runs the body with a flow of one coupling in every way. */
function everyWay(
  t: ExecutionContext,
  options: RationalQuadraticCouplingOptions,
  parameters: 'initial' | ((count: number) => Float32Array),
  body: (run: Way, flow: Flow) => void,
): void {
  const bijection = new RationalQuadraticCoupling(options);
  const { dim, contextDim } = bijection;
  const flow = new Flow({ dim, contextDim, bijections: [bijection], reference: true });
  if (parameters !== 'initial') flow.parameters.assign(parameters(flow.parameters.count));
  everyWayOf(t, flow, (way) => body(way, flow));
}

/** A column of values. */
function column(values: readonly number[]): Tensor2D {
  return tf.tensor2d([...values], [values.length, 1]);
}

function numbers(tensor: Tensor): number[] {
  return [...tensor.dataSync()];
}

/** What one spline is told, as the biases of a coupling without input: bins of widths, of heights, and derivatives. */
const told: Record<string, { bins: number; bound: number; raw: number[] }> = {
  gentle: { bins: 5, bound: 3, raw: [...normals(14, 60, 0.5)] },
  bent: { bins: 8, bound: 3, raw: [...normals(23, 61, 2)] },
  'the narrowest bins and the steepest knots': {
    bins: 4,
    bound: 3,
    raw: [30, 0, 0, 0, 0, 0, 30, 0, 60, -60, 60],
  },
  'one flat bin among steep ones': { bins: 3, bound: 2, raw: [0, 30, 0, 0, -30, 0, 20, 20] },
  'beyond what exp can hold': { bins: 3, bound: 3, raw: [500, -500, 0, -900, 0, 900, 300, -300] },
};

for (const [name, { bins, bound, raw }] of Object.entries(told)) {
  const knots = referenceKnots(raw, bins, bound);
  const parameters = () => Float32Array.from(raw);

  test(`${name}: knots go to knots with the derivatives told, the bounds to themselves`, (t) => {
    everyWay(t, { ...base, bins, bound }, parameters, (run) => {
      const { z, logDet } = run.forward(column(knots.x));
      const back = run.inverse(column(knots.y));
      const beyond = run.inverse(column([-1.001 * bound, 1.001 * bound, -1e4, 1e4]));
      t.true(difference(beyond.logDet, tf.zeros([4])) < 1e-6, `${run.name}: slope 1 beyond`);
      // An ulp of the bound, in a bin of 0.001 of the box, is 2e-4 of the bin; and steepness multiplies it.
      const slope = Math.max(1, ...knots.derivative, ...knots.derivative.map((value) => 1 / value));
      numbers(z).forEach((y, k) => {
        t.true(Math.abs(y - (knots.y[k] as number)) < 1e-6 * slope, `${run.name}: knot ${k} goes to ${y}`);
      });
      numbers(back.x).forEach((x, k) => {
        t.true(Math.abs(x - (knots.x[k] as number)) < 2e-6 * slope, `${run.name}: knot ${k} back to ${x}`);
      });
      for (const k of [0, bins]) {
        t.true(Math.abs(logDet.dataSync()[k] as number) < 1e-6, `${run.name}: slope 1 at bound ${k}`);
      }
      if (slope > 20) return;
      numbers(logDet).forEach((found, k) => {
        t.true(
          Math.abs(found - Math.log(knots.derivative[k] as number)) < 1e-4,
          `${run.name}: slope at ${k}`,
        );
      });
    });
  });

  test(`${name}: it increases, is the formula in double, and its inverse undoes it`, (t) => {
    const points = Array.from({ length: 801 }, (_, i) => 1.2 * bound * (i / 400 - 1));
    everyWay(t, { ...base, bins, bound }, parameters, (run, flow) => {
      const p = Float64Array.from(raw);
      const x = column(points);
      const { z, logDet } = run.forward(x);
      const found = numbers(z);
      const logs = numbers(logDet);
      const back = numbers(run.inverse(z).x);
      numbers(x).forEach((point, i) => {
        const expected = referenceForward(flow.spec(), p, [point], []);
        const y = found[i] as number;
        const steep = Math.exp(logs[i] as number);
        t.true(
          Math.abs(y - (expected.values[0] as number)) < 1e-6 * bound * (1 + steep),
          `${run.name} at ${point}`,
        );
        t.true(i === 0 || y >= (found[i - 1] as number) - 1e-6, `${run.name} falls at ${point}`);
        // y keeps an ulp, so x is known up to that over the slope.
        const allowed = 1e-6 * bound * (1 + 1 / steep);
        t.true(
          Math.abs((back[i] as number) - point) < allowed,
          `${run.name}: ${point} comes back as ${back[i]}`,
        );
      });
    });
  });

  test(`${name}: gradients are finite everywhere, and of the plan those of the definition`, (t) => {
    const edges = [-1e4, 1e4, -bound, bound, 0.01, 0.12, -bound * 1.0001, bound * 1.0001];
    const onKnots = column(knots.x);
    const gradients: number[][] = [];
    everyWay(t, { ...base, bins, bound }, parameters, (run, flow) => {
      const weights = normalMatrix(edges.length, 1, 62);
      const loss = (x: Tensor): tf.Scalar => {
        const { z, logDet } = run.forward(x as Tensor2D);
        return tf.add(tf.sum(tf.mul(z, weights)), tf.sum<tf.Scalar>(logDet));
      };
      const x = column(edges);
      const slopes = numbers(tf.grad(loss)(x));
      const { variable } = flow.parameters;
      const found = numbers(tf.variableGrads(() => loss(x), [variable]).grads[variable.name] as Tensor);
      const there = numbers(tf.grad((rows: Tensor) => tf.sum(run.forward(rows as Tensor2D).logDet))(onKnots));
      const all = [...slopes, ...found, ...there];
      t.true(all.every(Number.isFinite), `${run.name}: ${slopes} and ${found}`);
      gradients.push(found);
    });
    if (name !== 'gentle' && name !== 'bent') return;
    const [definition, plan = definition] = gradients as [number[], number[]?];
    t.true(
      difference(Float32Array.from(plan), Float32Array.from(definition)) < 1e-3,
      `${difference(Float32Array.from(plan), Float32Array.from(definition))}`,
    );
  });
}

const wide = {
  dim: 4,
  contextDim: 2,
  identity: [2, 0],
  transformed: [3, 1],
  hidden: [9],
  activation: 'silu',
} as const;

test('with a last layer of zeros it is the identity', (t) => {
  everyWay(t, wide, 'initial', (run) => {
    const [x, context] = [normalMatrix(50, 4, 63, 2), normalMatrix(50, 2, 64)];
    const there = run.forward(x, context);
    t.true(difference(there.z, x) < 1e-6 && difference(there.logDet, tf.zeros([50])) < 2e-6, run.name);
    const back = run.inverse(x, context);
    t.true(difference(back.x, x) < 1e-6 && difference(back.logDet, tf.zeros([50])) < 2e-6, run.name);
  });
});

test('outside the bounds it is the identity, though every row of the batch is there', (t) => {
  everyWay(
    t,
    wide,
    (count) => normals(count, 65),
    (run, flow) => {
      const context = normalMatrix(40, 2, 66);
      const signs = tf.sign(normalMatrix(40, 4, 67));
      const x = tf.mul(signs, tf.add(3, tf.square(normalMatrix(40, 4, 68, 30)))) as Tensor2D;
      const loss = (rows: Tensor): tf.Scalar => {
        const { z, logDet } = run.forward(rows as Tensor2D, context);
        return tf.add(tf.sum(z), tf.sum<tf.Scalar>(logDet));
      };
      const { z, logDet } = run.forward(x, context);
      t.true(difference(z, x) < 1e-6, `${run.name} ${difference(z, x)}`);
      t.true(difference(run.inverse(x, context).x, x) < 1e-6, `inv ${run.name}`);
      t.true(difference(logDet, tf.zeros([40])) < 1e-5, `${run.name}: ${difference(logDet, tf.zeros([40]))}`);
      t.true(
        difference(tf.grad(loss)(x), tf.ones([40, 4])) < 1e-3,
        `${run.name}: slope 1 ${difference(tf.grad(loss)(x), tf.ones([40, 4]))}`,
      );
      const { variable } = flow.parameters;
      const gradient = tf.variableGrads(() => loss(x), [variable]).grads[variable.name] as Tensor;
      t.true(
        difference(gradient, tf.zeros([flow.parameters.count])) < 1e-2,
        `${run.name}: no knot matters ${difference(gradient, tf.zeros([flow.parameters.count]))}`,
      );
    },
  );
});

test('the definition has second derivatives', (t) => {
  const bijection = new RationalQuadraticCoupling({ ...base, bins: 5 });
  const flow = new Flow({ dim: 1, bijections: [bijection], reference: true });
  flow.parameters.assign(normals(flow.parameters.count, 69, 0.7));
  leavesNoTensors(t, () => {
    // The slope is e^logDet, so the slope's slope is that of logDet times it.
    const x = column([-2.7, -1.1, 0.05, 0.8, 2.2]);
    const maps: ((rows: Tensor) => [Tensor, Tensor])[] = [
      (rows) => {
        const { z, logDet } = flow.forward(rows as Tensor2D);
        return [z, logDet];
      },
      (rows) => {
        const { x: data, logDet } = flow.inverse(rows as Tensor2D);
        return [data, logDet];
      },
    ];
    for (const map of maps) {
      const slope = tf.grad((rows: Tensor) => tf.sum(map(rows)[0]));
      const second = tf.grad((rows: Tensor) => tf.sum(slope(rows)))(x);
      const logs = tf.grad((rows: Tensor) => tf.sum(map(rows)[1]))(x);
      t.true(difference(second, tf.mul(logs, slope(x))) < 1e-4);
    }
  });
  flow.dispose();
});

test('bins and bounds that make no spline are refused', (t) => {
  for (const bad of [
    { bins: 1 },
    { bins: 65 },
    { bins: 2.5 },
    { bins: Number.NaN },
    { bound: 0 },
    { bound: -1 },
    { bound: Number.POSITIVE_INFINITY },
    { bound: Number.NaN },
    { transformed: [0, 0] },
    { transformed: [] },
  ]) {
    const error = t.throws(() => new RationalQuadraticCoupling({ ...base, ...bad }), {
      instanceOf: PushforwardError,
    });
    t.is(error?.code, 'usage');
  }
});
