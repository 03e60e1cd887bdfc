import test from 'ava';
import { imagesFromIdx, parseIdx } from '../../../src/data/images/idx.js';
import { expectFailure } from '../files.js';
import { countingBytes, idxOf } from './files.js';

const named = (bytes: Buffer) => ({ where: 'digits', bytes });

test('images come with their shape, one channel where the file has none', (t) => {
  const values = countingBytes(24);
  const grey = imagesFromIdx(named(idxOf([2, 3, 4], values)), null);
  t.deepEqual([grey.count, grey.shape], [2, { height: 3, width: 4, channels: 1 }]);
  t.deepEqual(Array.from(grey.pixels), Array.from(values));
  const colour = imagesFromIdx(named(idxOf([2, 2, 2, 3], values)), named(idxOf([2], Uint8Array.of(7, 3))));
  t.deepEqual(colour.shape, { height: 2, width: 2, channels: 3 });
  t.deepEqual(Array.from(colour.labels ?? []), [7, 3]);
  t.is(colour.classes?.length, 8);
});

test('a file cut anywhere is refused, and so is one byte too many', async (t) => {
  const whole = idxOf([2, 3, 4], countingBytes(24));
  for (let length = 4; length < whole.length; length++) {
    await expectFailure(
      t,
      () => parseIdx(whole.subarray(0, length), 'digits'),
      'damaged',
      'digits',
      'cut',
      'fetch',
    );
  }
  const longer = Buffer.concat([whole, Buffer.alloc(1)]);
  await expectFailure(t, () => parseIdx(longer, 'digits'), 'damaged', 'too long', '40', '41');
});

test('other files, other elements, labels for images and the other way round', async (t) => {
  await expectFailure(t, () => parseIdx(Buffer.from('P5 2 2 255'), 'a'), 'input', 'not an IDX');
  await expectFailure(t, () => parseIdx(Buffer.alloc(2), 'a'), 'input', 'not an IDX');
  const floats = idxOf([1, 1, 4], countingBytes(4));
  floats[2] = 0x0d;
  await expectFailure(t, () => parseIdx(floats, 'a'), 'input', '0xd', 'unsigned bytes');
  const labels = named(idxOf([2], Uint8Array.of(1, 2)));
  const images = named(idxOf([3, 1, 1], countingBytes(3)));
  await expectFailure(t, () => imagesFromIdx(labels, null), 'input', 'holds labels', 'images-idx3');
  await expectFailure(t, () => imagesFromIdx(images, images), 'input', 'no labels', 'labels-idx1');
  await expectFailure(t, () => imagesFromIdx(images, labels), 'input', '3 images but 2 labels');
  await expectFailure(
    t,
    () => imagesFromIdx(named(idxOf([0, 4, 4], new Uint8Array())), null),
    'input',
    'no images',
  );
});
