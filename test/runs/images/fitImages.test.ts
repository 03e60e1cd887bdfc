import { existsSync, writeFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { splitRows } from '../../../src/data/split.js';
import {
  type FitEvent,
  type FitImagesOptions,
  featureDistances,
  fitImages,
  ImageClassifier,
  type ImageRun,
  type ImageSet,
  imageRows,
  layers,
  loadOnnxNetwork,
  loadRun,
  openPictures,
  PushforwardError,
  readImages,
  saveImageClassifier,
  takeImages,
  tf,
} from '../../../src/index.js';
import { encodePng } from '../../../src/report/png.js';
import { imageCatalogue } from '../../../src/runs/images/catalogue.js';
import { readSafeTensors } from '../../../src/train/safetensors.js';
import { bars, freshFolder } from './support.js';

test.before(() => tf.ready());

const grey = { height: 8, width: 8, channels: 1 };
const images = bars(120, grey);
const fresh = bars(40, grey, 9);
const quick = { epochs: 2, batchSize: 16, latent: 4 };

/** What each model leaves beside what all leave, and what is watched of it. */
const families = {
  vae: {
    roles: ['encoder', 'decoder', 'generator'],
    pictures: ['samples', 'reconstructions', 'interpolations'],
    watched: ['train', 'validation', 'reconstruction', 'KL', 'active units', '|∇|'],
  },
  gan: {
    roles: ['generator', 'critic'],
    pictures: ['samples'],
    watched: ['D(x)', 'D(G(z))', 'critic', 'generator', '|∇critic|', '|∇generator|', 'diversity'],
  },
  flow: {
    roles: ['generator', 'density'],
    pictures: ['samples'],
    watched: ['train', 'validation', 'bits', '|∇|'],
  },
};

const linesOf = async (folder: string) =>
  (await readFile(join(folder, 'metrics.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const bytesOf = async (run: ImageRun) => (await run.sample(10, { seed: 3 })).pixels;

for (const model of ['vae', 'gan', 'wgan', 'glow'] as const) {
  test.serial(`${model}: fitted, saved, loaded to the bit, measured, drawn and exported`, async (t) => {
    const out = join(await freshFolder(), 'run');
    const events: FitEvent[] = [];
    const { family } = imageCatalogue[model];
    const { roles, pictures, watched } = families[family];
    const { latent, ...others } = quick;
    const own = family === 'flow' ? others : quick;
    const run = await fitImages(images, { ...own, model, out, onEvent: (event) => void events.push(event) });
    t.is(run.kind, 'images');
    const isStopped = family !== 'gan';
    t.deepEqual(run.report.split, { train: isStopped ? 96 : 108, validation: isStopped ? 12 : 0, test: 12 });
    const again = await loadRun(out);
    if (again.kind !== 'images') return t.fail('a run of a table');
    t.deepEqual(again.report, { ...run.report, folder: out });
    const sampled = await run.sample(10, { seed: 3 });
    t.deepEqual(sampled.shape, grey);
    t.deepEqual(await bytesOf(again), sampled.pixels);
    t.notDeepEqual((await run.sample(10, { seed: 4 })).pixels, sampled.pixels);

    const files = [
      'config.json',
      'model.safetensors',
      'metrics.jsonl',
      'report.json',
      'MODEL_CARD.md',
      'checkpoints/last.safetensors',
    ];
    for (const name of [
      ...roles.map((role) => `${role}.onnx`),
      ...files,
      ...pictures.map((kind) => `${kind}/`),
    ]) {
      t.true(existsSync(join(out, name)), name);
      t.true(run.report.files.includes(name), name);
    }
    for (const kind of pictures) {
      t.deepEqual((await readdir(join(out, kind))).sort(), ['epoch-0001.png', 'epoch-0002.png', 'final.png']);
    }
    const generator = await loadOnnxNetwork(join(out, 'generator.onnx'));
    const drawn = await generator.sample(10, { seed: 3 });
    t.deepEqual(drawn.dims, [10, 1, 8, 8]);
    t.is(generator.metadata.model, family === 'flow' ? 'glow' : family);
    const apart = drawn.data.map((value, i) =>
      Math.abs(255 * Math.min(1, Math.max(0, value)) - (sampled.pixels[i] as number)),
    );
    t.true(Math.max(...apart) < 0.6, 'ONNX Runtime draws the same images, but for rounding to bytes');
    t.is(generator.metadata.heldOut.images, 12);
    await generator.close();

    const records = await linesOf(out);
    t.deepEqual(
      records.map(({ epoch }) => epoch),
      [1, 2],
    );
    const shown = events.flatMap((event) => (event.kind === 'epoch' ? [Object.keys(event.figures)] : []));
    t.deepEqual(shown, [watched, watched]);
    if (model === 'vae') {
      const { factors } = records[1] as unknown as {
        factors: { vae: { measures: Record<string, unknown> } };
      };
      const { klPerDimension, activeUnits } = factors.vae.measures;
      t.is((klPerDimension as number[]).length, 4);
      t.is(typeof activeUnits, 'number');
    } else if (family === 'gan') {
      const last = records[1] as Record<string, number>;
      for (const figure of [
        'realScore',
        'fakeScore',
        'criticGradientNorm',
        'generatorGradientNorm',
        'diversity',
      ]) {
        t.true(Number.isFinite(last[figure]), figure);
      }
    }

    const evaluation = await again.evaluate(fresh, { samples: 20 });
    t.is(evaluation.images, 40);
    t.is(evaluation.samples?.rows, 20);
    t.true((evaluation.samples?.model.energy as number) > (evaluation.samples?.real.energy as number));
    t.is(evaluation.likelihood === null, family === 'gan');
    run.dispose();
    again.dispose();
  });
}

test.serial(
  'scores are log-likelihoods in nats and bits, and those of a table of images in the same order',
  async (t) => {
    const run = await fitImages(images, { ...quick, epochs: 6 });
    const { logProb, elbo, bitsPerDimension } = await run.score(fresh, { samples: 50 });
    t.is(logProb.length, 40);
    logProb.forEach((value, i) => {
      t.true(value < 0 && Math.abs((bitsPerDimension?.[i] as number) + value / (64 * Math.LN2)) < 1e-12);
    });
    const mean = (values: Float64Array) => values.reduce((a, b) => a + b, 0) / values.length;
    t.true(mean(elbo) < mean(logProb));
    t.deepEqual((await run.score(fresh, { samples: 50 })).logProb, logProb);
    const evaluation = await run.evaluate(fresh, { samples: 50 });
    t.is(evaluation.likelihood?.logLikelihood, mean(logProb));
    // Noise is unlike anything that it was fitted to.
    const noise = { ...fresh, pixels: fresh.pixels.map((_, i) => (i * 7919) % 256) };
    t.true(mean((await run.score(noise, { samples: 50 })).logProb) < mean(logProb) - 10);
    const few = await run.evaluate(
      takeImages(
        fresh,
        Int32Array.from({ length: 5 }, (_, i) => i),
      ),
    );
    t.is(few.samples, null);
    run.dispose();
  },
);

for (const model of ['vae', 'gan', 'glow'] as const) {
  test.serial(
    `${model}: pictures that stay in their files give what those in memory do, stopped or not`,
    async (t) => {
      const folder = await freshFolder();
      const size = 64;
      for (let i = 0; i < images.count; i++) {
        const pixels = images.pixels.subarray(i * size, (i + 1) * size) as Uint8Array;
        await writeFile(join(folder, `${i}.png`), encodePng(pixels, grey));
      }
      const { latent, ...others } = quick;
      const options = { ...others, ...(model === 'glow' ? {} : { latent }), model, epochs: 3 };
      const expected = await bytesOf(await fitImages(folder, options));
      const pictures = await openPictures(folder);
      t.deepEqual(await bytesOf(await fitImages(pictures, options)), expected);

      const out = join(await freshFolder(), 'run');
      const control = new AbortController();
      const stopped = fitImages(pictures, {
        ...options,
        out,
        signal: control.signal,
        onEvent: (event) => {
          if (event.kind === 'epoch') control.abort();
        },
      });
      t.is((await t.throwsAsync(stopped, { instanceOf: PushforwardError }))?.code, 'aborted');
      t.deepEqual(await bytesOf(await fitImages(pictures, { ...options, out, resume: true })), expected);
      await writeFile(join(folder, '3.png'), encodePng(new Uint8Array(size), grey));
      const changed = fitImages(pictures, { ...options, out, resume: true });
      t.is((await t.throwsAsync(changed, { instanceOf: PushforwardError }))?.code, 'usage');
    },
  );
}

test.serial('a fit that is stopped and resumed ends on the bits of one that is not', async (t) => {
  for (const model of ['vae', 'gan', 'glow'] as const) {
    const [whole, parts] = [await freshFolder(), await freshFolder()].map((folder) =>
      join(folder, 'run'),
    ) as [string, string];
    const { latent, ...others } = quick;
    const options = { ...others, ...(model === 'glow' ? {} : { latent }), epochs: 3, model };
    (await fitImages(images, { ...options, out: whole })).dispose();
    const control = new AbortController();
    const onEvent = (event: FitEvent) => {
      if (event.kind === 'step' && event.epoch === 2 && event.step === 3) control.abort();
    };
    const error = await t.throwsAsync(
      fitImages(images, { ...options, out: parts, signal: control.signal, onEvent }),
      { instanceOf: PushforwardError },
    );
    t.is(error?.code, 'aborted');
    t.regex(error?.message ?? '', /after epoch 1.*--resume/);
    const unfinished = await t.throwsAsync(loadRun(parts), { instanceOf: PushforwardError });
    t.is(unfinished?.code, 'input');
    // The options of the first fit stand in its folder.
    (await fitImages(images, { out: parts, resume: true })).dispose();
    const [one, two] = await Promise.all(
      [whole, parts].map((run) => readSafeTensors(join(run, 'model.safetensors'))),
    );
    t.deepEqual(two?.tensors, one?.tensors);
    const figures = async (run: string) => (await linesOf(run)).map(({ rowsPerSecond: _, ...rest }) => rest);
    t.deepEqual(await figures(parts), await figures(whole));
    const picture = (run: string) => readFile(join(run, 'samples', 'epoch-0003.png'));
    t.deepEqual(await picture(parts), await picture(whole));
    const other = await t.throwsAsync(fitImages(fresh, { out: parts, resume: true }), {
      instanceOf: PushforwardError,
    });
    t.is(other?.code, 'usage');
  }
});

test.serial('validation pictures stay in their files until they are looked at', async (t) => {
  const folder = await freshFolder();
  const png = (i: number) => encodePng(images.pixels.subarray(i * 64, (i + 1) * 64) as Uint8Array, grey);
  const path = (i: number) => join(folder, `${i}.png`);
  for (let i = 0; i < images.count; i++) await writeFile(path(i), png(i));
  const { validation } = splitRows(images.count, { validation: 0.1, test: 0.1, seed: 0 });
  const held = validation[0] as number;
  const onEvent = ({ kind }: FitEvent) => {
    if (kind === 'start') writeFileSync(path(held), png(held).subarray(0, 40));
  };
  const failed = fitImages(await openPictures(folder), { ...quick, onEvent });
  const error = await t.throwsAsync(failed, { instanceOf: PushforwardError });
  t.deepEqual([error?.code, error?.where], ['damaged', path(held)]);
});

test.serial('of many test images as many are kept in memory as are looked at', async (t) => {
  const shares = { validation: 0.05, test: 0.85 };
  const run = await fitImages(bars(2500, grey), { ...quick, ...shares, model: 'gan', epochs: 1 });
  t.is(run.report.split.test, 2125);
  t.is(run.report.images, 2000);
  t.is(run.report.samples?.rows, 1000);
  run.dispose();
});

test.serial('a classifier, or its file, adds distances on its features to an evaluation', async (t) => {
  const run = await fitImages(images, { ...quick, model: 'gan' });
  const classifier = new ImageClassifier({ shape: grey, classes: 2, seed: 4 });
  const path = join(await freshFolder(), 'bars.safetensors');
  await saveImageClassifier(classifier, path);
  const { features, ...others } = await run.evaluate(fresh, { classifier });
  t.is(features?.rows, 20);
  const before = tf.memory().numTensors;
  const again = await run.evaluate(fresh, { classifier: path });
  t.is(tf.memory().numTensors, before);
  t.deepEqual(again.features, features);
  t.deepEqual({ ...others, seconds: 0 }, { ...(await run.evaluate(fresh)), seconds: 0 });
  const part = (rest: number) =>
    takeImages(
      fresh,
      Int32Array.from({ length: 20 }, (_, i) => 2 * i + rest),
    );
  const tensor = ({ pixels }: ImageSet) => tf.div(tf.tensor4d(Float32Array.from(pixels), [20, 8, 8, 1]), 255);
  const floor = tf.tidy(() => featureDistances(classifier, tensor(part(0)), tensor(part(1))));
  t.true(Math.abs((features?.real.frechet as number) - floor.frechet) < 1e-5);
  t.true(Math.abs((features?.real.kernel as number) - floor.kernel) < 1e-5);

  const other = new ImageClassifier({ shape: { height: 8, width: 6, channels: 1 }, classes: 2 });
  await saveImageClassifier(other, path);
  for (const wrong of [other, path]) {
    const error = await t.throwsAsync(run.evaluate('absent', { classifier: wrong }), {
      instanceOf: PushforwardError,
    });
    t.is(error?.code, 'input');
    t.regex(error?.message ?? '', /a classifier of 8 x 6 x 1 for images of 8 x 8 x 1; give one/);
    t.false((error?.message ?? '').includes('\n'));
  }
  for (const one of [classifier, other, run]) one.dispose();
});

test.serial('images of any size and kind find a model', async (t) => {
  const shapes: [string, ReturnType<typeof bars>, string, string][] = [
    ['odd sides', bars(40, { height: 5, width: 7, channels: 1 }), 'mlp', 'bernoulli'],
    ['colour', bars(40, { height: 12, width: 8, channels: 3 }), 'convolutional', 'discretisedLogistic'],
  ];
  const soft = bars(40, grey);
  shapes.push([
    'intensities',
    { ...soft, pixels: Float32Array.from(soft.pixels, (b) => b / 300) },
    'convolutional',
    'continuousBernoulli',
  ]);
  shapes.push([
    'greys',
    { ...soft, pixels: soft.pixels.map((b, i) => (i * 37 + b) % 256) },
    'convolutional',
    'discretisedLogistic',
  ]);
  for (const [name, set, networks, likelihood] of shapes) {
    for (const model of set.shape === grey ? (['vae'] as const) : (['vae', 'wgan'] as const)) {
      const out = join(await freshFolder(), 'run');
      const run = await fitImages(set, { out, model, epochs: 1, latent: 3 });
      const { plan } = JSON.parse(await readFile(join(out, 'config.json'), 'utf8'));
      t.is(plan.config.networks.kind, networks, name);
      if (model === 'vae') t.is(plan.config.likelihood.kind, likelihood, name);
      t.deepEqual((await run.sample(2)).shape, set.shape, name);
      if (model === 'vae') {
        const { bitsPerDimension } = await run.score(set, { samples: 2 });
        t.is(bitsPerDimension === null, likelihood === 'continuousBernoulli', name);
      }
      run.dispose();
    }
  }
});

test.serial('what cannot be fitted is refused before anything is written, with what could', async (t) => {
  const out = join(await freshFolder(), 'run');
  const refuse = async (options: FitImagesOptions, code: string, message: RegExp, source = images) => {
    const error = await t.throwsAsync(fitImages(source, { out, ...options }), {
      instanceOf: PushforwardError,
    });
    t.is(error?.code, code as never, error?.message);
    t.regex(error?.message ?? '', message);
    t.false((error?.message ?? '').includes('\n'));
    t.false(existsSync(out));
  };
  await refuse(
    { batchSize: 200 },
    'usage',
    /96 training images are fewer than a batch of 200; give --batch-size 96/,
  );
  await refuse(
    { model: 'gan', pac: 3, batchSize: 16 },
    'usage',
    /16 images .* packs of 3; give --batch-size 15/,
  );
  await refuse({ model: 'gan', pac: 500 }, 'usage', /fewer than a pack of 500; give --pac \d+ or less/);
  await refuse({ model: 'gan', patience: 3 }, 'usage', /a? ?gan has no patience; leave it out/);
  await refuse({ pac: 2 }, 'usage', /vae has no pac; leave it out, or take gan or wgan/);
  await refuse({ model: 'glow', latent: 2 }, 'usage', /glow has no latent/);
  const odd = bars(20, { height: 5, width: 7, channels: 1 });
  await refuse({ model: 'glow' }, 'usage', /5 x 7 pixels cannot be; give images with even sides/, odd);
  await refuse({ latent: 0 }, 'usage', /latent is 0/);
  await refuse({ model: 'dcgan' as 'gan' }, 'usage', /no model dcgan of images.*gan/);
  await refuse(
    { likelihood: 'discretisedLogistic' },
    'usage',
    /discretisedLogistic is of bytes.*continuousBernoulli/,
    {
      ...images,
      pixels: Float32Array.from(images.pixels, (byte) => byte / 300),
    },
  );
  await refuse(
    {},
    'input',
    /images of 2 channels; give images of 1/,
    bars(20, { height: 4, width: 4, channels: 2 }),
  );
  await refuse({}, 'input', /split/, takeImages(images, Int32Array.of(0, 1)));

  const dense = (shape: number[], outputs: number[]) => {
    const input = layers.input({ shape });
    const flat = shape.length > 1 ? layers.layers.flatten().apply(input) : input;
    const units = outputs.reduce((a, b) => a * b, 1);
    const wide = layers.layers.dense({ units }).apply(flat);
    const output = layers.layers.reshape({ targetShape: outputs }).apply(wide) as layers.SymbolicTensor;
    return layers.model({ inputs: input, outputs: output }).toJSON(null, false) as object;
  };
  const encoder = dense([8, 8, 1], [8]);
  await refuse(
    { latent: 4, networks: { kind: 'layers', encoder, decoder: dense([4], [7, 8, 1]) } },
    'shape',
    /the decoder: puts out \[rows, 7, 8, 1\]; build the model so that it is \[rows, 8, 8, 1\]/,
  );
  await refuse(
    {
      model: 'gan',
      latent: 4,
      networks: { kind: 'layers', generator: dense([4], [8, 8, 3]), critic: dense([8, 8, 1], [1]) },
    },
    'shape',
    /the generator: puts out \[rows, 8, 8, 3\]/,
  );
  await refuse(
    { model: 'gan', networks: { kind: 'layers', encoder, decoder: encoder } },
    'usage',
    /generator and critic/,
  );

  const networks = { kind: 'layers', encoder, decoder: dense([4], [8, 8, 1]) } as const;
  const run = await fitImages(images, { out, latent: 4, networks, epochs: 1 });
  t.deepEqual((await run.sample(1)).shape, grey);
  const wrong = bars(20, { height: 8, width: 6, channels: 1 });
  const error = await t.throwsAsync(run.score(wrong), { instanceOf: PushforwardError });
  t.is(error?.code, 'input');
  t.regex(error?.message ?? '', /images of 8 x 6 x 1 for a model of 8 x 8 x 1/);
  run.dispose();
});

test.serial('folders whose files are damaged are refused as such', async (t) => {
  const out = join(await freshFolder(), 'run');
  (await fitImages(images, { ...quick, epochs: 1, out })).dispose();
  const codeOf = async () => (await t.throwsAsync(loadRun(out), { instanceOf: PushforwardError }))?.code;
  const config = join(out, 'config.json');
  const text = await readFile(config, 'utf8');
  for (const damage of [
    text.replace('"model": "vae"', '"model": "vee"'),
    text.replace('"latentDim": 4', '"latentDim": 5'),
    text.replace('"family": "vae"', '"family": "van"'),
    text.replace('"kind": "convolutional"', '"kind": "conventional"'),
    text.slice(0, -10),
  ]) {
    t.not(damage, text);
    await writeFile(config, damage);
    t.is(await codeOf(), 'damaged');
  }
  await writeFile(config, text);
  const weights = join(out, 'model.safetensors');
  await writeFile(weights, (await readFile(weights)).subarray(0, -4));
  t.is(await codeOf(), 'damaged');
});

test.serial('handwritten digits: a VAE learns from some', async (t) => {
  const path = join(process.cwd(), '..', 'shared', 'data', 'mnist', 'train-images-idx3-ubyte.gz');
  if (!existsSync(path)) {
    t.log(`skipped: there is no ${path}`);
    return t.pass();
  }
  const digits = await readImages(path, { limit: 1200 });
  const networks = { kind: 'mlp', hidden: [64] } as const;
  const training = { epochs: 10, batchSize: 50, learningRate: 8e-3 };
  const run = await fitImages(digits, { networks, latent: 10, ...training });
  // The best that independent pixels can do on binarised digits is about −206 nats.
  const { likelihood } = run.report;
  t.true((likelihood?.elbo as number) > -195, `${likelihood?.elbo} nats`);
  t.true((likelihood?.logLikelihood as number) > (likelihood?.elbo as number));
  run.dispose();
});

test.serial(
  "a flow's exported density is its own, and its figures bound the probability of bytes",
  async (t) => {
    const out = join(await freshFolder(), 'run');
    const colour = { height: 8, width: 12, channels: 3 };
    const size = 288;
    const fresh = bars(20, colour, 9);
    const run = await fitImages(bars(60, colour), { model: 'glow', epochs: 2, batchSize: 16, out });
    const { logProb, elbo, bitsPerDimension } = await run.score(fresh, { samples: 3 });
    // Draws differ, so that the log of the mean is above the mean of the logs.
    t.true(logProb.every((value, i) => value > (elbo[i] as number) && value < 0));
    t.true(bitsPerDimension?.every((bits) => bits > 0 && bits < 12));
    const density = await loadOnnxNetwork(join(out, 'density.onnx'));
    const rows = imageRows(fresh, { dequantise: true });
    const first = new Float32Array(2 * size);
    rows.read(Int32Array.of(0, 1), first);
    const image = tf.transpose(tf.tensor4d(first, [2, 8, 12, 3]), [0, 3, 1, 2]);
    const { log_prob } = await density.run({
      image: { dims: image.shape, data: image.dataSync<'float32'>() },
    });
    const exact = await run.score(takeImages(fresh, Int32Array.of(0, 1)), { samples: 1 });
    exact.logProb.forEach((value, i) => {
      const expected = value + size * Math.log(256);
      t.true(Math.abs((log_prob?.data[i] as number) - expected) < 1e-3 * Math.abs(expected));
    });
    await density.close();
    run.dispose();
  },
);
