import test from 'ava';
import '../../src/backend/index.js';
import { ConditionalGaussian } from '../../src/distributions/conditionalGaussian.js';
import { Bernoulli } from '../../src/distributions/likelihoods/bernoulli.js';
import { PushforwardError } from '../../src/errors.js';
import { iaf } from '../../src/flows/presets/iaf.js';
import { realNvp } from '../../src/flows/presets/realNvp.js';
import { tf } from '../../src/tf.js';
import type { AnnealedOptions } from '../../src/vae/annealed.js';
import { buildVae, type VaeConfig } from '../../src/vae/config.js';
import { BasePrior, FlowPrior } from '../../src/vae/prior.js';
import { VampPrior } from '../../src/vae/vampPrior.js';
import { smallVae } from './support.js';

test.before(() => tf.ready());

const small: VaeConfig = {
  shape: [3],
  latentDim: 2,
  networks: { kind: 'mlp', hidden: [4] },
  likelihood: { kind: 'gaussian' },
};
const image: VaeConfig = {
  ...small,
  shape: [8, 8, 1],
  networks: { kind: 'convolutional', channels: [2] },
};

/** What is not a whole number from `least`. */
const noCounts = (least: number) => [Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY, least - 1];

test('configurations with numbers that make no sense are refused with what would', async (t) => {
  const refused = async (config: object, what: RegExp) => {
    const error = await t.throwsAsync(buildVae(config as VaeConfig), { instanceOf: PushforwardError });
    t.is(error.code, 'usage');
    t.regex(error.message, what);
    t.regex(error.message, /; give /);
  };
  for (const bad of noCounts(1)) {
    await refused({ ...small, latentDim: bad }, /latents of rows/);
    await refused({ ...small, networks: { kind: 'mlp', hidden: [4, bad] } }, /hidden is \[4,/);
    await refused({ ...image, networks: { kind: 'convolutional', channels: [bad] } }, /channels is/);
    await refused({ ...small, objective: { samples: bad } }, /samples of each row/);
    await refused(
      { ...small, prior: { kind: 'vampPrior', components: bad } },
      /components of a VampPrior is/,
    );
  }
  for (const bad of noCounts(0)) {
    await refused({ ...small, contextDim: bad }, /contextDim is/);
    await refused({ ...small, contextDim: 2, contextScale: Math.min(bad, 0) }, /contextScale is/);
    for (const name of ['residualBlocks', 'denseUnits']) {
      const networks = { kind: 'convolutional', [name]: bad };
      await refused({ ...image, networks }, new RegExp(`${name} is`));
    }
    await refused({ ...small, posteriorFlow: { preset: 'iaf', contextDim: bad } }, /contextDim of a flow is/);
  }
  for (const bad of [Number.NaN, 1.5]) await refused({ ...small, seed: bad }, /the seed is/);
  for (const name of ['beta', 'freeBits', 'warmUpEpochs'])
    for (const bad of [Number.NaN, -1, null, Number.POSITIVE_INFINITY])
      await refused({ ...small, objective: { [name]: bad } }, new RegExp(`${name} is`));
  await refused(
    { ...small, networks: { kind: 'mlp', activation: 'sine' } },
    /activation is sine; give one of relu/,
  );
});

test.serial('estimates with numbers that make no sense are refused, and none is silently another', (t) => {
  const vae = smallVae(new Bernoulli());
  const x = tf.zeros([2, 3]);
  const refused = (run: () => unknown, what: RegExp) =>
    t.regex(t.throws(run, { instanceOf: PushforwardError }).message, what);
  const annealed = (options: AnnealedOptions) => () =>
    vae.annealedLogProb(x, { temperatures: 2, ...options });
  for (const bad of noCounts(1)) {
    refused(annealed({ temperatures: bad }), /temperatures is/);
    refused(annealed({ leapfrogSteps: bad }), /leapfrogSteps is/);
  }
  for (const bad of [0, -0.1, Number.NaN]) refused(annealed({ stepSize: bad }), /stepSize is/);
  for (const bad of noCounts(0)) refused(() => vae.logProb(x, { samples: 2, firstRow: bad }), /firstRow is/);
  for (const bad of [-1, Number.NaN]) {
    refused(() => vae.losses(x, { seed: bad }), /the seed is/);
    refused(() => vae.losses(x, { epochs: bad }), /epochs is/);
  }
  refused(() => vae.losses(tf.zeros([0, 3])), /losses of no rows/);
  refused(() => vae.latentStatistics(tf.zeros([0, 3])), /statistics of no rows/);
  vae.dispose();
});

test.serial('priors that would not be what they are called are refused', (t) => {
  const refused = (options: Parameters<typeof smallVae>[1], what: RegExp) =>
    t.regex(
      t.throws(() => smallVae(new Bernoulli(), options), { instanceOf: PushforwardError }).message,
      what,
    );
  const given = (contextDim: number) => new BasePrior(new ConditionalGaussian({ dim: 2, contextDim }));
  // Its network would read no context at all and be one law for every row.
  refused({ prior: given(2) }, /a context of 2 numbers, in a model with one of 0/);
  refused({ prior: given(2), contextDim: 3 }, /a context of 2 numbers, in a model with one of 3/);
  const flow = realNvp({ dim: 2, contextDim: 1, layers: 1, hidden: [3] });
  refused({ prior: new FlowPrior(flow) }, /a context of 1 numbers, in a model with one of 0/);
  const { encoder } = smallVae(new Bernoulli()).latentModel;
  const prior = new VampPrior({ encoder: encoder.model, latentDim: 2, pseudoInputs: tf.zeros([4, 3]) });
  refused({ prior, posteriorFlow: iaf({ dim: 2, layers: 1, hidden: [3] }) }, /no mixture of the posteriors/);
});
