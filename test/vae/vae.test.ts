import test from 'ava';
import '../../src/backend/index.js';
import { ConditionalGaussian } from '../../src/distributions/conditionalGaussian.js';
import { GaussianMixture } from '../../src/distributions/gaussianMixture.js';
import { Bernoulli } from '../../src/distributions/likelihoods/bernoulli.js';
import { GaussianLikelihood } from '../../src/distributions/likelihoods/gaussian.js';
import { StandardNormal } from '../../src/distributions/standardNormal.js';
import { PushforwardError } from '../../src/errors.js';
import { iaf } from '../../src/flows/presets/iaf.js';
import { realNvp } from '../../src/flows/presets/realNvp.js';
import { type Tensor2D, tf } from '../../src/tf.js';
import { buildVae } from '../../src/vae/config.js';
import { mlpNetworks } from '../../src/vae/mlpNetworks.js';
import { BasePrior, FlowPrior, type Prior } from '../../src/vae/prior.js';
import { Vae } from '../../src/vae/vae.js';
import { VampPrior } from '../../src/vae/vampPrior.js';
import { difference, leavesNoTensors, normalMatrix, normals } from '../flows/laws.js';
import { meanOf, scramble, smallVae } from './support.js';

test.before(() => tf.ready());

const line = { shape: [1], latentDim: 2, hidden: [6] } as const;

const priors: Record<string, (encoder: Vae['latentModel']['encoder']['model']) => Prior> = {
  'standard normal': () => new BasePrior(new StandardNormal(2)),
  mixture: () => new BasePrior(new GaussianMixture({ dim: 2, components: 3 }), 5),
  'a flow': () => new FlowPrior(realNvp({ dim: 2, layers: 2, hidden: [5] })),
  VampPrior: (encoder) =>
    new VampPrior({ encoder, latentDim: 2, pseudoInputs: tf.tensor2d([-1, 0, 2], [3, 1]) }),
};

for (const [name, make] of Object.entries(priors)) {
  test.serial(`prior ${name}: p(x) integrates to 1, and draws have it`, (t) => {
    const likelihood = new GaussianLikelihood({ scale: 0.5 });
    const networks = mlpNetworks(
      { ...line, encoderOutputs: 4, decoderOutputs: [1], seed: 2 },
      { hidden: [6], activation: 'tanh' },
    );
    const vae = new Vae({ ...line, ...networks, likelihood, prior: make(networks.encoder) });
    scramble(vae, 0.5);
    const { prior, encoder } = vae.latentModel;
    if (prior instanceof FlowPrior)
      prior.flow.parameters.assign(normals(prior.flow.parameters.count, 4, 0.2));
    // A wide posterior, so that its draws reach all of the prior.
    tf.tidy(() => {
      const weights = encoder.model.getWeights();
      encoder.model.setWeights([...weights.slice(0, -1), tf.tensor1d([0, 0, 1, 1])]);
    });
    leavesNoTensors(t, () => {
      const [cells, width] = [120, 0.1];
      const nodes = Float32Array.from({ length: cells }, (_, i) => (i + 0.5 - cells / 2) * width);
      const p = vae
        .logProb(tf.tensor2d(nodes, [cells, 1]), { samples: 8000 })
        .dataSync<'float32'>()
        .map((value) => Math.exp(value) * width);
      const mass = p.reduce((sum, share) => sum + share, 0);
      t.true(Math.abs(mass - 1) < 0.015, `mass ${mass}`);
      const draws = vae.sample(4000, { seed: 3, observationNoise: true }).dataSync<'float32'>().toSorted();
      let cdf = 0;
      let below = 0;
      let worst = 0;
      nodes.forEach((node, i) => {
        cdf += p[i] as number;
        while (below < draws.length && (draws[below] as number) <= node + width / 2) below += 1;
        worst = Math.max(worst, Math.abs(below / draws.length - cdf));
      });
      t.true(worst < 1.95 / Math.sqrt(draws.length) + 0.015, `distance ${worst}`);
      const noise = normalMatrix(5, vae.latentModel.prior.noiseDim as number, 8);
      t.deepEqual(vae.latentModel.prior.fromNormal(noise).shape, [5, 2]);
      const names = [...vae.latentModel.weights.keys()].filter((key) => key.startsWith('prior/'));
      t.is(names.length, name === 'standard normal' ? 0 : 1);
    });
    vae.dispose();
  });
}

test.serial('a VampPrior is the mean of what the encoder says of the pseudo-inputs', (t) => {
  const vae = smallVae(new Bernoulli());
  const { posterior, encoder } = vae.latentModel;
  leavesNoTensors(t, () => {
    const pseudoInputs = normalMatrix(4, 3, 2);
    const prior = new VampPrior({ encoder: encoder.model, latentDim: 2, pseudoInputs });
    const z = normalMatrix(6, 2, 3);
    const { mean, logVariance } = posterior.moments(encoder.apply(pseudoInputs) as Tensor2D);
    const [m, v] = [mean.arraySync(), logVariance.arraySync()];
    const expected = z.arraySync().map((row) => {
      const densities = m.map((centre, k) =>
        row.reduce((product, value, j) => {
          const variance = Math.exp(v[k]?.[j] as number);
          const square = (value - (centre[j] as number)) ** 2 / variance;
          return (product * Math.exp(-square / 2)) / Math.sqrt(2 * Math.PI * variance);
        }, 1),
      );
      return Math.log(meanOf(densities));
    });
    t.true(difference(prior.logProb(z), Float32Array.from(expected)) < 1e-4);
    prior.dispose();
  });
  vae.dispose();
});

test.serial('the weights of a prior that is kept are saved, and not trained', (t) => {
  const prior = new FlowPrior(realNvp({ dim: 2, layers: 1, hidden: [3] }), { trained: false });
  const vae = smallVae(new Bernoulli(), { prior });
  t.false(vae.variables.includes(prior.flow.parameters.variable));
  t.is(vae.latentModel.weights.get('prior/flow'), prior.flow.parameters.variable);
  vae.dispose();
});

test.serial('draws are of their seed, means unless noise is asked for', (t) => {
  const vae = smallVae(new Bernoulli());
  leavesNoTensors(t, () => {
    const draw = (options = {}, n = 5) => vae.sample(n, options);
    t.deepEqual(draw().shape, [5, 3]);
    t.deepEqual(draw({ seed: 1 }).dataSync(), draw({ seed: 1 }, 8).dataSync().slice(0, 15));
    t.true(difference(draw({ seed: 1 }), draw({ seed: 2 })) > 1e-2);
    t.deepEqual(draw({ temperature: 0 }).dataSync().slice(0, 3), vae.decode(tf.zeros([1, 2])).dataSync());
    t.true(
      draw({ observationNoise: true })
        .dataSync()
        .every((value) => value === 0 || value === 1),
    );
    t.deepEqual(draw({}, 0).shape, [0, 3]);
  });
  vae.dispose();
});

test.serial('codes, reconstructions and lines between them are made of means', (t) => {
  const flow = iaf({ dim: 2, layers: 1, hidden: [4], seed: 1 });
  flow.parameters.assign(normals(flow.parameters.count, 7, 0.3));
  const vae = smallVae(new GaussianLikelihood({ scale: 'perOutput' }), { posteriorFlow: flow });
  leavesNoTensors(t, () => {
    const [a, b] = [normalMatrix(2, 3, 1), normalMatrix(2, 3, 2)];
    t.deepEqual(vae.reconstruct(a).dataSync(), vae.decode(vae.encode(a)).dataSync());
    const points = vae.interpolate(a, b, 5);
    t.deepEqual(points.shape, [2, 5, 3]);
    const at = (k: number) => tf.squeeze(tf.slice(points, [0, k, 0], [-1, 1, -1]), [1]);
    t.true(difference(at(0), vae.reconstruct(a)) < 1e-6);
    t.true(difference(at(4), vae.reconstruct(b)) < 1e-6);
    const middle = tf.mul(tf.add(vae.encode(a), vae.encode(b)), 0.5) as Tensor2D;
    t.true(difference(at(2), vae.decode(middle)) < 1e-6);
  });
  vae.dispose();
});

test.serial('a conditional model goes by its context, in its prior too', (t) => {
  const prior = new BasePrior(new ConditionalGaussian({ dim: 2, contextDim: 2, hidden: [4] }), 3);
  for (const options of [{}, { prior }]) {
    const vae = smallVae(new GaussianLikelihood(), { contextDim: 2, scale: 0.7, ...options });
    leavesNoTensors(t, () => {
      const x = normalMatrix(3, 3, 1);
      const [context, other] = [normalMatrix(3, 2, 2), normalMatrix(3, 2, 3)];
      const z = vae.encode(x, context);
      t.true(difference(vae.encode(x, other), z) > 1e-3);
      t.true(difference(vae.decode(z, other), vae.decode(z, context)) > 1e-3);
      t.true(difference(vae.sample(3, { context }), vae.sample(3, { context: other })) > 1e-3);
      const logProb = (samples: number, given: Tensor2D) => vae.logProb(x, { samples, context: given });
      t.true(difference(logProb(3000, context), logProb(3000, other)) > 1e-2);
      t.true(meanOf(logProb(1, context).dataSync()) < meanOf(logProb(3000, context).dataSync()));
      for (const wrong of [
        () => vae.encode(x),
        () => vae.sample(2, { context }),
        () => vae.interpolate(x, x, 3),
      ]) {
        t.throws(wrong, { instanceOf: PushforwardError });
      }
    });
    vae.dispose();
  }
});

test.serial(
  'annealed importance sampling gives the integral over the latent, however bad the encoder',
  async (t) => {
    const image = await buildVae({
      shape: [4, 4, 1],
      latentDim: 2,
      networks: { kind: 'convolutional', channels: [3] },
      likelihood: { kind: 'bernoulli' },
    });
    for (const vae of [image, smallVae(new Bernoulli(), { hidden: [5, 4] })]) {
      scramble(vae, 0.6);
      leavesNoTensors(t, () => {
        const x = vae.sample(3, { seed: 2, observationNoise: true });
        const [side, width] = [121, 0.125];
        const place = (k: number) => (k - (side - 1) / 2) * width;
        const points = Float32Array.from({ length: 2 * side ** 2 }, (_, at) =>
          place(at % 2 === 0 ? Math.floor(at / 2 / side) : Math.floor(at / 2) % side),
        );
        const z = tf.tensor2d(points, [side ** 2, 2]);
        const { latentModel: model } = vae;
        const exact = [0, 1, 2].map((row) => {
          const copies = tf.tile(tf.slice(x, row, 1), [side ** 2, ...vae.shape.map(() => 1)]);
          const joint = tf.add(model.logLikelihood(copies, z), model.prior.logProb(z));
          return (tf.logSumExp(joint).dataSync()[0] as number) + 2 * Math.log(width);
        });
        const options = { temperatures: 40, chains: 200, leapfrogSteps: 3, stepSize: 0.6 };
        const annealed = Float32Array.from(vae.annealedLogProb(x, options).logProb);
        t.true(difference(annealed, Float32Array.from(exact)) < 0.02, `${annealed}, ${exact}`);
      });
      vae.dispose();
    }
  },
);

test.serial('dimensions that the posterior does not use are seen', (t) => {
  const vae = smallVae(new Bernoulli(), { latentDim: 3, hidden: [] });
  leavesNoTensors(t, () => {
    // The second dimension collapses: mean 0 and log-variance 0 for every row.
    const kernel = tf.tensor2d(normals(18, 3), [3, 6]);
    const kept = tf.tensor2d([1, 0, 1, 1, 0, 1], [1, 6]);
    vae.latentModel.encoder.model.setWeights([tf.mul(kernel, kept), tf.zeros([6])]);
    const x = normalMatrix(50, 3, 4);
    const { activity, activeUnits, klPerDimension } = vae.latentStatistics(x);
    t.is(activeUnits, 2);
    t.is(activity[1], 0);
    t.is(klPerDimension?.[1], 0);
    const codes = vae.encode(x);
    const { variance } = tf.moments(codes, 0);
    t.true(difference(Float32Array.from(activity), variance) < 1e-5);
    const kl = tf.mean(vae.elbo(x).klPerDimension as Tensor2D, 0);
    t.true(difference(Float32Array.from(klPerDimension ?? []), kl) < 1e-5);
  });
  vae.dispose();
});

test.serial('a unit is active from a variance of its code above 0.01', (t) => {
  const vae = smallVae(new Bernoulli(), { hidden: [] });
  leavesNoTensors(t, () => {
    // The code is x's first two numbers: deviations of 0.09 and 0.11 on either side of the threshold.
    const kernel = tf.tensor2d([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0], [3, 4]);
    vae.latentModel.encoder.model.setWeights([kernel, tf.zeros([4])]);
    const x = tf.tensor2d([0.09, 0.11, 0, -0.09, -0.11, 0], [2, 3]);
    const { activity, activeUnits } = vae.latentStatistics(x);
    t.true(difference(Float32Array.from(activity), Float32Array.of(0.0081, 0.0121)) < 1e-6);
    t.is(activeUnits, 1);
  });
  vae.dispose();
});

test.serial('parts that do not fit are refused with what would', (t) => {
  const sizes = { shape: [3], latentDim: 2, encoderOutputs: 4, decoderOutputs: [3], seed: 0 };
  const networks = mlpNetworks(sizes, { hidden: [] });
  const parts = { ...networks, shape: [3], latentDim: 2, likelihood: new Bernoulli() };
  const cases: [Partial<ConstructorParameters<typeof Vae>[0]>, RegExp][] = [
    [
      { likelihood: new GaussianLikelihood({ scale: 'perOutput' }) },
      /the decoder: puts out \[rows, 3\]; .* \[rows, 6\]/,
    ],
    [{ shape: [2] }, /the encoder: takes \[rows, 3\]; .* \[rows, 2\]/],
    [{ latentDim: 3 }, /the encoder: puts out \[rows, 4\]; .* \[rows, 6\]/],
    [{ contextDim: 1 }, /the encoder: takes \[rows, 3\]; .* \[rows, 3\] and \[rows, 1\]/],
    [{ prior: new BasePrior(new StandardNormal(3)) }, /a prior of 3 dimensions/],
    [{ posteriorFlow: realNvp({ dim: 3, layers: 1 }) }, /a flow of 3/],
  ];
  for (const [change, message] of cases) {
    t.throws(() => new Vae({ ...parts, ...change }), { instanceOf: PushforwardError, message });
  }
  const vae = new Vae(parts);
  t.throws(() => vae.elbo(tf.zeros([2, 4])), { message: /rows are \[2,4\]; give float32 \[rows, 3\]/ });
  t.throws(() => vae.decode(tf.zeros([2, 4])), { message: /z is \[2,4\]/ });
  t.throws(() => vae.elbo(tf.zeros([2, 3]), { seed: -1 }), { instanceOf: PushforwardError });
  t.throws(() => vae.annealedLogProb(tf.zeros([2, 3]), { chains: 0 }), { instanceOf: PushforwardError });
  const none = vae.elbo(tf.zeros([0, 3]));
  t.deepEqual(
    [none.elbo, none.kl, none.klPerDimension].map((part) => part?.shape),
    [[0], [0], [0, 2]],
  );
  t.throws(() => vae.logProb(tf.zeros([2, 3]), { samples: 0 }), { message: /of 0 samples/ });
  vae.dispose();
});
