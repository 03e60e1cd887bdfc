import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import test from 'ava';
import type { GanConfig } from '../../src/gan/config.js';
import {
  buildGan,
  exportGan,
  type FloatArray,
  Gan,
  layers,
  loadGan,
  loadOnnx,
  loadOnnxNetwork,
  PushforwardError,
  saveGan,
  tf,
} from '../../src/index.js';
import { maxRelativeError } from '../../src/onnx/compare.js';
import { normals } from '../flows/laws.js';

test.before(() => tf.ready());

const dense = (inputs: number, units: number) => {
  const input = layers.input({ shape: [inputs] });
  return layers
    .model({ inputs: input, outputs: layers.layers.dense({ units }).apply(input) as layers.SymbolicTensor })
    .toJSON(null, false) as object;
};

const configurations: Record<string, GanConfig> = {
  'perceptrons of packs, maxout, uniform latents': {
    shape: [3],
    latentDim: 2,
    networks: { kind: 'mlp', generatorHidden: [5], criticHidden: [4], maxout: 2, batchNormalisation: true },
    objective: { pac: 2, latent: 'uniform' },
    seed: 4,
  },
  'convolutions, context, packs': {
    shape: [4, 8, 2],
    latentDim: 3,
    contextDim: 2,
    networks: { kind: 'convolutional', channels: [3, 4], pixels: 'tanh' },
    objective: { pac: 2, loss: 'hinge' },
  },
  'convolutions, spectral normalisation': {
    shape: [4, 4, 1],
    latentDim: 3,
    networks: { kind: 'convolutional', channels: [3], batchNormalisation: false, residualBlocks: 1 },
    objective: { spectralNormalisation: true, loss: 'wasserstein' },
  },
  layers: {
    shape: [3],
    latentDim: 2,
    networks: { kind: 'layers', generator: dense(2, 3), critic: dense(3, 1) },
  },
};

for (const [name, config] of Object.entries(configurations)) {
  test.serial(
    `${name}: a saved GAN comes back with its draws and scores, and goes through ONNX`,
    async (t) => {
      const folder = await mkdtemp(join(tmpdir(), 'pushforward-'));
      const gan = await buildGan(config);
      for (const [i, weight] of [...gan.weights.values()].entries()) {
        const moved = normals(weight.size, 30 + i, 0.1);
        tf.tidy(() => weight.assign(tf.add(weight, tf.abs(tf.tensor(moved, weight.shape)))));
      }
      await saveGan(gan, config, folder);
      const again = await loadGan(folder);
      t.deepEqual(again.config, config);
      t.deepEqual(again.gan.objective, gan.objective);
      const { contextDim = 0 } = config;
      const context =
        contextDim === 0 ? {} : { context: tf.tensor2d(normals(4 * contextDim, 9), [4, contextDim]) };
      const rows = gan.sample(4, { seed: 5, ...context });
      const scores = gan.judge(rows, context.context);
      t.deepEqual(again.gan.sample(4, { seed: 5, ...context }).dataSync(), rows.dataSync());
      t.deepEqual(again.gan.judge(rows, context.context).dataSync(), scores.dataSync());

      const exported = await exportGan(gan, join(folder, 'onnx'), { heldOut: { energy: 0.5 } });
      t.deepEqual(
        exported.files.map((path) => basename(path)),
        ['generator.onnx', 'critic.onnx'],
      );
      const generator = await loadOnnxNetwork(exported.files[0] as string);
      t.is(generator.metadata.heldOut.energy, 0.5);
      t.deepEqual(generator.metadata.shape, config.shape);
      const given = context.context === undefined ? {} : { context: context.context.dataSync<'float32'>() };
      const drawn = await generator.sample(4, { seed: 5, ...given });
      const [n, h, w, c] = rows.shape;
      t.deepEqual(drawn.dims, rows.rank === 4 ? [n, c, h, w] : rows.shape);
      const first = rows.rank === 4 ? tf.transpose(rows, [0, 3, 1, 2]) : rows;
      t.true(maxRelativeError(drawn.data, first.dataSync()) < 1e-4);
      await generator.close();

      const critic = await loadOnnxNetwork(exported.files[1] as string);
      const { pac } = gan.objective;
      t.is(critic.metadata.pac, pac);
      const error = await t.throwsAsync(critic.sample(1), { instanceOf: PushforwardError });
      t.is(error?.code, 'unsupported');
      const packs = tf.concat(tf.split(first, pac, 0), rows.rank === 4 ? 1 : -1);
      const judged = await critic.run({
        [rows.rank === 4 ? 'image' : 'x']: { dims: packs.shape, data: packs.dataSync<'float32'>() },
        ...(context.context === undefined
          ? {}
          : {
              context: {
                dims: [4 / pac, pac * contextDim],
                data: tf.concat(tf.split(context.context, pac, 0), 1).dataSync<'float32'>(),
              },
            }),
      });
      t.true(maxRelativeError((judged.score as FloatArray).data, scores.dataSync()) < 1e-4);
      await critic.close();
      gan.dispose();
      again.gan.dispose();
    },
  );
}

test.serial('files of tables and of networks are each opened by their own function', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'pushforward-'));
  const gan = await buildGan(configurations.layers as GanConfig);
  const { files } = await exportGan(gan, folder);
  gan.dispose();
  const error = await t.throwsAsync(loadOnnx(files[0] as string), { instanceOf: PushforwardError });
  t.is(error?.code, 'input');
  t.regex(error?.message ?? '', /generator of a gan.*loadOnnxNetwork/);
  const bytes = await readFile(files[0] as string, 'latin1');
  const damaged = join(folder, 'damaged.onnx');
  for (const [from, to] of [
    ['"role":"generator"', '"role":"genaretor"'],
    ['"role":"generator"', '"role":"encoder"  '],
    ['"kind":"network"', '"kind":"netwalk"'],
  ] as const) {
    t.true(bytes.includes(from));
    await writeFile(damaged, bytes.replace(from, to), 'latin1');
    const refused = await t.throwsAsync(loadOnnxNetwork(damaged), { instanceOf: PushforwardError });
    t.is(refused?.code, 'damaged', to);
  }
});

test.serial('what is no saved GAN, or no GAN at all, is refused', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'pushforward-'));
  const codeOf = async () => (await t.throwsAsync(loadGan(folder), { instanceOf: PushforwardError }))?.code;
  t.is(await codeOf(), 'input');
  const config = configurations.layers as GanConfig;
  const gan = await buildGan(config);
  await saveGan(gan, config, folder);
  gan.dispose();
  const path = join(folder, 'gan.json');
  const text = await readFile(path, 'utf8');
  for (const damage of ['{', 'null', '{"version":1}', text.replace('"latentDim": 2', '"latentDim": 3')]) {
    await writeFile(path, damage);
    t.is(await codeOf(), 'damaged');
  }
  const { networks } = configurations['convolutions, context, packs'] as GanConfig;
  for (const [bad, code] of [
    [{ ...config, latentDim: 0 }, 'usage'],
    [{ ...config, networks: { kind: 'transformer' } }, 'usage'],
    [{ ...config, networks: { kind: 'layers', generator: {}, critic: {} } }, 'usage'],
    [{ ...config, networks: { kind: 'layers', generator: dense(2, 4), critic: dense(3, 1) } }, 'shape'],
    [{ shape: [5, 5, 1], latentDim: 2, networks }, 'usage'],
  ] as const) {
    const error = await t.throwsAsync(buildGan(bad as unknown as GanConfig), {
      instanceOf: PushforwardError,
    });
    t.is(error?.code, code);
  }
  const sizes = { shape: [3], latentDim: 2 };
  const model = await layers.models.modelFromJSON(dense(2, 4) as never);
  const error = t.throws(() => new Gan({ ...sizes, generator: model, critic: model }), {
    instanceOf: PushforwardError,
  });
  t.regex(error?.message ?? '', /the generator.*puts out \[rows, 4\].*\[rows, 3\]/);
});
