import test from 'ava';
import '../../src/backend/index.js';
import { PushforwardError } from '../../src/errors.js';
import { type AdversarialLossName, adversarialLosses } from '../../src/gan/losses.js';
import { pack } from '../../src/gan/packing.js';
import { VariableStore } from '../../src/ops/variableStore.js';
import { Random } from '../../src/random.js';
import { type Tensor, tf } from '../../src/tf.js';
import { directionalError, leavesNoTensors, normalMatrix, normals } from '../flows/laws.js';
import { smallGan } from './support.js';

test.before(() => tf.ready());

const names = Object.keys(adversarialLosses) as AdversarialLossName[];

test.serial('losses are those of the papers, in numbers', (t) => {
  const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
  const real = [0.7, -1.2, 2.1];
  const fake = [-0.4, 1.5, 0.2];
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const expected: Record<AdversarialLossName, [number, number]> = {
    minimax: [
      -mean(real.map((v) => Math.log(sigmoid(v)))) - mean(fake.map((v) => Math.log(1 - sigmoid(v)))),
      mean(fake.map((v) => Math.log(1 - sigmoid(v)))),
    ],
    nonSaturating: [
      -mean(real.map((v) => Math.log(sigmoid(v)))) - mean(fake.map((v) => Math.log(1 - sigmoid(v)))),
      -mean(fake.map((v) => Math.log(sigmoid(v)))),
    ],
    leastSquares: [
      (mean(real.map((v) => (v - 1) ** 2)) + mean(fake.map((v) => v ** 2))) / 2,
      mean(fake.map((v) => (v - 1) ** 2)) / 2,
    ],
    hinge: [
      mean(real.map((v) => Math.max(0, 1 - v))) + mean(fake.map((v) => Math.max(0, 1 + v))),
      -mean(fake),
    ],
    wasserstein: [mean(fake) - mean(real), -mean(fake)],
  };
  for (const name of names) {
    const { critic, generator } = adversarialLosses[name];
    const column = (values: number[]) => tf.tensor2d(values, [3, 1]);
    const [c, g] = expected[name];
    t.true(Math.abs((critic(column(real), column(fake)).dataSync()[0] as number) - c) < 1e-6, name);
    t.true(Math.abs((generator(column(fake)).dataSync()[0] as number) - g) < 1e-6, name);
  }
});

test.serial('packs hold each row once, beside rows of other places, for tables and images', (t) => {
  const rows = tf.tensor2d([...Array(12).keys()], [6, 2]);
  t.deepEqual(pack(rows, 3).arraySync(), [
    [0, 1, 4, 5, 8, 9],
    [2, 3, 6, 7, 10, 11],
  ]);
  const images = tf.tensor4d([...Array(32).keys()], [4, 2, 2, 2]);
  const packs = pack(images, 2);
  t.deepEqual(packs.shape, [2, 2, 2, 4]);
  t.deepEqual(
    tf.slice(packs, [1, 0, 0, 2], [1, 2, 2, 2]).dataSync(),
    tf.slice(images, [3, 0, 0, 0], [1, 2, 2, 2]).dataSync(),
  );
  t.deepEqual(pack(rows, 1).dataSync(), rows.dataSync());
  const error = t.throws(() => pack(rows, 4), { instanceOf: PushforwardError });
  t.regex(error.message, /6 rows cannot be packed by 4; give 4/);
});

test.serial('gradients of the losses and of both penalties are those of differences', (t) => {
  const cases = [
    ...names.map((loss) => ({ loss })),
    { loss: 'nonSaturating', pac: 3 },
    { loss: 'wasserstein', gradientPenalty: 10 },
    { loss: 'wasserstein', gradientPenalty: 10, pac: 2, spectralNormalisation: true },
    { loss: 'hinge', spectralNormalisation: true },
    { loss: 'nonSaturating', r1: 5 },
  ] as const;
  for (const objective of cases) {
    for (const contextDim of [0, 2]) {
      const gan = smallGan({ contextDim, objective }, { batchNormalisation: contextDim > 0 });
      leavesNoTensors(t, () => {
        const x = normalMatrix(6, 2, 8);
        const options = {
          seed: 4,
          training: true,
          ...(contextDim > 0 ? { context: normalMatrix(6, 2, 9) } : {}),
        };
        for (const [network, name] of [
          [gan.critic, 'critic'],
          [gan.generator, 'generator'],
        ] as const) {
          const store = new VariableStore(network.variables);
          const scale = name === 'critic' ? 0.7 : 0.5;
          store.assign(normals(store.count, 12, scale));
          const loss = () => gan.losses(x, options)[name];
          const gradient = new Float32Array(store.count);
          store.addGradient(loss, gradient);
          const f = (at: Float32Array) => {
            store.assign(at);
            return tf.tidy(() => loss().dataSync()[0] as number);
          };
          const error = directionalError(f, store.values(), gradient, 16);
          t.true(error < 5e-3, `${JSON.stringify(objective)} ${contextDim} ${name}: ${error}`);
        }
        x.dispose();
        options.context?.dispose();
      });
      gan.dispose();
    }
  }
});

test.serial('the gradient penalty of a linear critic is (|w| − 1)², whatever the points', (t) => {
  const gan = smallGan(
    { objective: { loss: 'wasserstein', gradientPenalty: 3, pac: 2 } },
    { criticHidden: [] },
  );
  const store = new VariableStore(gan.critic.variables);
  store.assign(Float32Array.of(1, -2, 0.5, 1.5, 0.3));
  const [x, fake] = [normalMatrix(8, 2, 1), normalMatrix(8, 2, 2)];
  const { penalty } = gan.criticLosses(x, fake, new Random(1), {});
  const norm = Math.hypot(1, -2, 0.5, 1.5);
  t.true(Math.abs((penalty.dataSync()[0] as number) - 3 * (norm - 1) ** 2) < 1e-4);
  gan.dispose();
});

test.serial('kernels under spectral normalisation have norm 1, and the layers get their own back', (t) => {
  const gan = smallGan({ objective: { spectralNormalisation: true } }, { criticHidden: [] });
  const store = new VariableStore(gan.critic.variables);
  store.assign(Float32Array.of(3, -4, 0.25));
  for (let k = 0; k < 3; k++) gan.spectral?.update();
  const x = tf.tensor2d([1, 0, 0, 1], [2, 2]);
  const outputs = gan.judge(x).dataSync();
  t.true(Math.abs((outputs[0] as number) - (3 / 5 + 0.25)) < 1e-6);
  t.true(Math.abs((outputs[1] as number) - (-4 / 5 + 0.25)) < 1e-6);
  t.deepEqual(gan.critic.apply(x).dataSync(), Float32Array.of(3.25, -3.75));
  gan.dispose();
});

test.serial('rows are a function of the seed, and come one by one or together', (t) => {
  const gan = smallGan({ contextDim: 1 });
  const context = normalMatrix(5, 1, 3);
  leavesNoTensors(t, () => {
    const draw = (seed: number) => {
      const rows = gan.sample(5, { seed, context });
      const values = rows.dataSync();
      rows.dispose();
      return values;
    };
    t.deepEqual(draw(1), draw(1));
    t.notDeepEqual(draw(1), draw(2));
    const none = gan.sample(0, { context: tf.zeros([0, 1]) });
    t.deepEqual(none.shape, [0, 2]);
    none.dispose();
  });
  context.dispose();
  gan.dispose();
});

test.serial('networks and rows that do not fit are refused with what would', (t) => {
  const usage = (objective: object, what: RegExp) =>
    t.regex(t.throws(() => smallGan({ objective }), { instanceOf: PushforwardError }).message, what);
  usage({ loss: 'best' }, /the loss is best; give one of minimax/);
  usage({ pac: 1.5 }, /packs of 1.5; give a whole number/);
  usage({ r1: -1 }, /r1 is -1/);
  usage({ latent: 'cauchy' }, /give normal or uniform/);
  const gan = smallGan({ objective: { pac: 4 } });
  const refused = (x: Tensor, what: RegExp) =>
    t.regex(t.throws(() => gan.losses(x), { instanceOf: PushforwardError }).message, what);
  refused(tf.zeros([6, 2]), /rows are \[6,2\]; give float32 \[a multiple of 4, 2\]/);
  refused(tf.zeros([4, 3]), /rows are \[4,3\]/);
  const { generator, critic } = gan;
  const made = () =>
    new (gan.constructor as typeof import('../../src/gan/gan.js').Gan)({
      shape: [2],
      latentDim: 3,
      generator: generator.model,
      critic: critic.model,
    });
  t.regex(t.throws(made, { instanceOf: PushforwardError }).message, /the critic: takes \[rows, 8\]/);
  gan.dispose();
});
