import test from 'ava';
import { imagesFromCifar } from '../../../src/data/images/cifar.js';
import { expectFailure } from '../files.js';

/** One record whose red, green and blue are functions of the place of the pixel. */
function record(label: number, colours: (i: number) => readonly [number, number, number]): Buffer {
  const bytes = Buffer.alloc(3073);
  bytes[0] = label;
  for (let i = 0; i < 1024; i++) {
    colours(i).forEach((value, channel) => {
      bytes[1 + channel * 1024 + i] = value;
    });
  }
  return bytes;
}

test('planes become pixels, files follow one another', (t) => {
  const colours = (i: number) => [i % 256, i >> 8, 200] as const;
  const first = { where: '1.bin', bytes: Buffer.concat([record(9, colours), record(0, () => [1, 2, 3])]) };
  const second = { where: '2.bin', bytes: record(4, () => [4, 5, 6]) };
  const images = imagesFromCifar([first, second], 'cifar');
  t.deepEqual([images.count, images.shape], [3, { height: 32, width: 32, channels: 3 }]);
  t.deepEqual(Array.from(images.labels ?? []), [9, 0, 4]);
  t.is(images.classes?.[9], 'truck');
  for (const i of [0, 31, 500, 1023]) {
    t.deepEqual(Array.from(images.pixels.subarray(3 * i, 3 * i + 3)), [...colours(i)]);
  }
  t.deepEqual(Array.from(images.pixels.subarray(-3)), [4, 5, 6]);
});

test('a cut file and a label that CIFAR-10 has not', async (t) => {
  const whole = record(3, () => [0, 0, 0]);
  const attempt = (bytes: Buffer) => () => imagesFromCifar([{ where: 'a.bin', bytes }], 'cifar');
  await expectFailure(t, attempt(whole.subarray(0, 3072)), 'damaged', 'a.bin', '3072', 'fetch');
  const bad = Buffer.concat([whole, record(10, () => [0, 0, 0])]);
  await expectFailure(t, attempt(bad), 'damaged', 'a.bin', 'record 2', 'label 10');
  await expectFailure(t, attempt(Buffer.alloc(0)), 'input', 'no images');
});
