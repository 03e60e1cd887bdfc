import test from 'ava';
import '../../src/backend/index.js';
import { PushforwardError } from '../../src/errors.js';
import { GanTrainer, type GanTrainOptions } from '../../src/gan/trainer.js';
import { adamStep } from '../../src/ops/adam.js';
import { VariableStore } from '../../src/ops/variableStore.js';
import { Random, streamOf } from '../../src/random.js';
import { type Tensor, type Tensor2D, tf } from '../../src/tf.js';
import { drawRows, smallGan } from './support.js';

test.before(() => tf.ready());

const adam = { kind: 'adam', learningRate: 1e-3 } as const;
const options: GanTrainOptions = {
  batchSize: 16,
  generator: adam,
  critic: { ...adam, learningRate: 2e-3 },
  seed: 1,
};

const all = (gan: ReturnType<typeof smallGan>) =>
  [...gan.weights].map(([name, weight]) => [name, Array.from(weight.dataSync())] as const);

test.serial('packs of one are, bit for bit, a GAN that knows of no packs', (t) => {
  const gan = smallGan({ objective: { pac: 1 } });
  const plain = smallGan();
  const trainer = new GanTrainer(gan, options);
  const stores = {
    critic: new VariableStore(plain.critic.variables),
    generator: new VariableStore(plain.generator.variables),
  };
  const moments = {
    critic: [0, 0].map(() => new Float32Array(stores.critic.count)),
    generator: [0, 0].map(() => new Float32Array(stores.generator.count)),
  };
  const critic = (x: Tensor) => plain.critic.model.apply(x, { training: true }) as Tensor;
  const generator = (z: Tensor) => plain.generator.model.apply(z, { training: true }) as Tensor;
  const move = (name: 'critic' | 'generator', step: number, rate: number, loss: () => tf.Scalar) => {
    const gradient = new Float32Array(stores[name].count);
    stores[name].addGradient(loss, gradient);
    const values = stores[name].values();
    const [m, v] = moments[name] as [Float32Array, Float32Array];
    const rates = {
      learningRate: rate,
      beta1: 0.5,
      beta2: 0.999,
      epsilon: 1e-8,
      weightDecay: 0,
      clipNorm: Infinity,
    };
    adamStep(values, gradient, m, v, { ...rates, step });
    stores[name].assign(values);
  };
  for (let step = 0; step < 5; step++) {
    trainer.step(drawRows);
    tf.tidy(() => {
      const random = new Random(1, streamOf('gan critic', step, 0));
      const z = tf.tensor2d(random.normal(new Float32Array(48)), [16, 3]);
      const { x } = drawRows(16, random);
      const fake = generator(z);
      move('critic', step + 1, 2e-3, () =>
        tf.add(tf.mean(tf.softplus(tf.neg(critic(x)))), tf.mean(tf.softplus(critic(fake)))),
      );
      const other = tf.tensor2d(
        new Random(1, streamOf('gan generator', step, 0)).normal(new Float32Array(48)),
        [16, 3],
      );
      move('generator', step + 1, 1e-3, () => tf.mean(tf.softplus(tf.neg(critic(generator(other))))));
    });
  }
  t.deepEqual(all(gan), all(plain));
  gan.dispose();
  plain.dispose();
});

test.serial('only the first layer of the critic grows with the packs', (t) => {
  const sizes = [1, 3].map((pac) => {
    const gan = smallGan({ objective: { pac } });
    const shapes = [...gan.weights].map(([name, weight]) => `${name} ${weight.shape}`);
    gan.dispose();
    return shapes;
  });
  const different = (sizes[0] as string[]).filter((shape, i) => shape !== sizes[1]?.[i]);
  t.deepEqual(different, ['critic/0 2,6']);
});

test.serial('training that goes on from a saved state gives the bits of one that never stopped', (t) => {
  for (const [objective, extra] of [
    [
      { pac: 2, spectralNormalisation: true, loss: 'hinge' },
      { average: 0.9, generatorSteps: 2 },
    ],
    [
      { loss: 'wasserstein' },
      { clip: 0.05, criticSteps: 3, critic: { kind: 'rmsProp', learningRate: 5e-3 } },
    ],
    [{ r1: 1 }, { simultaneous: true }],
  ] as const) {
    const make = () => {
      const gan = smallGan({ objective }, { batchNormalisation: true });
      return { gan, trainer: new GanTrainer(gan, { ...options, ...extra }) };
    };
    const [one, two] = [make(), make()];
    for (let step = 0; step < 6; step++) one.trainer.step(drawRows);
    for (let step = 0; step < 3; step++) two.trainer.step(drawRows);
    const three = make();
    for (const [name, values] of two.trainer.state) three.trainer.state.get(name)?.set(values);
    for (const [name, weight] of two.gan.weights) three.gan.weights.get(name)?.assign(weight);
    three.trainer.resume(3);
    const before = tf.memory().numTensors;
    for (let step = 0; step < 3; step++) three.trainer.step(drawRows);
    t.is(tf.memory().numTensors, before);
    t.deepEqual(all(three.gan), all(one.gan));
    one.trainer.finish(drawRows);
    three.trainer.finish(drawRows);
    t.deepEqual(all(three.gan), all(one.gan));
    if ('clip' in extra) {
      for (const weight of one.gan.critic.variables)
        t.true(weight.dataSync().every((w) => Math.abs(w) <= Math.fround(0.05)));
    }
    for (const { gan } of [one, two, three]) gan.dispose();
  }
});

test.serial('a GAN of a Gaussian finds its mean and spread', (t) => {
  const gan = smallGan(
    { latentDim: 2, objective: { loss: 'nonSaturating', r1: 1 } },
    { generatorHidden: [16], criticHidden: [32] },
  );
  const trainer = new GanTrainer(gan, {
    ...options,
    batchSize: 128,
    generator: { ...adam, learningRate: 5e-3 },
    critic: { ...adam, learningRate: 1e-2 },
    average: 0.98,
  });
  const records = Array.from({ length: 600 }, () => trainer.step(drawRows));
  t.true(records.every((record) => Object.values(record).every(Number.isFinite)));
  trainer.finish(drawRows);
  const { mean, variance } = tf.moments(gan.sample(4000, { seed: 1 }) as Tensor2D, 0);
  for (const value of mean.dataSync()) t.true(Math.abs(value - 1) < 0.15, `mean ${value}`);
  for (const value of variance.dataSync())
    t.true(Math.abs(Math.sqrt(value) - 0.5) < 0.15, `deviation ${Math.sqrt(value)}`);
  gan.dispose();
});

test.serial('options that make no sense are refused', (t) => {
  const gan = smallGan();
  const refused = (change: Partial<GanTrainOptions>, what: RegExp) =>
    t.regex(
      t.throws(() => new GanTrainer(gan, { ...options, ...change }), { instanceOf: PushforwardError })
        .message,
      what,
    );
  refused({ batchSize: 0 }, /batchSize is 0/);
  refused({ clip: -1 }, /clip is -1/);
  refused({ average: 1 }, /average is 1/);
  refused({ simultaneous: true, criticSteps: 5 }, /give one step to each/);
  refused(
    { critic: { kind: 'adam', learningRate: 0 } },
    /the critic's learningRate is 0; give a positive number/,
  );
  gan.dispose();
});
