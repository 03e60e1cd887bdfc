import test from 'ava';
import '../../src/backend/index.js';
import { PushforwardError } from '../../src/errors.js';
import type { Flow } from '../../src/flows/flow.js';
import { realNvp } from '../../src/flows/presets/realNvp.js';
import { type Tensor, type Tensor2D, tf } from '../../src/tf.js';
import { addonOrSkip, difference, leavesNoTensors, normals, rowsFor } from './laws.js';

/** The same flow twice: as it comes, and with its plan refused. */
function pair(): [Flow, Flow] {
  const [flow, reference] = [false, true].map((refuse) => {
    const one = realNvp({ dim: 3, contextDim: 2, layers: 2, hidden: [8], reference: refuse });
    one.parameters.assign(normals(one.parameters.count, 98, 0.3));
    return one;
  });
  return [flow as Flow, reference as Flow];
}

async function kernelsOf(body: () => Tensor): Promise<number> {
  const { kernels } = await tf.profile(() => tf.tidy(() => [body()]));
  return kernels.length;
}

test.serial('on the backend `native` a flow runs fused, and gives what its definition gives', async (t) => {
  if (addonOrSkip(t) === null) return;
  t.is(tf.getBackend(), 'native');
  const [flow, reference] = pair();
  const { x, context } = rowsFor(flow, 40);
  leavesNoTensors(t, () => {
    t.true(difference(flow.logProb(x, context), reference.logProb(x, context)) < 1e-4);
    const [found, expected] = [flow.forward(x, context), reference.forward(x, context)];
    t.true(difference(found.z, expected.z) < 1e-4 && difference(found.logDet, expected.logDet) < 1e-4);
    const options = { seed: 2, context: context as Tensor2D };
    t.true(difference(flow.sample(40, options), reference.sample(40, options)) < 1e-4);
    const host = context?.dataSync<'float32'>() ?? null;
    const gradients = [flow, reference].map((one) => {
      const gradient = new Float32Array(one.parameters.count);
      const value = one.negativeLogLikelihoodAndGradient(x.dataSync<'float32'>(), host, gradient);
      return [...gradient, value];
    }) as [number[], number[]];
    t.true(difference(Float32Array.from(gradients[0]), Float32Array.from(gradients[1])) < 2e-4);
  });
  t.true((await kernelsOf(() => flow.logProb(x, context))) < 5);
  t.true((await kernelsOf(() => flow.inverse(x, context).x)) < 5);
  t.true((await kernelsOf(() => reference.logProb(x, context))) > 20);
  await tf.setBackend('cpu');
  t.true((await kernelsOf(() => flow.logProb(x, context))) > 20, 'on another backend it is its definition');
  await tf.setBackend('native');
  tf.dispose([x, context as Tensor2D]);
  flow.dispose();
  reference.dispose();
});

test.serial('gradients of the fused flow reach rows, context and variable, those of samples too', (t) => {
  if (addonOrSkip(t) === null) return;
  const [flow, reference] = pair();
  leavesNoTensors(t, () => {
    const { x, context } = rowsFor(flow, 20);
    const losses: Record<string, (one: Flow) => tf.Scalar> = {
      'log p': (one) => tf.mean(one.logProb(x, context)),
      samples: (one) => tf.sum(tf.square(one.sample(20, { context: context as Tensor2D }))),
    };
    for (const [name, loss] of Object.entries(losses)) {
      const [found, expected] = [flow, reference].map((one) => {
        const { variable } = one.parameters;
        return tf.variableGrads(() => loss(one), [variable]).grads[variable.name];
      }) as [Tensor, Tensor];
      const scale = tf.max(tf.abs(expected));
      t.true(difference(tf.div(found, scale), tf.div(expected, scale)) < 1e-4, name);
    }
    const slopes = [flow, reference].map((one) =>
      tf.grads((rows, conditions) => tf.mean(one.logProb(rows as Tensor2D, conditions as Tensor2D)))([
        x,
        context as Tensor2D,
      ]),
    );
    slopes[0]?.forEach((gradient, i) => {
      t.true(difference(gradient, slopes[1]?.[i] as Tensor) < 1e-4);
    });
  });
  flow.dispose();
  reference.dispose();
});

test.serial('second derivatives: refused by the fused flow, taken by the reference', (t) => {
  if (addonOrSkip(t) === null) return;
  const [flow, reference] = pair();
  tf.tidy(() => {
    const { x, context } = rowsFor(flow, 4);
    const penalty = (one: Flow) => (rows: Tensor) => {
      const slope = tf.grad((at) => tf.sum(one.logProb(at as Tensor2D, context)))(rows);
      return tf.sum(tf.square(slope));
    };
    const error = t.throws(() => tf.grad(penalty(flow))(x), { instanceOf: PushforwardError });
    t.is(error.code, 'unsupported');
    t.deepEqual(tf.grad(penalty(reference))(x).shape, [4, 3]);
  });
  flow.dispose();
  reference.dispose();
});
