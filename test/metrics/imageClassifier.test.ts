import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import '../../src/backend/index.js';
import { type ImageSet, takeImages } from '../../src/data/images/imageSet.js';
import { readImages } from '../../src/data/images/readImages.js';
import { PushforwardError } from '../../src/errors.js';
import { compareFeatures, featureDistances } from '../../src/metrics/featureDistances.js';
import { fitImageClassifier } from '../../src/metrics/fitImageClassifier.js';
import { IMAGE_FEATURES, ImageClassifier } from '../../src/metrics/imageClassifier.js';
import { loadImageClassifier, saveImageClassifier } from '../../src/metrics/savedImageClassifier.js';
import { Random } from '../../src/random.js';
import { type Tensor, tf } from '../../src/tf.js';
import { writeSafeTensors } from '../../src/train/safetensors.js';

test.before(() => tf.ready());

const shape = { height: 8, width: 6, channels: 2 };
const SIZE = 96;

/** Noise with one quarter of the image, its class, brighter. */
function quarters(count: number, seed: number): ImageSet {
  const labels = Int32Array.from({ length: count }, (_, i) => i % 4);
  const noise = new Random(seed).uniform(new Float32Array(count * SIZE));
  const pixels = noise.map((value, i) => {
    const [y, x] = [Math.floor((i % SIZE) / 12), Math.floor((i % 12) / 2)];
    const quarter = 2 * Math.floor(y / 4) + Math.floor(x / 3);
    return 0.6 * value + (quarter === labels[Math.floor(i / SIZE)] ? 0.4 : 0);
  });
  return { shape, count, pixels, labels, classes: ['a', 'b', 'c', 'd'], source: 'quarters' };
}

const tensorOf = ({ pixels, count }: ImageSet): Tensor =>
  tf.tensor(Float32Array.from(pixels), [count, 8, 6, 2]);

const training = quarters(600, 1);
const validation = quarters(80, 2);

test.serial('a classifier learns what tells classes apart, and its file gives the same one', async (t) => {
  const records: number[] = [];
  const before = tf.memory().numTensors;
  const fitted = await fitImageClassifier({
    training,
    validation,
    epochs: 8,
    batchSize: 20,
    seed: 3,
    onEpoch: ({ factors }) => void records.push(factors.classifier?.measures?.accuracy as number),
  });
  t.true(fitted.accuracy > 0.97, `${fitted.accuracy}`);
  t.is(records.length, 8);
  const folder = mkdtempSync(join(tmpdir(), 'pushforward-classifier-'));
  try {
    const path = join(folder, 'new', 'classifier.safetensors');
    await saveImageClassifier(fitted.classifier, path);
    const loaded = await loadImageClassifier(path);
    tf.tidy(() => {
      const x = tensorOf(quarters(40, 5));
      t.deepEqual(loaded.probabilities(x).dataSync(), fitted.classifier.probabilities(x).dataSync());
      t.deepEqual(loaded.features(x).dataSync(), fitted.classifier.features(x).dataSync());
      const { confidence, shares } = loaded.recognise(x);
      t.true(confidence > 0.8 && confidence <= 1);
      for (const share of shares) t.true(Math.abs(share - 0.25) <= 0.05);
    });
    loaded.dispose();
    await writeSafeTensors(path, { tensors: new Map(), metadata: {} });
    const damaged = await t.throwsAsync(loadImageClassifier(path), { instanceOf: PushforwardError });
    t.is(damaged.code, 'damaged');
    t.regex(damaged.message, /describes no classifier of images; fit one with/);
    const metadata = { imageClassifier: JSON.stringify({ version: 1, shape, classes: 4 }) };
    await writeSafeTensors(path, { tensors: new Map(), metadata });
    t.regex(
      (await t.throwsAsync(loadImageClassifier(path), { instanceOf: PushforwardError })).message,
      /has no 800 weights 0/,
    );
  } finally {
    rmSync(folder, { recursive: true });
    fitted.classifier.dispose();
  }
  t.is(tf.memory().numTensors, before);
});

test.serial('images in blocks are classified as one by one, and nothing is left behind', (t) => {
  const classifier = new ImageClassifier({ shape, classes: 4, seed: 7 });
  const images = quarters(1203, 4);
  const x = tensorOf(images);
  const before = tf.memory().numTensors;
  const probabilities = classifier.probabilities(x);
  const features = classifier.features(x);
  const labels = classifier.labels(x);
  const { confidence, shares } = classifier.recognise(x);
  t.deepEqual(
    [probabilities.shape, features.shape],
    [
      [1203, 4],
      [1203, IMAGE_FEATURES],
    ],
  );
  const rows = probabilities.arraySync();
  t.true(rows.every((row) => Math.abs(row.reduce((a, b) => a + b) - 1) < 1e-5));
  t.true(rows.every((row, i) => row[labels[i] as number] === Math.max(...row)));
  const greatest = rows.reduce((sum, row) => sum + Math.max(...row), 0) / 1203;
  t.true(Math.abs(confidence - greatest) < 1e-5);
  shares.forEach((share, label) => {
    t.true(Math.abs(share - labels.filter((one) => one === label).length / 1203) < 1e-6);
  });
  for (const row of [0, 499, 500, 1202]) {
    tf.tidy(() => {
      const alone = classifier.apply(tf.slice(tf.reshape(x, [1203, SIZE]), [row, 0], [1, SIZE]));
      const differences = [
        tf.sub(tf.exp(alone.logProbabilities), tf.slice(probabilities, [row, 0], [1, 4])),
        tf.sub(alone.features, tf.slice(features, [row, 0], [1, IMAGE_FEATURES])),
      ];
      for (const difference of differences)
        t.true((tf.max(tf.abs(difference)).dataSync()[0] as number) < 1e-5);
    });
  }
  tf.tidy(() => t.deepEqual(classifier.probabilities(tf.zeros([0, 8, 6, 2])).shape, [0, 4]));
  probabilities.dispose();
  features.dispose();
  t.is(tf.memory().numTensors, before);
  classifier.dispose();
});

test.serial('a sample that is the second half of the real images has half of their floor', (t) => {
  const classifier = new ImageClassifier({ shape, classes: 4, seed: 7 });
  tf.tidy(() => {
    const real = tensorOf(quarters(120, 6));
    const [first, second] = [tf.slice(real, 0, 60), tf.slice(real, 60, 60)];
    const { rows, model, real: floor } = compareFeatures(classifier, real, second);
    t.is(rows, 60);
    t.deepEqual(floor, featureDistances(classifier, first, second));
    const same = featureDistances(classifier, second, second);
    t.true(same.frechet < 1e-6 * floor.frechet);
    for (const name of ['frechet', 'kernel'] as const) {
      t.true(Math.abs(model[name] - (floor[name] + same[name]) / 2) < 1e-9, name);
    }
    const dark = compareFeatures(classifier, real, tf.mul(second, 0.2)).model;
    t.true(dark.frechet > 3 * floor.frechet && dark.kernel > floor.kernel);
  });
  classifier.dispose();
});

test.serial('images that cannot be learnt from are refused', async (t) => {
  const { labels: _, classes: __, ...bare } = validation;
  const refused = async (options: Partial<Parameters<typeof fitImageClassifier>[0]>, what: RegExp) => {
    const error = await t.throwsAsync(fitImageClassifier({ training, validation, ...options }), {
      instanceOf: PushforwardError,
    });
    t.regex(error.message, what);
  };
  await refused({ training: bare }, /holds no labels/);
  await refused(
    { validation: { ...validation, classes: ['a', 'b', 'c', 'd', 'e'] } },
    /not of the shape and classes/,
  );
  const classifier = new ImageClassifier({ shape, classes: 4 });
  const wrong = t.throws(() => classifier.probabilities(tf.zeros([3, 8, 8, 1])), {
    instanceOf: PushforwardError,
  });
  t.regex(wrong.message, /images are \[3,8,8,1\]; give float32 \[images, 8, 6, 2\]/);
  classifier.dispose();
});

test.serial('three thousand digits are enough for nine in ten of others', async (t) => {
  const folder = join(process.cwd(), '..', 'shared', 'data', 'mnist');
  if (!existsSync(folder)) {
    t.log('skipped: the digits are not there');
    t.pass();
    return;
  }
  const digits = await readImages(folder, { part: 'test' });
  const part = (first: number, count: number) =>
    takeImages(
      digits,
      Int32Array.from({ length: count }, (_, i) => first + i),
    );
  const { classifier, accuracy } = await fitImageClassifier({
    training: part(0, 3000),
    validation: part(3000, 1000),
    epochs: 4,
    batchSize: 50,
  });
  t.true(accuracy > 0.9, `${accuracy}`);
  classifier.dispose();
});
