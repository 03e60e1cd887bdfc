import test from 'ava';
import { imageRows } from '../../../src/data/images/imageRows.js';
import { checkedImages, takeImages } from '../../../src/data/images/imageSet.js';
import { labelRows, withClasses, withUsedClasses } from '../../../src/data/images/labels.js';
import type { RowSource } from '../../../src/data/rowSource.js';
import { expectFailure } from '../files.js';

const COUNT = 64;
const WIDTH = 5 * 4 * 3;

const bytes = checkedImages({
  shape: { height: 5, width: 4, channels: 3 },
  count: COUNT,
  pixels: Uint8Array.from({ length: COUNT * WIDTH }, (_, i) => (i * 37 + (i >> 5)) % 256),
  labels: Int32Array.from({ length: COUNT }, (_, i) => i % 3),
  source: 'memory',
});
const all = Int32Array.from({ length: COUNT }, (_, i) => i);

function readAll(rows: RowSource, places = all): Float32Array {
  const out = new Float32Array(places.length * rows.width);
  rows.read(places, out);
  return out;
}

test('bytes fill [0, 1] and [-1, 1]; intensities stay what they are', (t) => {
  const unit = readAll(imageRows(bytes));
  const symmetric = readAll(imageRows(bytes, { range: 'symmetric' }));
  bytes.pixels.forEach((byte, i) => {
    t.is(unit[i], Math.fround(byte / 255));
    t.is(symmetric[i], Math.fround((2 * byte) / 255 - 1));
  });
  t.deepEqual([Math.min(...symmetric), Math.max(...symmetric)], [-1, 1]);
  const intensities = { ...bytes, pixels: unit };
  t.deepEqual(readAll(imageRows(intensities)), unit);
});

for (const range of ['unit', 'symmetric'] as const) {
  test(`noise fills the cell of each byte evenly and never leaves it (${range})`, (t) => {
    const rows = imageRows(bytes, { range, dequantise: true, seed: 3 });
    let sum = 0;
    let squares = 0;
    let outside = 0;
    const epochs = 40;
    for (let epoch = 0; epoch < epochs; epoch++) {
      rows.startEpoch?.(epoch);
      readAll(rows).forEach((value, i) => {
        const level = (range === 'unit' ? value : (value + 1) / 2) * 256;
        const within = level - (bytes.pixels[i] as number);
        if (!(within > 0 && within < 1)) outside += 1;
        sum += within;
        squares += within * within;
      });
    }
    const n = epochs * COUNT * WIDTH;
    t.is(outside, 0);
    // Five standard errors of a uniform's mean and of its square's.
    t.true(Math.abs(sum / n - 1 / 2) < 5 * Math.sqrt(1 / 12 / n));
    t.true(Math.abs(squares / n - 1 / 3) < 5 * Math.sqrt(4 / 45 / n));
  });
}

test('a flip mirrors whole images, half of them, others in each epoch', (t) => {
  const plain = readAll(imageRows(bytes));
  const rows = imageRows(bytes, { flip: true, seed: 1 });
  const flips = [1, 2].map((epoch) => {
    rows.startEpoch?.(epoch);
    const flipped = readAll(rows);
    return Array.from(all, (image) => {
      const start = image * WIDTH;
      const isAsItWas = flipped
        .subarray(start, start + WIDTH)
        .every((value, j) => value === plain[start + j]);
      const isMirrored = flipped.subarray(start, start + WIDTH).every((value, j) => {
        const [y, x, channel] = [Math.floor(j / 12), Math.floor(j / 3) % 4, j % 3];
        return value === plain[start + y * 12 + (3 - x) * 3 + channel];
      });
      t.true(isAsItWas !== isMirrored, `image ${image}`);
      return isMirrored;
    });
  });
  for (const flipped of flips) {
    const count = flipped.filter(Boolean).length;
    t.true(count > COUNT / 4 && count < (3 * COUNT) / 4, `${count} of ${COUNT}`);
  }
  t.notDeepEqual(flips[0], flips[1]);
});

test('what is random goes by seed, epoch and place, not by the order of reading', (t) => {
  const options = { dequantise: true, flip: true, seed: 5 };
  const rows = imageRows(bytes, options);
  rows.startEpoch?.(2);
  const whole = readAll(rows);
  const places = Int32Array.of(40, 3, 63);
  const again = imageRows(bytes, options);
  again.startEpoch?.(2);
  const some = readAll(again, places);
  places.forEach((place, i) => {
    const expected = whole.subarray(place * WIDTH, (place + 1) * WIDTH);
    t.deepEqual(some.subarray(i * WIDTH, (i + 1) * WIDTH), expected);
  });
  again.startEpoch?.(3);
  t.notDeepEqual(readAll(again), whole);
  const other = imageRows(bytes, { ...options, seed: 6 });
  other.startEpoch?.(2);
  t.notDeepEqual(readAll(other), whole);
});

test('labels become rows of one 1; a part of the images keeps all the classes', async (t) => {
  const part = takeImages(bytes, Int32Array.of(4, 0));
  t.deepEqual(part.pixels.subarray(0, WIDTH), bytes.pixels.subarray(4 * WIDTH, 5 * WIDTH));
  t.deepEqual(Array.from(readAll(labelRows(part), Int32Array.of(0, 1))), [0, 1, 0, 1, 0, 0]);
  const { labels: _labels, ...unlabelled } = bytes;
  await expectFailure(t, () => labelRows(unlabelled), 'input', 'no labels');
  const wrong = { ...part, labels: Int32Array.of(0, 3) };
  await expectFailure(t, () => labelRows(wrong), 'input', 'image 2: the label 3', 'from 0 to 2');
  t.throws(() => takeImages(bytes, Int32Array.of(COUNT)), { instanceOf: RangeError });
});

test('labels find their classes by name, in whatever order these are and however many', async (t) => {
  const set = { ...bytes, classes: ['cat', 'dog', 'eel'] };
  const all = withClasses(set, ['fox', 'eel', 'cat', 'dog']);
  t.deepEqual(all.labels?.subarray(0, 4), Int32Array.of(2, 3, 1, 2));
  t.deepEqual(withClasses(all, set.classes), set);
  const some = withUsedClasses(takeImages(set, Int32Array.of(5, 3, 2)));
  t.deepEqual([some.classes, some.labels], [['cat', 'eel'], Int32Array.of(1, 0, 1)]);
  const known = ['cat', 'dog'];
  await expectFailure(t, () => withClasses(set, known), 'input', 'image 3: the class eel', 'cat, dog');
  const twice = { ...set, classes: ['cat', 'dog', 'cat'] };
  await expectFailure(t, () => withUsedClasses(twice), 'input', 'two classes are named cat');
});

test('intensities have no cells to be spread over', async (t) => {
  const intensities = { ...bytes, pixels: new Float32Array(COUNT * WIDTH) };
  await expectFailure(t, () => imageRows(intensities, { dequantise: true }), 'usage', 'float32');
});
