import test from 'ava';
import '../../src/backend/index.js';
import { arrayRows } from '../../src/data/rowSource.js';
import { PushforwardError } from '../../src/errors.js';
import { buildGan, type GanConfig } from '../../src/gan/config.js';
import { GanTrainer } from '../../src/gan/trainer.js';
import { fitGan } from '../../src/runs/fitGan.js';
import { tf } from '../../src/tf.js';
import { normals } from '../flows/laws.js';
import { smallGan } from './support.js';

test.before(() => tf.ready());

const rows: GanConfig = {
  shape: [2],
  latentDim: 2,
  networks: { kind: 'mlp', generatorHidden: [4], criticHidden: [4] },
};
const images: GanConfig = {
  shape: [8, 8, 1],
  latentDim: 2,
  networks: { kind: 'convolutional', channels: [2] },
};

const noCounts = (least: number) => [Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY, least - 1];

test('configurations with numbers that make no sense are refused with what would', async (t) => {
  const refused = async (config: object, what: RegExp) => {
    const error = await t.throwsAsync(buildGan(config as GanConfig), { instanceOf: PushforwardError });
    t.is(error.code, 'usage');
    t.regex(error.message, what);
    t.regex(error.message, /; (give|build|leave) /);
  };
  const mlp = (options: object) => ({ ...rows, networks: { ...rows.networks, ...options } });
  const convolutional = (options: object) => ({ ...images, networks: { ...images.networks, ...options } });
  for (const bad of noCounts(1)) {
    await refused(mlp({ generatorHidden: [bad] }), /generatorHidden is/);
    await refused(mlp({ criticHidden: [bad] }), /criticHidden is/);
    await refused(convolutional({ channels: [bad] }), /channels is/);
    await refused(convolutional({ window: bad }), /window is/);
    await refused({ ...rows, objective: { pac: bad } }, /packs of/);
  }
  for (const bad of noCounts(0)) {
    await refused({ ...rows, contextDim: bad }, /contextDim is/);
    await refused(mlp({ maxout: bad }), /maxout is/);
  }
  await refused(mlp({ maxout: 1 }), /linear critic/);
  for (const bad of [0, -0.1, Number.NaN]) await refused(mlp({ deviation: bad }), /deviation is/);
  await refused({ ...rows, seed: Number.NaN }, /the seed is/);
  await refused(convolutional({ pixels: 'relu' }), /pixels is relu; give one of sigmoid, tanh/);
  for (const objective of [{ gradientPenalty: 10 }, { r1: 1 }])
    await refused({ ...images, objective }, /without batch normalisation/);
  (await buildGan({ ...convolutional({ batchNormalisation: false }), objective: { r1: 1 } })).dispose();
});

test.serial(
  'training with numbers that make no sense is refused, and none is silently another',
  async (t) => {
    const gan = smallGan();
    const adam = { kind: 'adam', learningRate: 1e-3 } as const;
    const options = { batchSize: 4, generator: adam, critic: adam, seed: 1 };
    const refused = (change: object, what: RegExp) =>
      t.regex(
        t.throws(() => new GanTrainer(gan, { ...options, ...change }), { instanceOf: PushforwardError })
          .message,
        what,
      );
    for (const bad of [-0.1, 1, Number.NaN]) {
      refused({ critic: { ...adam, beta1: bad } }, /the critic's beta1 is/);
      refused({ generator: { ...adam, beta2: bad } }, /the generator's beta2 is/);
      refused({ critic: { kind: 'rmsProp', learningRate: 1e-3, decay: bad } }, /the critic's decay is/);
      refused({ average: bad }, /average is/);
    }
    refused({ critic: { kind: 'sgd', learningRate: 1e-3 } }, /optimizer is sgd; give one of adam, rmsProp/);
    for (const bad of noCounts(0)) refused({ seed: bad }, /seed is/);
    const training = { x: arrayRows(normals(40, 3), 2) };
    for (const epochs of noCounts(0)) {
      const error = await t.throwsAsync(fitGan(gan, { training, batchSize: 4, epochs }));
      t.regex(error.message, /epochs is .*; give a whole number from 0/);
    }
    const none = t.throws(() => gan.losses(tf.zeros([0, 2])), { instanceOf: PushforwardError });
    t.regex(none.message, /rows are \[0,2\]/);
    gan.dispose();
  },
);
