import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { ImageSet } from '../../../src/data/images/imageSet.js';
import {
  type FitEvent,
  type FitImagesOptions,
  fitImages,
  type ImageRun,
  loadOnnxNetwork,
  loadRun,
  PushforwardError,
  takeImages,
  tf,
} from '../../../src/index.js';
import { encodePng } from '../../../src/report/png.js';
import { readSafeTensors } from '../../../src/train/safetensors.js';
import { freshFolder } from './support.js';

test.before(() => tf.ready());

const shape = { height: 4, width: 4, channels: 1 };
const SIZE = 16;

/** Images that are all of one grey: dark ones, of which there are three to one bright one. */
function shades(count: number, classes = ['night', 'noon']): ImageSet {
  const labels = Int32Array.from({ length: count }, (_, i) => (i % 4 === 3 ? 1 : 0));
  const pixels = new Uint8Array(count * SIZE);
  labels.forEach((label, i) => {
    pixels.fill(label === 0 ? i % 8 : 255 - (i % 8), i * SIZE, (i + 1) * SIZE);
  });
  return { shape, count, pixels, labels, classes, source: 'shades' };
}

const images = shades(160);

/** Bright and dark images with a texture, of sides that a flow can halve. */
function textures(): ImageSet {
  const labels = Int32Array.from({ length: 64 }, (_, i) => i % 2);
  const pixels = Uint8Array.from(
    { length: 64 * 64 },
    (_, i) => 150 * (labels[i >> 6] as number) + ((i * 7919) % 97),
  );
  const large = { height: 8, width: 8, channels: 1 };
  return { shape: large, count: 64, pixels, labels, classes: ['night', 'noon'], source: 'textures' };
}

const quick = { condition: 'labels', latent: 2, batchSize: 16, epochs: 2 } as const;
const vae = { networks: { kind: 'mlp', hidden: [64] }, epochs: 40, learningRate: 1e-2 } as const;
const gan = {
  networks: { kind: 'mlp', generatorHidden: [32], criticHidden: [32] },
  epochs: 30,
  learningRate: 5e-3,
} as const;

/** Mean brightness of each image, from 0 to 1. */
function brightness({ pixels, count }: ImageSet): number[] {
  return Array.from({ length: count }, (_, i) => {
    const own = pixels.subarray(i * SIZE, (i + 1) * SIZE);
    return Array.from(own).reduce((sum, byte) => sum + byte / 255 / SIZE, 0);
  });
}

const shareOf = ({ labels, count }: ImageSet, label: number) =>
  (labels as Int32Array).filter((one) => one === label).length / count;

const refused = async (t: import('ava').ExecutionContext, promise: Promise<unknown>) => {
  const error = await t.throwsAsync(promise, { instanceOf: PushforwardError });
  t.false((error?.message ?? '').includes('\n'));
  return `${error?.code}: ${error?.message}`;
};

for (const model of ['vae', 'gan'] as const) {
  test.serial(`${model}: images of a class look like it, and classes come in their shares`, async (t) => {
    const out = join(await freshFolder(), 'run');
    const run = await fitImages(images, { ...quick, ...(model === 'vae' ? vae : gan), model, out });
    t.deepEqual(run.classes, ['night', 'noon']);
    const [night, noon] = await Promise.all(
      ['night', 'noon'].map((condition) => run.sample(20, { condition, seed: 3 })),
    );
    const [dark, bright] = [night, noon].map((set) => brightness(set as ImageSet));
    t.true(Math.max(...(dark ?? [])) < 0.3, String(dark));
    t.true(Math.min(...(bright ?? [])) > 0.7, String(bright));
    t.is(shareOf(noon as ImageSet, 1), 1);

    const drawn = await run.sample(600, { seed: 1 });
    t.true(Math.abs(shareOf(drawn, 1) - 0.25) < 0.05, 'as a quarter of the training images');
    t.true(brightness(drawn).every((value, i) => value > 0.5 === (drawn.labels?.[i] === 1)));
    const every = await run.sample(5, { condition: 'all' });
    t.deepEqual(every.labels, Int32Array.of(0, 0, 0, 1, 1));

    const again = await loadRun(out);
    if (again.kind !== 'images') return t.fail('a run of a table');
    t.deepEqual(again.classes, run.classes);
    t.deepEqual(await again.sample(9, { seed: 5 }), await run.sample(9, { seed: 5 }));
    t.deepEqual(JSON.parse(await readFile(join(out, 'config.json'), 'utf8')).condition.classes, run.classes);

    // Drawn images have the labels of real ones, so that too many of a class are not counted against the model.
    const daylight = takeImages(
      images,
      Int32Array.from({ length: 40 }, (_, i) => 4 * i + 3),
    );
    const unlike = { ...daylight, labels: daylight.labels?.map(() => 0) as Int32Array };
    const energy = async (set: ImageSet) =>
      (await run.evaluate(set, { samples: 2 })).samples?.model.energy as number;
    t.true((await energy(daylight)) < 0.2 * (await energy(unlike)));

    const generator = await loadOnnxNetwork(join(out, 'generator.onnx'));
    t.deepEqual([generator.metadata.context, generator.metadata.classes], [2, run.classes]);
    const context = Float32Array.from({ length: 40 }, (_, i) => i % 2);
    const { data } = await generator.sample(20, { seed: 3, context });
    const apart = data.map((value, i) =>
      Math.abs(255 * Math.min(1, Math.max(0, value)) - (noon?.pixels[i] as number)),
    );
    t.true(Math.max(...apart) < 0.6, 'ONNX Runtime draws the same, but for rounding to bytes');
    await generator.close();
    run.dispose();
    again.dispose();
  });
}

test.serial('images are scored given their labels', async (t) => {
  const out = join(await freshFolder(), 'run');
  const run = await fitImages(images, { ...quick, ...vae, out });
  const some = takeImages(images, Int32Array.of(0, 3, 4));
  const mean = async (set: ImageSet) => (await run.score(set)).logProb.reduce((a, b) => a + b) / set.count;
  const right = await mean(some);
  t.true(right > (await mean({ ...some, labels: Int32Array.of(1, 0, 1) })) + 10);
  // Classes are known by their names, wherever they stand.
  const turned = { ...some, classes: ['noon', 'dusk', 'night'], labels: Int32Array.of(2, 0, 2) };
  t.is(await mean(turned), right);
  const encoder = await loadOnnxNetwork(join(out, 'encoder.onnx'));
  const context = { dims: [1, 2], data: Float32Array.of(0, 1) };
  const { mean: code } = await encoder.run({
    image: { dims: [1, 1, 4, 4], data: new Float32Array(SIZE) },
    context,
  });
  t.deepEqual(code?.dims, [1, 2]);
  await encoder.close();
  t.false(existsSync(join(out, 'interpolations')));
  t.true((await readdir(join(out, 'samples'))).includes('final.png'));
  run.dispose();
});

test.serial('a flow takes classes too, in its files as in Node', async (t) => {
  const out = join(await freshFolder(), 'run');
  const set = textures();
  const options = { model: 'glow', condition: 'labels', batchSize: 16, epochs: 3 } as const;
  const run = await fitImages(set, { ...options, learningRate: 5e-3, out });
  const some = takeImages(set, Int32Array.of(1, 3, 4));
  const { logProb } = await run.score(some, { samples: 1 });
  const other = await run.score({ ...some, labels: Int32Array.of(0, 0, 1) }, { samples: 1 });
  logProb.forEach((value, i) => {
    t.true(value > (other.logProb[i] as number) + 1, `${value} ${other.logProb[i]}`);
  });
  const drawn = await run.sample(4, { condition: 'all', seed: 2 });
  const generator = await loadOnnxNetwork(join(out, 'generator.onnx'));
  const context = Float32Array.of(1, 0, 1, 0, 0, 1, 0, 1);
  const { data } = await generator.sample(4, { seed: 2, context });
  const apart = data.map((value, i) =>
    Math.abs(255 * Math.min(1, Math.max(0, value)) - (drawn.pixels[i] as number)),
  );
  t.true(Math.max(...apart) < 0.6, 'ONNX Runtime draws the same, but for rounding to bytes');
  await generator.close();
  run.dispose();
});

for (const model of ['vae', 'wgan', 'glow'] as const) {
  test.serial(
    `${model}: a fit with labels that is stopped and resumed ends on the bits of one that is not`,
    async (t) => {
      const [whole, parts] = [await freshFolder(), await freshFolder()].map((folder) =>
        join(folder, 'run'),
      ) as [string, string];
      const flow = { condition: 'labels', batchSize: 32 } as const;
      const own = { vae: { ...quick, ...vae }, wgan: { ...quick, ...gan }, glow: flow }[model];
      const options = { ...own, epochs: 3, model };
      const set = model === 'glow' ? textures() : images;
      (await fitImages(set, { ...options, out: whole })).dispose();
      const control = new AbortController();
      const onEvent = (event: FitEvent) => {
        if (event.kind === 'epoch' && event.epoch === 2) control.abort();
      };
      const stopped = fitImages(set, { ...options, out: parts, signal: control.signal, onEvent });
      t.regex(await refused(t, stopped), /^aborted/);
      const other = {
        ...set,
        labels: set.labels?.map((label, i) => (i === 7 ? 1 - label : label)) as Int32Array,
      };
      t.regex(await refused(t, fitImages(other, { out: parts, resume: true })), /^usage/);
      if (model === 'vae') await checkOldPlan(t, set, parts);
      (await fitImages(set, { out: parts, resume: true })).dispose();
      const [one, two] = await Promise.all(
        [whole, parts].map((run) => readSafeTensors(join(run, 'model.safetensors'))),
      );
      t.deepEqual(two?.tensors, one?.tensors);
    },
  );
}

/** A run from before classes had a scale goes on without one. */
async function checkOldPlan(t: import('ava').ExecutionContext, set: ImageSet, run: string): Promise<void> {
  const old = join(await freshFolder(), 'run');
  await cp(run, old, { recursive: true });
  const readConfig = async () => JSON.parse(await readFile(join(old, 'config.json'), 'utf8'));
  const config = await readConfig();
  t.true(config.plan.config.contextScale > 1);
  delete config.plan.config.contextScale;
  await writeFile(join(old, 'config.json'), JSON.stringify(config));
  (await fitImages(set, { out: old, resume: true })).dispose();
  t.deepEqual((await readConfig()).plan, config.plan);
}

test.serial('pictures of classes that stay in their files, each class in a folder', async (t) => {
  const folder = await freshFolder();
  for (const name of images.classes as string[]) await mkdir(join(folder, name));
  images.labels?.forEach(async (label, i) => {
    const png = encodePng(images.pixels.subarray(i * SIZE, (i + 1) * SIZE) as Uint8Array, shape);
    await writeFile(join(folder, (images.classes as string[])[label] as string, `${i}.png`), png);
  });
  const run = await fitImages(folder, { ...quick, ...gan, epochs: 1, model: 'gan' });
  t.deepEqual(run.classes, ['night', 'noon']);
  run.dispose();
});

test.serial('what has no classes, or others, is refused in one line with the mend', async (t) => {
  const out = join(await freshFolder(), 'run');
  const fitted = (options: FitImagesOptions, set: ImageSet) => fitImages(set, { ...quick, out, ...options });
  const { labels: _, classes: __, ...unlabelled } = images;
  t.regex(await refused(t, fitted({}, unlabelled)), /^input: shades: holds no labels; put a file of labels/);
  const named = { ...images, classes: ['night', 'night'] };
  t.regex(await refused(t, fitted({}, named)), /^input: shades: two classes are named night/);
  const outside = { ...images, labels: images.labels?.map((label) => 2 * label) as Int32Array };
  t.regex(await refused(t, fitted({}, outside)), /^input: shades, image 4: the label 2 where there are 2/);
  const rare = { ...images, labels: images.labels?.map((_, i) => (i === 0 ? 1 : 0)) as Int32Array };
  const lone = takeImages(
    rare,
    Int32Array.from({ length: 12 }, (_, i) => i),
  );
  const shares = { validation: 0.4, test: 0.4, batchSize: 2, seed: 1 };
  t.regex(await refused(t, fitted(shares, lone)), /^input: shades: no training image is of the class noon/);
  t.regex(
    await refused(t, fitted({ condition: 'colour' as 'labels' }, images)),
    /^usage: there is no condition colour of images; give labels/,
  );
  t.false(existsSync(out));

  const run = await fitted({ ...vae, epochs: 1 }, images);
  const draw = (condition: string, of: ImageRun = run) => refused(t, of.sample(1, { condition }));
  t.regex(await draw('noun'), /^usage: there is no class noun; give one of night, noon, or all; .* noon/);
  t.regex(await draw('all'), /^usage: 1 images are fewer than the 2 classes; draw 2 or more/);
  t.regex(await refused(t, run.score(unlabelled)), /^input: shades: holds no labels/);
  const unknown = shades(8, ['night', 'dusk']);
  t.regex(
    await refused(t, run.evaluate(unknown)),
    /^input: shades, image 4: the class dusk is not known; give images of night, noon$/,
  );
  const plain = await fitImages(images, { ...vae, latent: 2, epochs: 1 });
  t.is(plain.classes, null);
  t.regex(await draw('noon', plain), /^usage: the model was fitted without classes; leave the condition out/);
  const config = join(out, 'config.json');
  await writeFile(config, (await readFile(config, 'utf8')).replace('"night",', ''));
  t.regex(await refused(t, loadRun(out)), /^damaged/);
  run.dispose();
  plain.dispose();
});
