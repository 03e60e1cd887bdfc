import test from 'ava';
import { StandardNormal } from '../../src/distributions/standardNormal.js';
import { PushforwardError } from '../../src/errors.js';
import type { NativeFlowPlan } from '../../src/native/addon.js';
import { fusedForward, fusedInverse, fusedLogProb } from '../../src/ops/fusedFlow.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../../src/tf.js';
import { difference, leavesNoTensors, normalMatrix, normals } from '../flows/laws.js';

const D = 2;
const N = 5;

/** The map z = (x + context + bias) · exp(logScale) by hand, as the addon would run it. */
const plan: NativeFlowPlan = {
  dim: D,
  contextDim: D,
  parameterCount: 2 * D,
  forward(parameters, x, context, z, logDet) {
    if (!(context instanceof Float32Array)) throw new TypeError('context is no Float32Array');
    x.forEach((value, i) => {
      const [bias, logScale] = [parameters[i % D] as number, parameters[D + (i % D)] as number];
      z[i] = (value + (context[i] as number) + bias) * Math.exp(logScale);
    });
    logDet.fill((parameters[D] as number) + (parameters[D + 1] as number));
  },
  inverse(parameters, z, context, x, logDet) {
    z.forEach((value, i) => {
      const [bias, logScale] = [parameters[i % D] as number, parameters[D + (i % D)] as number];
      x[i] = value * Math.exp(-logScale) - bias - (context?.[i] as number);
    });
    logDet.fill(-(parameters[D] as number) - (parameters[D + 1] as number));
  },
  logProb(parameters, x, context, out) {
    const z = new Float32Array(x.length);
    this.forward(parameters, x, context, z, out);
    z.forEach((value, i) => {
      const row = Math.floor(i / D);
      out[row] = (out[row] as number) - value ** 2 / 2 - Math.log(2 * Math.PI) / 2;
    });
  },
  vectorJacobian(parameters, x, context, gz, gLogDet, gx, gContext, gParameters) {
    const z = new Float32Array(x.length);
    this.forward(parameters, x, context, z, new Float32Array(x.length / D));
    gParameters.fill(0);
    gz.forEach((cotangent, i) => {
      const j = i % D;
      gx[i] = cotangent * Math.exp(parameters[D + j] as number);
      if (gContext !== null) gContext[i] = gx[i] as number;
      gParameters[j] = (gParameters[j] as number) + (gx[i] as number);
      gParameters[D + j] = (gParameters[D + j] as number) + cotangent * (z[i] as number);
    });
    for (const cotangent of gLogDet) {
      for (let j = 0; j < D; j++) gParameters[D + j] = (gParameters[D + j] as number) + cotangent;
    }
  },
  valueAndGrad: () => Number.NaN,
};

/** The same map in tfjs ops. */
function definition(x: Tensor, context: Tensor, flat: Tensor): { z: Tensor2D; logDet: Tensor1D } {
  const [bias, logScale] = tf.split(flat as Tensor1D, 2) as [Tensor1D, Tensor1D];
  const z = tf.mul(tf.add(tf.add(x, context), bias), tf.exp(logScale)) as Tensor2D;
  return { z, logDet: tf.add(tf.zeros([x.shape[0] as number]), tf.sum(logScale)) };
}

function inputs(): [Tensor2D, Tensor2D, Tensor1D] {
  return [normalMatrix(N, D, 70), normalMatrix(N, D, 71), tf.tensor1d(normals(2 * D, 72, 0.5))];
}

/** A scalar that depends on both results in a way no symmetry hides. */
function mix({ z, logDet }: { z: Tensor2D; logDet: Tensor1D }): tf.Scalar {
  const weighted = tf.sum<tf.Scalar>(tf.mul(z, tf.tensor2d(normals(N * D, 73), [N, D])));
  return tf.add(weighted, tf.sum<tf.Scalar>(tf.mul(logDet, tf.tensor1d(normals(N, 74)))));
}

const asInputs = (x: Tensor, context: Tensor, flat: Tensor) => ({
  rows: x as Tensor2D,
  context: context as Tensor2D,
  flat,
});

test('values are those of the map', (t) => {
  leavesNoTensors(t, () => {
    const [x, context, flat] = inputs();
    const expected = definition(x, context, flat);
    const found = fusedForward(plan, asInputs(x, context, flat));
    t.true(difference(found.z, expected.z) < 1e-6 && difference(found.logDet, expected.logDet) < 1e-6);
    const logProb = tf.add(new StandardNormal(D).logProb(expected.z), expected.logDet);
    t.true(difference(fusedLogProb(plan, asInputs(x, context, flat)), logProb) < 1e-6);
    const back = fusedInverse(plan, asInputs(found.z, context, flat));
    t.true(difference(back.x, x) < 1e-5 && difference(back.logDet, tf.neg(expected.logDet)) < 1e-6);
  });
});

test('gradients for rows, context and weights are those of the map', (t) => {
  leavesNoTensors(t, () => {
    const fused = tf.grads((x, context, flat) => mix(fusedForward(plan, asInputs(x, context, flat))))(
      inputs(),
    );
    const expected = tf.grads((x, context, flat) => mix(definition(x, context, flat)))(inputs());
    fused.forEach((gradient, i) => {
      t.true(difference(gradient, expected[i] as Tensor) < 1e-5);
    });
  });
  leavesNoTensors(t, () => {
    const weights = tf.tensor1d(normals(N, 75));
    const fused = tf.grads((x, context, flat) =>
      tf.sum(tf.mul(weights, fusedLogProb(plan, asInputs(x, context, flat)))),
    )(inputs());
    const expected = tf.grads((x, context, flat) => {
      const { z, logDet } = definition(x, context, flat);
      return tf.sum(tf.mul(weights, tf.add(new StandardNormal(D).logProb(z), logDet)));
    })(inputs());
    fused.forEach((gradient, i) => {
      t.true(difference(gradient, expected[i] as Tensor) < 1e-5);
    });
  });
});

test('a second derivative is refused, not taken for zero', (t) => {
  tf.tidy(() => {
    const [x, context, flat] = inputs();
    const slope = (input: Tensor) =>
      tf.grad((row) => tf.sum(fusedLogProb(plan, asInputs(row, context, flat))))(input);
    t.is(slope(x).shape.length, 2);
    const error = t.throws(() => tf.grad((input) => tf.sum(tf.square(slope(input))))(x), {
      instanceOf: PushforwardError,
    });
    t.is(error.code, 'unsupported');
    t.regex(error.message, /reference: true/);
  });
});

test('a context that tfjs keeps as bytes is read as numbers', (t) => {
  leavesNoTensors(t, () => {
    const [x, , flat] = inputs();
    const context = tf.cast(tf.greater(normalMatrix(N, D, 76), 0), 'float32') as Tensor2D;
    t.false(context.dataSync() instanceof Float32Array, 'the case this test is about');
    const found = fusedForward(plan, asInputs(x, context, flat));
    t.true(difference(found.z, definition(x, context, flat).z) < 1e-6);
  });
});
