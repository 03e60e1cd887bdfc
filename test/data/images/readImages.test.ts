import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import type { ImageSet } from '../../../src/data/images/imageSet.js';
import { readImages } from '../../../src/data/images/readImages.js';
import { expectFailure, fileOf, publicData, temporaryFolder } from '../files.js';
import { countingBytes, idxOf, npyOf, npzOf } from './files.js';

const digits = (count: number) => idxOf([count, 2, 3], countingBytes(6 * count));
const classes = (...labels: number[]) => idxOf([labels.length], Uint8Array.from(labels));

test('the folder of MNIST gives either part, packed or not, and an IDX file the labels beside it', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'train-images-idx3-ubyte'), digits(3));
  await writeFile(join(folder, 'train-labels-idx1-ubyte.gz'), gzipSync(classes(5, 0, 4)));
  await writeFile(join(folder, 't10k-images-idx3-ubyte.gz'), gzipSync(digits(1)));
  const train = await readImages(folder);
  t.deepEqual([train.count, Array.from(train.labels ?? [])], [3, [5, 0, 4]]);
  const testing = await readImages(folder, { part: 'test' });
  t.deepEqual([testing.count, testing.labels], [1, undefined]);
  const file = await readImages(join(folder, 'train-images-idx3-ubyte'));
  t.deepEqual(file.labels, train.labels);
});

test('the folder of CIFAR-10 gives its batches in order; one batch alone is read as well', async (t) => {
  const folder = await temporaryFolder(t);
  const batch = (label: number) => Buffer.alloc(3073).fill(label, 0, 1);
  await writeFile(join(folder, 'data_batch_2.bin'), batch(2));
  await writeFile(join(folder, 'data_batch_1.bin'), Buffer.concat([batch(1), batch(7)]));
  await writeFile(join(folder, 'test_batch.bin.gz'), gzipSync(batch(9)));
  await writeFile(join(folder, 'readme.html'), '');
  const labelsOf = async (images: Promise<ImageSet>) => Array.from((await images).labels ?? []);
  t.deepEqual(await labelsOf(readImages(folder)), [1, 7, 2]);
  t.deepEqual(await labelsOf(readImages(folder, { part: 'test' })), [9]);
  t.deepEqual(await labelsOf(readImages(join(folder, 'test_batch.bin.gz'))), [9]);
});

test('arrays of NumPy are known by their content', async (t) => {
  const images = npyOf('|u1', [1, 2, 3], countingBytes(6));
  t.is((await readImages(await fileOf(t, 'a', images))).shape.width, 3);
  t.is((await readImages(await fileOf(t, 'a.npy.gz', gzipSync(images)))).count, 1);
  t.is(
    (await readImages(await fileOf(t, 'a.npz', npzOf({ x_test: images }, true)), { part: 'test' })).count,
    1,
  );
});

test('what holds no images is refused with the forms that are read', async (t) => {
  const folder = await temporaryFolder(t);
  const refused = (path: string, ...words: string[]) =>
    expectFailure(t, () => readImages(path), 'input', path, ...words);
  await refused(folder, 'no images', 'MNIST', 'CIFAR-10', 'NPZ');
  await refused(join(folder, 'none'), 'no such file');
  await refused(await fileOf(t, 'a.txt', 'hello'), 'no file of images', 'IDX');
  await refused(await fileOf(t, 'empty', ''), 'no file of images');
  await refused(await fileOf(t, 'labels', classes(1, 2)), 'labels');

  await mkdir(join(folder, 'mnist'));
  await writeFile(join(folder, 'mnist', 't10k-images-idx3-ubyte'), digits(1));
  await refused(join(folder, 'mnist'), 'no train images', 'test');
  await writeFile(join(folder, 'mnist', 'train-images-idx3-ubyte'), digits(1));
  await writeFile(join(folder, 'mnist', 'train-images-idx3-ubyte.gz'), gzipSync(digits(1)));
  await refused(join(folder, 'mnist'), 'train-images-idx3-ubyte.gz', 'name the file');

  const single = await fileOf(t, 'images', digits(1));
  await expectFailure(t, () => readImages(single, { part: 'test' }), 'usage', single, 'part test');
  const cut = await fileOf(t, 'a-images-idx3-ubyte.gz', gzipSync(digits(9)).subarray(0, 40));
  await expectFailure(t, () => readImages(cut), 'damaged', cut, 'unpack');
});

test('MNIST is what it is known to be', async (t) => {
  const path = publicData(t, 'mnist');
  if (path === null) return;
  const { count, shape, labels, pixels } = await readImages(path, { part: 'test' });
  t.deepEqual([count, shape], [10_000, { height: 28, width: 28, channels: 1 }]);
  const counts = new Array<number>(10).fill(0);
  for (const label of labels ?? []) counts[label] = (counts[label] as number) + 1;
  t.deepEqual(counts, [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
  t.is((mean(pixels) / 255).toFixed(4), '0.1325');
});

test('CIFAR-10 has the colours it is known to have', async (t) => {
  const path = publicData(t, 'cifar10');
  if (path === null) return;
  const { count, labels, pixels } = await readImages(path);
  t.deepEqual([count, labels?.length], [5000, 5000]);
  // The means of all 50,000 images; these are the first tenth.
  [0.4914, 0.4822, 0.4465].forEach((expected, channel) => {
    const found = mean(pixels, channel, 3) / 255;
    t.true(Math.abs(found - expected) < 0.01, `channel ${channel}: ${found}`);
  });
});

/** The mean of every `step`-th value from `first` on. */
function mean(values: Uint8Array | Float32Array, first = 0, step = 1): number {
  let sum = 0;
  for (let i = first; i < values.length; i += step) sum += values[i] as number;
  return sum / Math.ceil((values.length - first) / step);
}
