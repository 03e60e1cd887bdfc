import { readFile } from 'node:fs/promises';
import test from 'ava';
import { parseNpy } from '../../../src/data/images/npy.js';
import { openNpz } from '../../../src/data/images/npz.js';
import { imagesFromNpy, imagesFromNpz } from '../../../src/data/images/numpyImages.js';
import { expectFailure, publicData } from '../files.js';
import { countingBytes, npyOf, npzOf } from './files.js';

const named = (bytes: Buffer) => ({ where: 'file', bytes });

test('elements of each type and each version of the header', (t) => {
  const expected = [1, 2, 3, 4, 5, 6];
  const big = Buffer.alloc(12);
  expected.forEach((value, i) => {
    big.writeInt16BE(value, 2 * i);
  });
  const files = [
    npyOf('|u1', [2, 3], Uint8Array.from(expected)),
    npyOf('<f4', [2, 3], Float32Array.from(expected), { version: 2 }),
    npyOf('<f8', [2, 3], Float64Array.from(expected), { version: 3 }),
    npyOf('<i4', [2, 3], Int32Array.from(expected)),
    npyOf('<i8', [2, 3], BigInt64Array.from(expected, BigInt)),
    npyOf('>i2', [2, 3], big),
  ];
  for (const file of files) {
    const { shape, values } = parseNpy(file, 'file');
    t.deepEqual(shape, [2, 3]);
    t.deepEqual(Array.from(values), expected);
  }
});

test('bytes, whole numbers, truth values and intensities are images', (t) => {
  const bytes = imagesFromNpy(named(npyOf('|u1', [2, 3, 4], countingBytes(24))));
  t.deepEqual([bytes.count, bytes.shape], [2, { height: 3, width: 4, channels: 1 }]);
  const whole = imagesFromNpy(named(npyOf('<f4', [1, 1, 1, 3], Float32Array.of(0, 128, 255))));
  t.deepEqual(whole.pixels, Uint8Array.of(0, 128, 255));
  const truth = imagesFromNpy(named(npyOf('|b1', [1, 1, 3], Uint8Array.of(0, 1, 1))));
  t.deepEqual(Array.from(truth.pixels), [0, 255, 255]);
  const intensities = imagesFromNpy(named(npyOf('<f8', [1, 1, 3], Float64Array.of(0, 0.25, 1))));
  t.deepEqual(intensities.pixels, Float32Array.of(0, 0.25, 1));
});

test('arrays that are no images are refused with what to do', async (t) => {
  const refused = (file: Buffer, ...words: string[]) =>
    expectFailure(t, () => imagesFromNpy(named(file)), 'input', 'file', ...words);
  await refused(npyOf('|u1', [2, 12], countingBytes(24)), '[2, 12]', 'reshape');
  await refused(npyOf('|u1', [2, 3, 2, 8], countingBytes(96)), 'moveaxis');
  await refused(npyOf('|u1', [2, 5, 1, 6], countingBytes(60)), '6 channels');
  await refused(npyOf('<f4', [1, 1, 2], Float32Array.of(-1, 1)), 'from -1 to 1', 'in [0, 1]');
  await refused(npyOf('<f4', [1, 1, 2], Float32Array.of(0.5, 255)), 'from 0.5 to 255');
  await refused(npyOf('<f4', [1, 1, 2], Float32Array.of(0.5, Number.NaN)), 'NaN', 'finite');
  await refused(npyOf('|u1', [0, 4, 4], new Uint8Array()), 'no images');
});

test('a file cut anywhere is refused, and so are other kinds', async (t) => {
  const whole = npyOf('<f4', [1, 2, 2], Float32Array.of(0, 0, 1, 1));
  for (let length = 8; length < whole.length; length++) {
    await expectFailure(t, () => parseNpy(whole.subarray(0, length), 'file'), 'damaged', 'file', 'cut');
  }
  const longer = Buffer.concat([whole, Buffer.alloc(1)]);
  await expectFailure(t, () => parseNpy(longer, 'file'), 'damaged', 'too long');
  await expectFailure(t, () => parseNpy(Buffer.from('PK'), 'file'), 'input', 'not an NPY');
  const fortran = npyOf('|u1', [1, 2, 2], countingBytes(4), { fortran: true });
  await expectFailure(t, () => parseNpy(fortran, 'file'), 'input', 'ascontiguousarray');
  const complex = npyOf('<c8', [1, 1, 1], countingBytes(8));
  await expectFailure(t, () => parseNpy(complex, 'file'), 'input', '<c8', 'uint8');
});

for (const isPacked of [false, true]) {
  test(`an archive gives its parts (${isPacked ? 'packed' : 'stored'})`, async (t) => {
    const file = npzOf(
      {
        x_train: npyOf('|u1', [3, 2, 2], countingBytes(12)),
        y_train: npyOf('<i8', [3], BigInt64Array.of(2n, 0n, 1n)),
        x_test: npyOf('|u1', [1, 2, 2], countingBytes(4)),
      },
      isPacked,
    );
    const train = imagesFromNpz(named(file), undefined);
    t.deepEqual([train.count, Array.from(train.labels ?? [])], [3, [2, 0, 1]]);
    t.deepEqual(Array.from(train.pixels), Array.from(countingBytes(12)));
    const testing = imagesFromNpz(named(file), 'test');
    t.deepEqual([testing.count, testing.labels], [1, undefined]);
    for (let length = 4; length < file.length; length += 7) {
      const cut = () => imagesFromNpz(named(file.subarray(0, length)), undefined);
      await expectFailure(t, cut, 'damaged', 'file');
    }
    const changed = Buffer.from(file);
    const place =
      changed.indexOf(isPacked ? 'y_train.npy' : Uint8Array.of(4, 5, 6, 7, 8)) - (isPacked ? 50 : 0);
    changed[place] = (changed[place] as number) ^ 0x10;
    await expectFailure(t, () => imagesFromNpz(named(changed), undefined), 'damaged');
  });
}

test('plain names, and names that say nothing', async (t) => {
  const images = npyOf('|u1', [2, 2, 2], countingBytes(8));
  const labels = (...values: number[]) => npyOf('<f8', [values.length, 1], Float64Array.from(values));
  const plain = imagesFromNpz(named(npzOf({ images, labels: labels(1, 0) }, true)), undefined);
  t.deepEqual(Array.from(plain.labels ?? []), [1, 0]);
  const attempt = (arrays: Record<string, Buffer>, part?: 'train') => () =>
    imagesFromNpz(named(npzOf(arrays, true)), part);
  await expectFailure(t, attempt({ pictures: images }), 'input', 'pictures', 'images');
  await expectFailure(t, attempt({ images }, 'train'), 'input', 'x_train', 'y_train');
  await expectFailure(t, attempt({ images, labels: labels(1) }), 'input', '2 images but 1 labels');
  await expectFailure(t, attempt({ images, labels: labels(1, 0.5) }), 'input', 'labels', '0.5');
  await expectFailure(t, attempt({ images, labels: labels(1, -1) }), 'input', 'label -1');
});

test("NumPy's own archive is read as it was written", async (t) => {
  const path = publicData(t, 'adbench/24_mnist.npz');
  if (path === null) return;
  const members = openNpz(await readFile(path), path);
  const member = (name: string) => (members.get(name) as () => Buffer)();
  const { values } = parseNpy(member('y'), 'y');
  t.is(values.length, 7603);
  const anomalies = Array.from(values).reduce((sum, value) => sum + value, 0);
  // The share that the collection's paper gives.
  t.is((anomalies / 7603).toFixed(4), '0.0921');
  await expectFailure(t, () => parseNpy(member('X'), 'X'), 'input', 'Fortran');
});
