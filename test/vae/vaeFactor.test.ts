import test from 'ava';
import '../../src/backend/index.js';
import { arrayRows, binarisedRows } from '../../src/data/rowSource.js';
import { Bernoulli } from '../../src/distributions/likelihoods/bernoulli.js';
import { DiscretisedLogistic } from '../../src/distributions/likelihoods/discretisedLogistic.js';
import { GaussianLikelihood } from '../../src/distributions/likelihoods/gaussian.js';
import { PushforwardError } from '../../src/errors.js';
import { tf } from '../../src/tf.js';
import { buildVae } from '../../src/vae/config.js';
import { VaeFactor } from '../../src/vae/vaeFactor.js';
import { addonOrSkip, difference, normals } from '../flows/laws.js';
import { smallVae } from './support.js';

test.before(() => tf.ready());

const rows = { x: arrayRows(normals(60, 3), 3) };
const context = arrayRows(normals(40, 4), 2);

test.serial('a batch in parts has the gradient of the whole', (t) => {
  for (const objective of [{}, { bound: 'iwae', samples: 4 }] as const) {
    const vae = smallVae(new GaussianLikelihood(), { contextDim: 2, objective });
    const conditioned = { ...rows, context };
    const places = Int32Array.of(4, 0, 17, 9, 2);
    const gradientOf = () => {
      const factor = new VaeFactor(vae, { training: conditioned, validation: conditioned, seed: 2 });
      factor.startEpoch(1);
      const gradient = new Float32Array(factor.parameters.count).fill(7);
      const loss = factor.valueAndGradient(places, gradient);
      return { gradient, loss };
    };
    const before = tf.memory().numTensors;
    const whole = gradientOf();
    t.is(tf.memory().numTensors, before);
    Object.defineProperty(vae.latentModel, 'rowsAtOnce', { value: 2 * vae.objective.samples });
    const parts = gradientOf();
    t.true(difference(parts.gradient, whole.gradient) < 1e-5);
    t.true(Math.abs(parts.loss - whole.loss) < 1e-5);
    vae.dispose();
  }
});

test.serial('the weight of the divergence warms up within an epoch, row by row', (t) => {
  const lossesWith = (objective: { beta?: number; warmUpEpochs?: number }) => {
    const vae = smallVae(new GaussianLikelihood(), { objective });
    const factor = new VaeFactor(vae, { training: rows, validation: rows });
    factor.startEpoch(1);
    const places = Int32Array.from({ length: 10 }, (_, i) => i);
    const losses = [0, 1].map(() =>
      factor.valueAndGradient(places, new Float32Array(factor.parameters.count)),
    );
    vae.dispose();
    return losses as [number, number];
  };
  // Half of the 20 rows have been seen when the second batch comes.
  const [first, second] = lossesWith({ warmUpEpochs: 1 });
  t.is(first, lossesWith({ beta: 0 })[0]);
  t.is(second, lossesWith({ beta: 0.5 })[1]);
});

test.serial('draws are of seed and epoch', (t) => {
  const vae = smallVae(new GaussianLikelihood());
  const lossOf = (seed: number, epoch: number) => {
    const factor = new VaeFactor(vae, { training: rows, validation: rows, seed });
    factor.startEpoch(epoch);
    return factor.valueAndGradient(Int32Array.of(1, 2), new Float32Array(factor.parameters.count));
  };
  t.is(lossOf(1, 1), lossOf(1, 1));
  t.not(lossOf(1, 1), lossOf(2, 1));
  t.not(lossOf(1, 1), lossOf(1, 2));
  vae.dispose();
});

test.serial('gradients have the same bits on any number of threads', async (t) => {
  const addon = addonOrSkip(t);
  if (addon === null) return;
  const vae = await buildVae({
    shape: [16, 16, 1],
    latentDim: 4,
    networks: { kind: 'convolutional', channels: [8, 16] },
    likelihood: { kind: 'gaussian' },
  });
  const images = { x: arrayRows(normals(256 * 40, 6), 256) };
  const before = addon.threads();
  try {
    const gradients = [1, 2, 3].map((threads) => {
      addon.setThreads(threads);
      const factor = new VaeFactor(vae, { training: images, validation: images });
      const gradient = new Float32Array(factor.parameters.count);
      factor.startEpoch(1);
      factor.valueAndGradient(
        Int32Array.from({ length: 40 }, (_, i) => i),
        gradient,
      );
      return gradient;
    });
    t.deepEqual(gradients[1], gradients[0]);
    t.deepEqual(gradients[2], gradients[0]);
  } finally {
    addon.setThreads(before);
    vae.dispose();
  }
});

test.serial('a validation measures what becomes of the latent', (t) => {
  const vae = smallVae(new GaussianLikelihood());
  const factor = new VaeFactor(vae, { training: rows, validation: rows });
  const loss = factor.validationLoss();
  t.is(factor.validationLoss(), loss, 'the same draws every time');
  const { reconstruction, kl, activeUnits, klPerDimension } = factor.measures();
  t.true(Math.abs((reconstruction as number) + (kl as number) - loss) < 1e-4);
  t.is(activeUnits, 2);
  const sum = (klPerDimension as number[]).reduce((a, b) => a + b);
  t.true(Math.abs(sum - (kl as number)) < 1e-4);
  vae.dispose();
});

test.serial('a validation weighs the divergence in full, by beta, whatever the warm-up', (t) => {
  const vae = smallVae(new GaussianLikelihood(), { objective: { beta: 3, warmUpEpochs: 5 } });
  const factor = new VaeFactor(vae, { training: rows, validation: rows });
  const loss = factor.validationLoss();
  const { reconstruction, kl } = factor.measures();
  t.true(Math.abs((reconstruction as number) + 3 * (kl as number) - loss) < 1e-4);
  vae.dispose();
});

test.serial('rows that the model is not of are refused', (t) => {
  const cases = [
    [new GaussianLikelihood(), arrayRows(normals(8, 1), 4), undefined, /4 numbers for a model of 3/],
    [new GaussianLikelihood(), arrayRows(new Float32Array(0), 3), undefined, /there are none/],
    [new GaussianLikelihood(), arrayRows(Float32Array.of(1, Number.NaN, 0), 3), undefined, /row 0: NaN/],
    [new Bernoulli(), arrayRows(Float32Array.of(0, 1, 1, 0, 2, 0), 3), undefined, /row 1: 2 .* from 0 to 1/],
    [
      new DiscretisedLogistic({ levels: 3 }),
      arrayRows(Float32Array.of(0, 0.3, 1), 3),
      undefined,
      /steps of 0.5/,
    ],
    [new GaussianLikelihood(), rows.x, context, /a context of 2 numbers for 20 rows .* of 0 numbers/],
  ] as const;
  for (const [likelihood, x, given, message] of cases) {
    const vae = smallVae(likelihood);
    const bad = given === undefined ? { x } : { x, context: given };
    t.throws(() => new VaeFactor(vae, { training: bad, validation: rows }), {
      instanceOf: PushforwardError,
      message,
    });
    vae.dispose();
  }
  t.throws(() => arrayRows(new Float32Array(4), 3), { message: /4 numbers are no rows of 3/ });
});

test.serial('what is not finite is named', (t) => {
  const vae = smallVae(new GaussianLikelihood());
  const factor = new VaeFactor(vae, { training: rows, validation: rows });
  t.is(factor.locateNonFinite(Int32Array.of(0)), 'the gradient of the bound');
  const values = factor.parameters.values();
  factor.parameters.assign(values.map((value) => 1e30 * value));
  t.regex(factor.locateNonFinite(Int32Array.of(0)), /encoder|prior|likelihood/);
  factor.parameters.assign(values.map(() => Number.NaN));
  t.regex(factor.locateNonFinite(Int32Array.of(0)), /^parameter /);
  vae.dispose();
});

test('bytes are shares of 255, and binary digits drawn with them, anew in each epoch', (t) => {
  const source = arrayRows(Uint8Array.of(0, 255, 51, 204, 0, 255), 3);
  const places = Int32Array.of(1, 0);
  const out = new Float32Array(6);
  source.read(places, out);
  t.true(difference(out, Float32Array.of(0.8, 0, 1, 0, 1, 0.2)) < 1e-7);
  const binary = binarisedRows(source, 5);
  const sums = new Float32Array(6);
  const epochs = 400;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    binary.startEpoch?.(epoch);
    binary.read(places, out);
    t.true(out.every((value) => value === 0 || value === 1));
    const again = new Float32Array(3);
    binary.read(Int32Array.of(0), again);
    t.deepEqual(again, out.slice(3), 'a row is the same whichever stand beside it');
    out.forEach((value, i) => {
      sums[i] = (sums[i] as number) + value / epochs;
    });
  }
  t.true(difference(sums, Float32Array.of(0.8, 0, 1, 0, 1, 0.2)) < 0.05);
});
