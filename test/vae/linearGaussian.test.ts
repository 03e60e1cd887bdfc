import test from 'ava';
import '../../src/backend/index.js';
import { iaf } from '../../src/flows/presets/iaf.js';
import { type Tensor2D, tf } from '../../src/tf.js';
import { difference, leavesNoTensors, normals } from '../flows/laws.js';
import { linearGaussian, meanOf } from './support.js';

test.before(() => tf.ready());

/** Rows that the model itself draws. */
function rowsOf({ vae }: ReturnType<typeof linearGaussian>, n: number): Tensor2D {
  return vae.sample(n, { seed: 4, observationNoise: true }) as Tensor2D;
}

test.serial('with the exact posterior every importance weight is p(x)', (t) => {
  const model = linearGaussian();
  leavesNoTensors(t, () => {
    const x = rowsOf(model, 40);
    const exact = Float32Array.from(model.exact(x));
    t.true(difference(model.vae.logProb(x, { samples: 1, seed: 3 }), exact) < 1e-5);
    t.true(difference(model.vae.logProb(x, { samples: 7 }), exact) < 1e-5);
    const { elbo, reconstruction, kl, klPerDimension } = model.vae.elbo(x, { samples: 4000 });
    t.true(Math.abs(meanOf(elbo.dataSync()) - meanOf(exact)) < 0.01, 'the bound is tight');
    t.true(difference(tf.sub(reconstruction, kl), elbo) < 1e-6);
    t.true(difference(tf.sum(klPerDimension as Tensor2D, 1), kl) < 1e-6);
  });
  model.vae.dispose();
});

test.serial('with another posterior the bounds are below log p(x), and grow with the samples', (t) => {
  const model = linearGaussian(0.4);
  leavesNoTensors(t, () => {
    const x = rowsOf(model, 200);
    const exact = meanOf(model.exact(x));
    const elbo = meanOf(model.vae.elbo(x, { samples: 500 }).elbo.dataSync());
    const bounds = [1, 5, 50].map((samples) =>
      meanOf([1, 2, 3, 4].map((seed) => meanOf(model.vae.logProb(x, { samples, seed }).dataSync()))),
    ) as [number, number, number];
    t.true(Math.abs(bounds[0] - elbo) < 0.05, 'one sample is the ELBO');
    t.true(elbo < exact - 0.1);
    t.true(bounds[0] < bounds[1] && bounds[1] < bounds[2] && bounds[2] < exact + 0.01, `${bounds}, ${exact}`);
    const few = tf.slice(x, [0, 0], [20, -1]);
    const many = model.vae.logProb(few, { samples: 10_000 });
    t.true(difference(many, Float32Array.from(model.exact(few))) < 0.03);
  });
  model.vae.dispose();
});

test.serial('the posterior with a flow on top has the density that its draws have', (t) => {
  const flow = iaf({ dim: 2, layers: 2, hidden: [6], seed: 3 });
  flow.parameters.assign(normals(flow.parameters.count, 5, 0.15));
  const model = linearGaussian(0, { posteriorFlow: flow });
  leavesNoTensors(t, () => {
    const x = rowsOf(model, 20);
    const exact = Float32Array.from(model.exact(x));
    t.true(meanOf(model.vae.elbo(x, { samples: 300 }).elbo.dataSync()) < meanOf(exact) - 0.02);
    t.true(difference(model.vae.logProb(x, { samples: 20_000 }), exact) < 0.02);
    t.is(model.vae.elbo(x).klPerDimension, undefined);
  });
  model.vae.dispose();
});

test.serial('annealed importance sampling reaches log p(x) without the encoder', (t) => {
  const model = linearGaussian(2);
  leavesNoTensors(t, () => {
    const x = rowsOf(model, 6);
    const { logProb, acceptance } = model.vae.annealedLogProb(x, {
      temperatures: 60,
      chains: 400,
      leapfrogSteps: 4,
      stepSize: 0.5,
    });
    t.true(difference(Float32Array.from(logProb), Float32Array.from(model.exact(x))) < 0.02);
    t.true(acceptance > 0.5 && acceptance < 0.95, `accepted ${acceptance}`);
  });
  model.vae.dispose();
});

test.serial('steps that are too long become such that 65 % of the moves are accepted', (t) => {
  const model = linearGaussian();
  leavesNoTensors(t, () => {
    const x = rowsOf(model, 1);
    const options = { temperatures: 250, chains: 20, leapfrogSteps: 1, stepSize: 1.5 };
    const { acceptance } = model.vae.annealedLogProb(x, options);
    t.true(Math.abs(acceptance - 0.65) < 0.12, `accepted ${acceptance}`);
  });
  model.vae.dispose();
});

test.serial('estimates are functions of seed and row, however the rows are parted', (t) => {
  const model = linearGaussian(0.4);
  leavesNoTensors(t, () => {
    const x = rowsOf(model, 9);
    const logProb = (rows: Tensor2D, options = {}) =>
      model.vae.logProb(rows, { samples: 11, ...options }).dataSync<'float32'>();
    const whole = logProb(x);
    t.deepEqual(logProb(x), whole);
    t.true(difference(logProb(x, { seed: 1 }), whole) > 1e-3);
    const rest = logProb(tf.slice(x, [4, 0], [5, -1]), { firstRow: 4 });
    t.deepEqual(rest, whole.slice(4));
    t.deepEqual(
      model.vae.elbo(x, { seed: 2 }).elbo.dataSync(),
      model.vae.elbo(x, { seed: 2 }).elbo.dataSync(),
    );
    const annealed = () => model.vae.annealedLogProb(x, { temperatures: 3, chains: 2, leapfrogSteps: 2 });
    t.deepEqual(annealed(), annealed());
    t.deepEqual(logProb(tf.zeros([0, 4])), new Float32Array(0));
  });
  model.vae.dispose();
});

test.serial('memory is bounded: parts of the samples give what all at once give', (t) => {
  const model = linearGaussian(0.4);
  leavesNoTensors(t, () => {
    const x = rowsOf(model, 3);
    const whole = model.vae.logProb(x, { samples: 50 });
    Object.defineProperty(model.vae.latentModel, 'rowsAtOnce', { value: 7 });
    t.true(difference(model.vae.logProb(x, { samples: 50 }), whole) < 1e-6);
  });
  model.vae.dispose();
});
