import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { naturalOrder } from '../../../src/data/images/naturalOrder.js';
import { inMemory } from '../../../src/data/images/pictures.js';
import { openImages, readImages } from '../../../src/data/images/readImages.js';
import { encodePng } from '../../../src/report/png.js';
import { expectFailure } from '../files.js';
import { countingBytes, idxOf } from './files.js';
import { folderOf, greyPng } from './pictureFiles.js';

test('pictures come in the natural order of their names, bit for bit from PNG', async (t) => {
  const files: Record<string, Uint8Array | string> = { 'notes.txt': 'no picture', '.hidden.png': 'nor this' };
  for (let i = 0; i < 40; i++) files[`${i}.png`] = greyPng(3, 5, i);
  const images = await readImages(await folderOf(t, files));
  t.deepEqual([images.count, images.shape], [40, { height: 3, width: 5, channels: 1 }]);
  t.is(images.labels, undefined);
  for (let i = 0; i < 40; i++) {
    t.deepEqual(
      Array.from(images.pixels.subarray(15 * i, 15 * (i + 1))),
      Array.from({ length: 15 }, (_, j) => i + j),
    );
  }
});

test('numbers in names count, of any length, and the order is one', (t) => {
  const names = ['a', 'a1', 'a01', 'a2', 'a2b', 'a10', 'a18446744073709551617', 'b', 'é', ''];
  const sorted = ['', 'a', 'a01', 'a1', 'a2', 'a2b', 'a10', 'a18446744073709551617', 'b', 'é'];
  t.deepEqual([...names].sort(naturalOrder), sorted);
  for (const a of names) {
    for (const b of names) {
      t.is(Math.sign(naturalOrder(a, b)) + Math.sign(naturalOrder(b, a)), 0, `${a} ${b}`);
      t.is(naturalOrder(a, b) === 0, a === b);
    }
  }
});

test('folders are classes, in either part, and links are followed', async (t) => {
  const folder = await folderOf(t, {
    'train/dog/1.png': greyPng(2, 2, 10),
    'train/cat/2.PNG': greyPng(2, 2, 20),
    'train/cat/1.png': greyPng(2, 2, 30),
    'test/dog/1.png': greyPng(2, 2, 40),
  });
  await symlink(join(folder, 'test', 'dog'), join(folder, 'train', 'elk'));
  const { classes, labels, pixels } = await readImages(folder);
  t.deepEqual(classes, ['cat', 'dog', 'elk']);
  t.deepEqual(Array.from(labels ?? []), [0, 0, 1, 2]);
  t.deepEqual(
    [0, 4, 8, 12].map((at) => pixels[at]),
    [30, 20, 10, 40],
  );
  t.is((await readImages(folder, { part: 'test' })).pixels[0], 40);
  t.is((await readImages(join(folder, 'train', 'dog'))).count, 1);
});

test('a limit takes of every class, from folders and from other files', async (t) => {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < 12; i++) files[`${'abc'[Math.floor(i / 4)]}/${i}.png`] = greyPng(1, 1, i);
  const folder = await folderOf(t, files);
  const some = await readImages(folder, { limit: 6 });
  t.deepEqual(Array.from(some.pixels), [0, 2, 4, 6, 8, 10]);
  t.deepEqual(Array.from(some.labels ?? []), [0, 0, 1, 1, 2, 2]);
  t.is((await readImages(folder, { limit: 99 })).count, 12);
  for (const limit of [0, 1.5, Number.NaN]) {
    await expectFailure(t, () => readImages(folder, { limit }), 'usage', 'whole number');
  }
});

test('pictures stay in their files from so many bytes on; other images are in memory', async (t) => {
  const folder = await folderOf(t, { '1.png': greyPng(2, 3), '2.png': greyPng(2, 3, 50) });
  t.true('pixels' in (await openImages(folder, {}, 12)));
  const pictures = await openImages(folder, {}, 11);
  t.deepEqual('files' in pictures && pictures.files, [join(folder, '1.png'), join(folder, '2.png')]);
  t.deepEqual(await inMemory(pictures), await readImages(folder));
  const digits = await folderOf(t, { 'train-images-idx3-ubyte': idxOf([2, 2, 3], countingBytes(12)) });
  t.true('pixels' in (await openImages(digits, {}, 0)));
});

test('pictures of different shapes: the first two that differ are named, with what brings them together', async (t) => {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < 30; i++) files[`${i}.png`] = greyPng(3, i < 20 ? 5 : 6);
  const mixed = await folderOf(t, files);
  await expectFailure(
    t,
    () => readImages(mixed),
    'input',
    '20.png',
    '0.png',
    '3 x 6 x 1',
    '3 x 5 x 1',
    'size',
  );
  const { shape, count } = await readImages(mixed, { size: { height: 2, width: 2 } });
  t.deepEqual([count, shape], [30, { height: 2, width: 2, channels: 1 }]);
  const colour = encodePng(countingBytes(12), { height: 2, width: 2, channels: 3 });
  const coloured = await folderOf(t, { 'a.png': greyPng(2, 2), 'b.png': colour });
  await expectFailure(t, () => readImages(coloured), 'input', 'b.png', '2 x 2 x 3', '2 x 2 x 1', 'channels');
  t.is((await readImages(coloured, { channels: 3 })).shape.channels, 3);
});

test('no pictures, empty classes, pictures beside classes, a part that is not there', async (t) => {
  const picture = greyPng(2, 2);
  for (const files of [{ 'notes.txt': 'none' }, { 'a/notes.txt': 'none' }]) {
    const none = await folderOf(t, files);
    await expectFailure(t, () => readImages(none), 'input', none, 'no images', 'PNG and JPEG');
  }
  for (const empty of ['a', 'c']) {
    const folder = await folderOf(t, { 'b/1.png': picture, [`${empty}/notes.txt`]: 'none' });
    await expectFailure(t, () => readImages(folder), 'input', join(folder, empty), 'no PNG or JPEG');
  }
  const beside = await folderOf(t, { '1.png': picture, 'b/1.png': picture });
  await expectFailure(t, () => readImages(beside), 'input', '1.png beside folders', 'its class');
  const other = await folderOf(t, { '1.png': picture, 'b.WebP': 'RIFF' });
  await expectFailure(
    t,
    () => readImages(other),
    'input',
    join(other, 'b.WebP'),
    'neither PNG nor JPEG',
    'convert',
  );
  const plain = await folderOf(t, { '1.png': picture, 'notes.txt': 'none', '.b.gif': 'hidden' });
  await expectFailure(
    t,
    () => readImages(plain, { part: 'test' }),
    'usage',
    'folder test',
    'leave the part out',
  );
  const testing = await folderOf(t, { 'test/1.png': picture });
  await expectFailure(t, () => readImages(testing), 'input', 'no train images', 'part test');
  await expectFailure(t, () => readImages(join(plain, '1.png')), 'input', 'folder');
});

test('options that do not fit are refused', async (t) => {
  const plain = await folderOf(t, { '1.png': greyPng(2, 2) });
  const refused = (options: object, ...words: string[]) =>
    expectFailure(t, () => readImages(plain, options), 'usage', ...words);
  await refused({ size: { height: 0, width: 4 } }, '0 x 4', 'above zero');
  await refused({ channels: 2 }, '2 channels', '3 for colour');
  const digits = await folderOf(t, { 'train-images-idx3-ubyte': 'whatever' });
  const attempt = () => readImages(digits, { size: { height: 2, width: 2 } });
  await expectFailure(t, attempt, 'usage', 'size', 'leave it out');
});
