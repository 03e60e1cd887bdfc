import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import test, { type ExecutionContext } from 'ava';
import { type ImageRowsOptions, imageRows } from '../../../src/data/images/imageRows.js';
import type { ImageSet } from '../../../src/data/images/imageSet.js';
import { labelRows } from '../../../src/data/images/labels.js';
import { type PictureSet, takePictures } from '../../../src/data/images/pictures.js';
import { type PrefetchedRows, prefetchedRows } from '../../../src/data/images/prefetchedRows.js';
import { openPictures, readImages } from '../../../src/data/images/readImages.js';
import { binarisedRows, type RowSource } from '../../../src/data/rowSource.js';
import { encodePng } from '../../../src/report/png.js';
import { expectFailure } from '../files.js';
import { countingBytes } from './files.js';
import { folderOf, greyPng } from './pictureFiles.js';

const options = { range: 'symmetric', dequantise: true, flip: true, seed: 7 } as const;

/** A folder of 40 pictures in two classes. */
async function folder(t: ExecutionContext): Promise<string> {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < 40; i++) {
    const bytes = countingBytes(60 + i).subarray(i);
    files[`${i % 2}/${i}.png`] = encodePng(bytes, { height: 4, width: 5, channels: 3 });
  }
  return folderOf(t, files);
}

async function open(
  t: ExecutionContext,
  images: ImageSet | PictureSet,
  rowsOptions: ImageRowsOptions = {},
): Promise<PrefetchedRows> {
  const rows = await prefetchedRows(images, rowsOptions);
  t.teardown(() => rows.close());
  return rows;
}

function readAt(rows: RowSource, ...places: number[]): Float32Array {
  const out = new Float32Array(places.length * rows.width);
  rows.read(Int32Array.from(places), out);
  return out;
}

/** Waits, without a turn of the event loop, until so many answers lie ready. */
function waitUntilReady(rows: PrefetchedRows, count: number): void {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (let i = 0; i < 4000 && rows.ready < count; i++) Atomics.wait(clock, 0, 0, 5);
}

test('rows of images in memory and of files are those that are made on the spot, whatever was told', async (t) => {
  const path = await folder(t);
  const images = await readImages(path);
  const sources = [await open(t, images, options), await open(t, await openPictures(path), options)];
  for (const rows of sources) {
    const plain = imageRows(images, options);
    t.deepEqual([rows.rows, rows.width], [plain.rows, plain.width]);
    t.deepEqual(readAt(rows, 3, 39, 3), readAt(plain, 3, 39, 3), 'nothing told, before the first epoch');
    for (const epoch of [1, 2]) {
      plain.startEpoch?.(epoch);
      rows.startEpoch?.(epoch);
      const batches = [[5, 1, 30], [2], [39, 38, 0, 7], [12, 12]];
      for (const batch of batches) rows.prefetch(Int32Array.from(batch));
      t.deepEqual(readAt(rows, 5, 1, 30), readAt(plain, 5, 1, 30));
      t.deepEqual(readAt(rows, 39, 38, 0, 7), readAt(plain, 39, 38, 0, 7), 'one was left out');
      t.deepEqual(readAt(rows, 2), readAt(plain, 2), 'it is read after all');
      t.deepEqual(readAt(rows, 12, 12), readAt(plain, 12, 12));
      // Left for the next epoch, when the same places are other rows.
      rows.prefetch(Int32Array.of(8));
    }
    rows.startEpoch?.(3);
    plain.startEpoch?.(3);
    t.deepEqual(readAt(rows, 8), readAt(plain, 8));
  }
});

test('files are decoded while the main thread does something else', async (t) => {
  const path = await folder(t);
  const pictures = await openPictures(path);
  const expected = readAt(imageRows(await readImages(path)), 4, 9, 1);
  const rows = await open(t, pictures);
  rows.prefetch(Int32Array.of(4, 9, 1));
  waitUntilReady(rows, 1);
  t.is(rows.ready, 1);
  await rm(path, { recursive: true });
  t.deepEqual(readAt(rows, 4, 9, 1), expected);
  t.is(rows.ready, 0);
});

test('noise on top of prefetched rows is fetched ahead as well', async (t) => {
  const images = await readImages(await folder(t));
  const ahead = await open(t, images);
  const rows = binarisedRows(ahead, 3);
  rows.prefetch?.(Int32Array.of(1, 2));
  waitUntilReady(ahead, 1);
  t.is(ahead.ready, 1);
  t.deepEqual(readAt(rows, 1, 2), readAt(binarisedRows(imageRows(images), 3), 1, 2));
});

test('parts of a set keep their classes and their files', async (t) => {
  const path = await folder(t);
  const pictures = takePictures(await openPictures(path), Int32Array.of(39, 0, 20));
  t.deepEqual(Array.from(pictures.labels ?? []), [1, 0, 1]);
  t.deepEqual(Array.from(readAt(labelRows(pictures), 0, 1)), [0, 1, 1, 0]);
  const rows = await open(t, pictures);
  t.deepEqual(readAt(rows, 0, 1, 2), readAt(imageRows(await readImages(path)), 39, 0, 20));
  t.throws(() => takePictures(pictures, Int32Array.of(3)), { instanceOf: RangeError });
});

test('what is wrong with a file is told by the read that needs it, and the others go on', async (t) => {
  const path = await folderOf(t, {
    'a.png': greyPng(2, 2),
    'b.png': greyPng(2, 2, 9),
    'c.png': greyPng(3, 2),
  });
  const rows = await open(t, await openPictures(path));
  await writeFile(join(path, 'b.png'), greyPng(2, 2).subarray(0, 40));
  for (const place of [1, 2, 0]) rows.prefetch(Int32Array.of(place));
  await expectFailure(t, () => readAt(rows, 1), 'damaged', join(path, 'b.png'), 'cut', 'again');
  const different = () => readAt(rows, 2);
  await expectFailure(t, different, 'input', join(path, 'c.png'), 'a.png', '3 x 2 x 1', '2 x 2 x 1', 'size');
  t.deepEqual(
    Array.from(readAt(rows, 0), (value) => Math.round(255 * value)),
    [0, 1, 2, 3],
  );
});

test('after its end nothing is read; no folder of pictures, and noise for floats, are refused at once', async (t) => {
  const path = await folder(t);
  const rows = await prefetchedRows(await openPictures(path));
  rows.prefetch(Int32Array.of(1));
  await rows.close();
  await expectFailure(t, () => readAt(rows, 1), 'aborted', path, 'ended');
  await rows.close();
  await expectFailure(t, () => openPictures(join(path, '0', '0.png')), 'input', 'no folder', 'readImages');
  const floats = { ...(await readImages(path)), pixels: new Float32Array(40 * 60) };
  await expectFailure(t, () => prefetchedRows(floats, { dequantise: true }), 'usage', 'float32');
  const intensities = await open(t, floats);
  t.deepEqual(readAt(intensities, 5), new Float32Array(60));
});

test('a read from a thread that was killed fails within seconds instead of waiting for ever', async (t) => {
  const path = await folder(t);
  const pictures = await openPictures(path);
  const started: Worker[] = [];
  const note = (worker: Worker) => void started.push(worker);
  process.on('worker', note);
  const [blocked, told, alive] = await Promise.all([1, 2, 3].map(() => open(t, pictures)));
  process.off('worker', note);
  const readFrom = (rows: PrefetchedRows | undefined) => () => readAt(rows as PrefetchedRows, 3);
  const start = performance.now();
  // Not waited for, so that its end becomes known only while the read waits.
  void started[0]?.terminate();
  await expectFailure(t, readFrom(blocked), 'unsupported', path, 'has ended', 'checkpoint');
  t.true(performance.now() - start < 20_000);
  started[1]?.emit('error', new Error('out of memory'));
  await started[1]?.terminate();
  await expectFailure(t, readFrom(told), 'unsupported', path, 'has ended: out of memory');
  // One that has had nothing to do for longer than a look is not taken for one that has ended.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
  t.deepEqual(readFrom(alive)(), readAt(imageRows(await readImages(path)), 3));
});

test('a program on the command line, with flags that no thread takes, reads on and ends by itself', async (t) => {
  const path = await folder(t);
  const from = (name: string) =>
    JSON.stringify(new URL(`../../../src/data/images/${name}.js`, import.meta.url));
  const program = `
    import { prefetchedRows } from ${from('prefetchedRows')};
    import { openPictures } from ${from('readImages')};
    const rows = await prefetchedRows(await openPictures(${JSON.stringify(path)}));
    const values = new Float32Array(rows.width);
    rows.read(Int32Array.of(3), values);
    rows.prefetch(Int32Array.of(4));
    console.log(values.join());
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  t.is(stdout.trim(), readAt(imageRows(await readImages(path)), 3).join());
});
