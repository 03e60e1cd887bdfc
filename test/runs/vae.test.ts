import { existsSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import {
  arrayRows,
  binarisedRows,
  buildVae,
  exportVae,
  fitVae,
  type ImageSet,
  imageRows,
  layers,
  loadOnnxNetwork,
  loadVae,
  PushforwardError,
  prefetchedRows,
  type RowSource,
  readImages,
  saveVae,
  takeImages,
  tf,
  type Vae,
} from '../../src/index.js';
import { maxRelativeError } from '../../src/onnx/compare.js';
import type { FactorRecord } from '../../src/train/fit.js';
import type { VaeConfig } from '../../src/vae/config.js';
import { publicData } from '../data/files.js';
import { difference, normals } from '../flows/laws.js';
import { linearGaussian, meanOf } from '../vae/support.js';

test.before(() => tf.ready());

const image = { shape: [4, 4, 1], latentDim: 2, networks: { kind: 'convolutional', channels: [3] } } as const;

test.serial('a linear VAE learns the principal components that its rows were made of', async (t) => {
  t.timeout(60_000);
  const model = linearGaussian();
  const rowsOf = (seed: number, n: number) =>
    model.vae.sample(n, { seed, observationNoise: true }) as tf.Tensor2D;
  const [training, validation, test] = [rowsOf(1, 2000), rowsOf(2, 500), rowsOf(3, 1000)];
  const vae = await buildVae({
    shape: [4],
    latentDim: 2,
    networks: { kind: 'mlp', hidden: [] },
    likelihood: { kind: 'gaussian' },
  });
  const records: FactorRecord[] = [];
  const result = await fitVae(vae, {
    training: { x: arrayRows(training.dataSync<'float32'>(), 4) },
    validation: { x: arrayRows(validation.dataSync<'float32'>(), 4) },
    epochs: 120,
    batchSize: 500,
    learningRate: 0.05,
    onEpoch: ({ factors }) => {
      records.push(factors.vae as FactorRecord);
    },
  });
  t.true(result.epochs > 20);
  const exact = meanOf(model.exact(test));
  const found = meanOf(vae.logProb(test, { samples: 500 }).dataSync());
  t.true(Math.abs(found - exact) < 0.03, `${found} nats, and the law itself ${exact}`);
  const bound = meanOf(vae.elbo(test, { samples: 50 }).elbo.dataSync());
  t.true(bound < found + 0.01 && bound > found - 0.05, `a bound of ${bound}`);
  const { measures } = records.at(-1) as FactorRecord;
  t.is(measures?.activeUnits, 2);
  t.is([measures?.klPerDimension].flat().length, 2);
  vae.dispose();
  model.vae.dispose();
});

test.serial(
  'a fit that is resumed ends on the bits of one that is not, batch normalisation and all',
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'pushforward-'));
    const grey = arrayRows(
      normals(640, 8).map((value) => 1 / (1 + Math.exp(-2 * value))),
      16,
    );
    const weightsAfter = async (path: string, stops: readonly number[]) => {
      let weights: Float32Array[] = [];
      for (const stop of stops) {
        const vae = await buildVae({
          ...image,
          likelihood: { kind: 'bernoulli' },
          objective: { warmUpEpochs: 3 },
        });
        const control = new AbortController();
        await fitVae(vae, {
          training: { x: binarisedRows(grey, 1) },
          validation: { x: binarisedRows(grey, 2) },
          epochs: 4,
          batchSize: 16,
          checkpoint: { path, fingerprint: 'same', resume: true },
          signal: control.signal,
          onEpoch: ({ epoch }) => {
            if (epoch === stop) control.abort();
          },
        });
        weights = [...vae.latentModel.weights.values()].map((weight) => weight.dataSync<'float32'>().slice());
        vae.dispose();
      }
      return weights;
    };
    const whole = await weightsAfter(join(folder, 'whole'), [4]);
    t.deepEqual(await weightsAfter(join(folder, 'parts'), [2, 4]), whole);
    t.true(whole.every((values) => values.every(Number.isFinite)));
  },
);

test.serial('rows that are read ahead give the same weights; each is told two batches before', async (t) => {
  const pixels = Uint8Array.from(normals(960, 3), (value) => 128 + 40 * value);
  const shape = { height: 4, width: 4, channels: 1 };
  const images: ImageSet = { shape, count: pixels.length / 16, pixels, source: 'memory' };
  const validation = { x: imageRows(images) };
  const weightsOf = async (x: RowSource) => {
    const vae = await buildVae({ ...image, likelihood: { kind: 'gaussian' } });
    await fitVae(vae, { training: { x }, validation, epochs: 2, batchSize: 16 });
    const weights = [...vae.latentModel.weights.values()].map((weight) =>
      weight.dataSync<'float32'>().slice(),
    );
    vae.dispose();
    return weights;
  };
  const options = { dequantise: true, flip: true, seed: 1 };
  const ahead = await prefetchedRows(images, options);
  const told: string[] = [];
  const depths: number[] = [];
  const watched: RowSource = {
    rows: ahead.rows,
    width: ahead.width,
    startEpoch(epoch) {
      ahead.startEpoch?.(epoch);
    },
    prefetch(places) {
      told.push(places.join());
      ahead.prefetch(places);
    },
    read(places, out) {
      // What is measured between epochs is read on the spot.
      if (told[0] === places.join()) depths.push(told.length);
      told.splice(0, 1);
      ahead.read(places, out);
    },
  };
  t.deepEqual(await weightsOf(watched), await weightsOf(imageRows(images, options)));
  // First all rows are checked, in one piece.
  t.deepEqual(depths, [1, 3, 3, 2, 1, 3, 3, 2, 1]);
  await ahead.close();
});

const dense = (inputs: number, units: number) => {
  const input = layers.input({ shape: [inputs] });
  return layers
    .model({ inputs: input, outputs: layers.layers.dense({ units }).apply(input) as layers.SymbolicTensor })
    .toJSON(null, false) as object;
};

const configurations: Record<string, VaeConfig> = {
  convolutional: { ...image, likelihood: { kind: 'continuousBernoulli' }, seed: 3 },
  'with context, a flow on top and a mixture': {
    shape: [3],
    latentDim: 2,
    contextDim: 2,
    networks: { kind: 'mlp', hidden: [4], activation: 'elu' },
    likelihood: { kind: 'gaussian', scale: 'perOutput' },
    prior: { kind: 'gaussianMixture', components: 3 },
    posteriorFlow: { preset: 'iaf', layers: 1, hidden: [4], contextDim: 2 },
    objective: { bound: 'iwae', samples: 3 },
  },
  VampPrior: {
    shape: [3],
    latentDim: 2,
    networks: { kind: 'mlp', hidden: [4] },
    likelihood: { kind: 'categorical', levels: 3 },
    prior: { kind: 'vampPrior', components: 4 },
  },
  'layers, a flow as prior': {
    shape: [3],
    latentDim: 2,
    networks: { kind: 'layers', encoder: dense(3, 4), decoder: dense(2, 3) },
    likelihood: { kind: 'bernoulli' },
    prior: { kind: 'flow', flow: { preset: 'realNvp', layers: 2, hidden: [4] }, trained: false },
  },
};

/** The exported generator gives the rows that the model draws without noise for the same seed. */
async function drawsInOnnx(t: ExecutionContext, vae: Vae, path: string) {
  const network = await loadOnnxNetwork(path);
  const { contextDim } = vae.latentModel;
  const context = contextDim === 0 ? undefined : (tf.ones([3, contextDim]) as tf.Tensor2D);
  const rows = vae.sample(3, { seed: 2, ...(context && { context }) });
  const given = context && { context: context.dataSync<'float32'>() };
  const drawn = await network.sample(3, { seed: 2, ...given });
  // One channel: the order of the axes makes no difference.
  t.true(maxRelativeError(drawn.data, rows.dataSync()) < 1e-4);
  await network.close();
}

for (const [name, config] of Object.entries(configurations)) {
  test.serial(`${name}: a saved model comes back with its draws and figures`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'pushforward-'));
    const vae = await buildVae(config);
    for (const [i, weight] of [...vae.latentModel.weights.values()].entries()) {
      const moved = normals(weight.size, 30 + i, 0.1);
      tf.tidy(() => weight.assign(tf.add(weight, tf.abs(tf.tensor(moved, weight.shape)))));
    }
    await saveVae(vae, config, folder);
    const again = await loadVae(folder);
    t.deepEqual(again.config, config);
    t.deepEqual(again.vae.objective, vae.objective);
    const exported = await exportVae(vae, join(folder, 'onnx'));
    t.deepEqual(
      exported.files.map((path) => basename(path)),
      ['encoder.onnx', 'decoder.onnx', 'generator.onnx'],
    );
    t.true(exported.files.every((path) => existsSync(path)) && exported.maxRelativeError < 1e-4);
    await drawsInOnnx(t, vae, exported.files[2] as string);
    tf.tidy(() => {
      const context = config.contextDim === undefined ? {} : { context: tf.ones([3, 2]) as tf.Tensor2D };
      const x = vae.sample(3, { seed: 1, observationNoise: true, ...context });
      t.deepEqual(
        again.vae.sample(3, { seed: 1, observationNoise: true, ...context }).dataSync(),
        x.dataSync(),
      );
      const logProb = vae.logProb(x, { samples: 3, ...context }).dataSync();
      t.true(logProb.every(Number.isFinite));
      t.deepEqual(again.vae.logProb(x, { samples: 3, ...context }).dataSync(), logProb);
    });
    vae.dispose();
    again.vae.dispose();
  });
}

test.serial('what is no saved model is refused', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'pushforward-'));
  const codeOf = async () => (await t.throwsAsync(loadVae(folder), { instanceOf: PushforwardError }))?.code;
  t.is(await codeOf(), 'input');
  const config = configurations.VampPrior as VaeConfig;
  const vae = await buildVae(config);
  await saveVae(vae, config, folder);
  const path = join(folder, 'vae.json');
  const text = await readFile(path, 'utf8');
  for (const damage of ['{', 'null', '{"version":1}', text.replace('"components": 4', '"components": 5')]) {
    await writeFile(path, damage);
    t.is(await codeOf(), 'damaged');
  }
  await writeFile(path, text.replace('"kind": "mlp"', '"kind": "transformer"'));
  t.is(await codeOf(), 'damaged');
  vae.dispose();
  for (const bad of [
    { ...config, latentDim: 0 },
    { ...config, shape: [] },
    { ...config, prior: { kind: 'horseshoe' } },
    { ...config, prior: { kind: 'vampPrior', components: 0 } },
    { ...config, prior: { kind: 'flow', flow: { preset: 'toString' } } },
  ]) {
    const error = await t.throwsAsync(buildVae(bad as unknown as VaeConfig), {
      instanceOf: PushforwardError,
    });
    t.is(error?.code, 'usage');
  }
});

test.serial('handwritten digits: better than independent pixels after a few epochs', async (t) => {
  t.timeout(120_000);
  const path = publicData(t, 'mnist');
  if (path === null) return;
  const digits = await readImages(path);
  const [training, validation] = [
    [0, 1200],
    [1200, 300],
  ].map(([first, count]) =>
    imageRows(
      takeImages(
        digits,
        Int32Array.from({ length: count as number }, (_, i) => (first as number) + i),
      ),
    ),
  ) as [RowSource, RowSource];
  const vae = await buildVae({
    shape: [28, 28, 1],
    latentDim: 10,
    networks: { kind: 'mlp', hidden: [64] },
    likelihood: { kind: 'bernoulli' },
  });
  await fitVae(vae, {
    training: { x: binarisedRows(training, 1) },
    validation: { x: binarisedRows(validation, 2) },
    epochs: 12,
    learningRate: 8e-3,
    batchSize: 50,
  });
  const values = new Float32Array(100 * 784);
  binarisedRows(validation, 2).read(
    Int32Array.from({ length: 100 }, (_, i) => i),
    values,
  );
  const x = tf.tensor4d(values, [100, 28, 28, 1]);
  const bound = meanOf(vae.elbo(x).elbo.dataSync());
  const logProb = meanOf(vae.logProb(x, { samples: 50 }).dataSync());
  // The best that independent pixels can do on binarised digits is about −206 nats.
  t.true(bound > -180 && bound < logProb, `a bound of ${bound}, ${logProb} nats`);
  t.true(difference(vae.reconstruct(x), x) < 1);
  vae.dispose();
});
