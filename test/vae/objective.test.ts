import test from 'ava';
import '../../src/backend/index.js';
import { Bernoulli } from '../../src/distributions/likelihoods/bernoulli.js';
import { GaussianLikelihood } from '../../src/distributions/likelihoods/gaussian.js';
import { PushforwardError } from '../../src/errors.js';
import { iaf } from '../../src/flows/presets/iaf.js';
import { VariableStore } from '../../src/ops/variableStore.js';
import { type Tensor, tf } from '../../src/tf.js';
import { klWeight, objectiveOf, type VaeObjective } from '../../src/vae/objective.js';
import type { Vae, VaeLossOptions } from '../../src/vae/vae.js';
import { directionalError, leavesNoTensors, normalMatrix } from '../flows/laws.js';
import { linearGaussian, smallVae } from './support.js';

test.before(() => tf.ready());

function lossOf(vae: Vae, x: Tensor, name = 'loss', options: VaeLossOptions = {}): number {
  return tf.tidy(() => (vae.losses(x, options)[name] as Tensor).dataSync()[0] as number);
}

const objectives: Record<string, Partial<VaeObjective>> = {
  elbo: {},
  'three samples': { samples: 3 },
  beta: { beta: 2.5 },
  'free bits': { freeBits: 0.3 },
  iwae: { bound: 'iwae', samples: 5 },
};

for (const [name, objective] of Object.entries(objectives)) {
  test.serial(`${name}: the gradient agrees with finite differences for the same noise`, (t) => {
    const flow = iaf({ dim: 2, contextDim: 1, layers: 1, hidden: [4], seed: 2 });
    for (const posteriorFlow of [undefined, flow]) {
      const vae = smallVae(new GaussianLikelihood(), {
        objective,
        contextDim: 2,
        ...(posteriorFlow === undefined ? {} : { posteriorFlow }),
      });
      leavesNoTensors(t, () => {
        const store = new VariableStore(vae.variables);
        const x = normalMatrix(6, 3, 1);
        const context = normalMatrix(6, 2, 2);
        const loss = () => vae.losses(x, { seed: 9, context, training: true }).loss;
        const values = store.values();
        const gradient = new Float32Array(store.count);
        store.addGradient(loss, gradient);
        const f = (at: Float32Array) => {
          store.assign(at);
          return tf.tidy(() => loss().dataSync()[0] as number);
        };
        for (const stream of [14, 15]) {
          const error = directionalError(f, values, gradient, stream);
          t.true(error < 2e-3, `${error}`);
        }
        t.true(gradient.filter((slope) => slope !== 0).length > 0.8 * gradient.length);
      });
      vae.dispose();
    }
  });
}

test.serial('the losses are what their names say', (t) => {
  const plain = smallVae(new Bernoulli());
  leavesNoTensors(t, () => {
    const x = tf.tensor2d([0, 1, 1, 1, 0, 0, 1, 1, 0], [3, 3]);
    const { reconstruction, kl, elbo } = plain.elbo(x, { seed: 6 });
    const mean = (values: Tensor) => tf.mean(values).dataSync()[0] as number;
    const losses = ['loss', 'reconstruction', 'kl'].map((name) => lossOf(plain, x, name, { seed: 6 }));
    [-mean(elbo), -mean(reconstruction), mean(kl)].forEach((value, i) => {
      t.true(Math.abs((losses[i] as number) - value) < 1e-5);
    });
    t.is(lossOf(plain, x, 'loss', { seed: 6 }), losses[0] as number);
    t.not(lossOf(plain, x, 'loss', { seed: 7 }), losses[0] as number);
  });
  plain.dispose();
});

test.serial('beta weighs the divergence, warm-up lets it grow, free bits leave some of it out', (t) => {
  const rows = [0, 1, 1, 1, 0, 0];
  const with_ = (objective: Partial<VaeObjective>, options: VaeLossOptions = {}) => {
    const vae = smallVae(new Bernoulli(), { objective });
    const x = tf.tensor2d(rows, [2, 3]);
    const [loss, reconstruction, kl] = ['loss', 'reconstruction', 'kl'].map((name) =>
      lossOf(vae, x, name, options),
    ) as [number, number, number];
    x.dispose();
    vae.dispose();
    return { weight: (loss - reconstruction) / kl, counted: loss - reconstruction, kl };
  };
  const near = (found: number, wanted: number): void => {
    t.true(Math.abs(found - wanted) < 1e-4, `${found}, ${wanted}`);
  };
  near(with_({}).weight, 1);
  near(with_({ beta: 4 }).weight, 4);
  near(with_({ beta: 4, warmUpEpochs: 8 }, { epochs: 2 }).weight, 1);
  near(with_({ beta: 4, warmUpEpochs: 8 }).weight, 4);
  const free = with_({ freeBits: 100 });
  near(free.counted, 200);
  const some = with_({ freeBits: 1e-6 });
  near(some.counted, some.kl);
});

test.serial('free bits are of each dimension, and of its mean over the batch', (t) => {
  const freeBits = 2;
  const vae = smallVae(new GaussianLikelihood(), { objective: { freeBits } });
  const plain = smallVae(new GaussianLikelihood());
  leavesNoTensors(t, () => {
    const x = tf.mul(normalMatrix(40, 3, 5), 2);
    const { klPerDimension } = plain.elbo(x);
    const means = Array.from(tf.mean(klPerDimension as Tensor, 0).dataSync());
    const counted = means.reduce((sum, value) => sum + Math.max(freeBits, value), 0);
    const rows = (klPerDimension as Tensor).dataSync<'float32'>();
    const cutByRow = rows.reduce((sum, value) => sum + Math.max(freeBits, value), 0) / 40;
    t.true(Math.min(...means) < freeBits - 0.05 && Math.max(...means) > freeBits + 0.05, `${means}`);
    t.true(cutByRow > counted + 0.05, 'rows are cut elsewhere');
    const found = lossOf(vae, x) - lossOf(vae, x, 'reconstruction');
    t.true(Math.abs(found - counted) < 1e-4, `${found}, ${counted}`);
  });
  vae.dispose();
  plain.dispose();
});

test('the weight of the divergence by epochs', (t) => {
  const weights = (changes: Partial<VaeObjective>) => {
    const objective = objectiveOf(changes);
    return [0, 1, 2.5, 5, 6, 11].map((epochs) => klWeight(objective, epochs));
  };
  t.deepEqual(weights({}), [1, 1, 1, 1, 1, 1]);
  t.deepEqual(weights({ beta: 2, warmUpEpochs: 5 }), [0, 0.4, 1, 2, 2, 2]);
  t.deepEqual(weights({ warmUpEpochs: 2, cycleEpochs: 5 }), [0, 0.5, 1, 0, 0.5, 0.5]);
  for (const bad of [
    { samples: 0 },
    { beta: -1 },
    { freeBits: Number.NaN },
    { bound: 'iwae', freeBits: 1 },
    { warmUpEpochs: 3, cycleEpochs: 2 },
    { bound: 'upper' },
  ] as Partial<VaeObjective>[]) {
    t.is(t.throws(() => objectiveOf(bad), { instanceOf: PushforwardError }).code, 'usage');
  }
});

test.serial('beta weighs the ratio of posterior and prior in an IWAE bound too', (t) => {
  const parts = [1, 3].map((beta) => {
    const vae = smallVae(new Bernoulli(), { objective: { bound: 'iwae', beta } });
    const x = tf.tensor2d([0, 1, 1, 1, 0, 0], [2, 3]);
    const part = lossOf(vae, x) - lossOf(vae, x, 'reconstruction');
    x.dispose();
    vae.dispose();
    return part;
  }) as [number, number];
  t.true(Math.abs(parts[0]) > 0.01 && Math.abs(parts[1] - 3 * parts[0]) < 1e-4, `${parts}`);
});

test.serial('the IWAE bound of an objective is that of importance sampling', (t) => {
  const { vae } = linearGaussian(0.4, { objective: { bound: 'iwae', samples: 8 } });
  leavesNoTensors(t, () => {
    const x = vae.sample(300, { seed: 1, observationNoise: true });
    const estimate = tf.mean(vae.logProb(x, { samples: 8 })).dataSync()[0] as number;
    const mean = [1, 2, 3, 4].reduce((sum, seed) => sum - lossOf(vae, x, 'loss', { seed }) / 4, 0);
    t.true(Math.abs(mean - estimate) < 0.03, `${mean}, ${estimate}`);
  });
  vae.dispose();
});
