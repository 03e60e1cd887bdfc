import test from 'ava';
import '../../src/backend/index.js';
import { Gan, type GanOptions } from '../../src/gan/gan.js';
import { GanTrainer } from '../../src/gan/trainer.js';
import { VariableStore } from '../../src/ops/variableStore.js';
import { Random, streamOf } from '../../src/random.js';
import { layers, type Tensor, type Tensor2D, tf } from '../../src/tf.js';
import { difference, normalMatrix, normals } from '../flows/laws.js';
import { drawRows, smallGan } from './support.js';

test.before(() => tf.ready());

const adam = { kind: 'adam', learningRate: 1e-2 } as const;
const options = { batchSize: 8, generator: adam, critic: adam, seed: 1 };
const scalar = (value: Tensor) => value.dataSync()[0] as number;

/** D(x) = slope · max(0, x) of packs of two numbers: their sum of it; normalising batches first, if it is to. */
function kinkedGan(objective: NonNullable<GanOptions['objective']>, slope: number, normalises = false): Gan {
  const { batchNormalization, dense, reLU } = layers.layers;
  const pac = objective.pac ?? 1;
  const critic = layers.sequential({
    layers: [
      ...(normalises ? [batchNormalization({ inputShape: [pac] })] : []),
      reLU({ inputShape: [pac] }),
      dense({ units: 1, useBias: false, weights: [tf.fill([pac, 1], slope)] }),
    ],
  });
  const generator = layers.sequential({ layers: [dense({ units: 1, inputShape: [1] })] });
  return new Gan({ shape: [1], latentDim: 1, generator, critic, objective });
}

test.serial('R1 is half the squared slope at real packs, whatever the generated ones', (t) => {
  const gan = kinkedGan({ r1: 4 }, 3);
  const [up, down] = [tf.fill([5, 1], 2), tf.fill([5, 1], -2)];
  t.is(scalar(gan.criticLosses(up, down, new Random(1)).penalty), (4 / 2) * 9);
  t.is(scalar(gan.criticLosses(down, up, new Random(1)).penalty), 0);
  gan.dispose();
});

test.serial(
  'the gradient penalty is taken once for each pack, between its real and its generated rows',
  (t) => {
    const gan = kinkedGan({ loss: 'wasserstein', gradientPenalty: 10, pac: 2 }, 3);
    const n = 50;
    const real = tf.fill([2 * n, 1], 1);
    const fake = tf.fill([2 * n, 1], -1);
    const share = new Random(7).uniform(new Float32Array(n));
    // Both rows of a pack lie at 2·share − 1: above the kink together, or below.
    const norms = Array.from(share, (u) => (u > 0.5 ? 3 * Math.SQRT2 : 0));
    const expected = (10 / n) * norms.reduce((sum, norm) => sum + (norm - 1) ** 2, 0);
    const { penalty, critic } = gan.criticLosses(real, fake, new Random(7));
    t.true(Math.abs(scalar(penalty) - expected) < 1e-3, `${scalar(penalty)}, ${expected}`);
    t.true(Math.abs(scalar(critic) - (expected - 6)) < 1e-3, 'and is added to the loss');
    gan.dispose();
  },
);

test.serial(
  'the critic normalises real and generated packs apart, the generator each place of a pack',
  (t) => {
    const gan = kinkedGan({ loss: 'wasserstein' }, 1, true);
    const [real, fake] = [normalMatrix(6, 1, 1), tf.add(normalMatrix(6, 1, 2), 9)];
    const losses = gan.criticLosses(real, fake, new Random(1), { training: true });
    for (const [score, rows] of [
      [losses.realScore, real],
      [losses.fakeScore, fake],
    ] as const)
      t.true(Math.abs(scalar(score) - scalar(tf.mean(gan.judge(rows, undefined, true)))) < 1e-6);
    gan.dispose();
    const packed = smallGan({ objective: { pac: 2 } }, { batchNormalisation: true });
    const z = normalMatrix(8, 3, 3);
    const places = (tf.split(z, 2, 0) as Tensor2D[]).map((own) => packed.generate(own, undefined, true));
    t.true(difference(packed.generatePacks(z, undefined, true), tf.concat(places, 0)) < 1e-6);
    t.true(difference(packed.generate(z, undefined, true), tf.concat(places, 0)) > 1e-2);
    packed.dispose();
  },
);

test.serial('a projection critic is affine in its context, and says of none what it says of x alone', (t) => {
  const gan = smallGan({ contextDim: 2 });
  const store = new VariableStore(gan.critic.variables);
  store.assign(normals(store.count, 12, 0.6));
  const x = normalMatrix(5, 2, 1);
  const [a, b] = [normalMatrix(5, 2, 2), normalMatrix(5, 2, 3)];
  const of = (context: Tensor2D) => gan.judge(x, context);
  const zero = tf.zeros<tf.Rank.R2>([5, 2]);
  t.true(difference(tf.add(of(tf.add(a, b)), of(zero)), tf.add(of(a), of(b))) < 1e-5);
  t.true(difference(of(a), of(zero)) > 1e-2);
  gan.dispose();
});

test.serial('latents are of the law that the objective names', (t) => {
  for (const [latent, variance, fourth] of [
    ['normal', 1, 3],
    ['uniform', 1 / 3, 1 / 5],
  ] as const) {
    const gan = smallGan({ objective: { latent } });
    const z = gan.latent(20_000, new Random(3));
    t.true(Math.abs(scalar(tf.mean(z))) < 0.02);
    t.true(Math.abs(scalar(tf.mean(tf.square(z))) / variance - 1) < 0.03);
    t.true(Math.abs(scalar(tf.mean(tf.pow(z, 4))) / fourth - 1) < 0.06);
    gan.dispose();
  }
});

test.serial('the averaged generator is a plain mean of the first steps, then a running one', (t) => {
  const average = 0.75;
  const gan = smallGan();
  const trainer = new GanTrainer(gan, { ...options, average });
  const store = new VariableStore(gan.generator.variables);
  let mean: number[] = [];
  for (let step = 1; step <= 8; step++) {
    trainer.step(drawRows);
    const values = Array.from(store.values());
    const kept = step <= 4 ? (step - 1) / step : average;
    mean = values.map((value, i) => (step === 1 ? value : kept * (mean[i] as number) + (1 - kept) * value));
  }
  const last = store.values();
  trainer.finish(drawRows);
  t.true(difference(store.values(), Float32Array.from(mean)) < 1e-6);
  t.true(difference(store.values(), last) > 1e-4);
  trainer.resume(8);
  t.deepEqual(store.values(), last, 'training goes on from the weights of the last step');
  gan.dispose();
});

test.serial('a finished generator has the statistics of its own rows', (t) => {
  const gan = smallGan({}, { batchNormalisation: true, generatorHidden: [5] });
  const trainer = new GanTrainer(gan, { ...options, batchSize: 256, average: 0.5 });
  for (let step = 0; step < 5; step++) trainer.step(drawRows);
  trainer.finish(drawRows);
  const z = gan.latent(5000, new Random(9));
  t.true(difference(gan.generate(z), gan.generate(z, undefined, true)) < 0.1);
  gan.dispose();
});

test.serial('simultaneous updates are each against the other network as it was, by one batch of z', (t) => {
  const lossOf = (simultaneous: boolean) => {
    const gan = smallGan();
    const z = gan.latent(8, new Random(1, streamOf('gan critic', 0, 0)));
    const before = scalar(gan.generatorLoss(gan.generate(z)));
    const { generatorLoss } = new GanTrainer(gan, { ...options, simultaneous }).step(drawRows);
    gan.dispose();
    return { before, generatorLoss };
  };
  const at = lossOf(true);
  t.true(Math.abs(at.generatorLoss - at.before) < 1e-6);
  const after = lossOf(false);
  t.true(Math.abs(after.generatorLoss - after.before) > 1e-4);
});
