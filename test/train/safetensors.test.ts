import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { PushforwardError } from '../../src/errors.js';
import {
  decodeSafeTensors,
  encodeSafeTensors,
  readSafeTensors,
  writeSafeTensors,
} from '../../src/train/safetensors.js';

const content = {
  tensors: new Map([
    ['weights', new Float32Array([1, -2.5, Number.NaN, Number.POSITIVE_INFINITY])],
    ['empty', new Float32Array(0)],
    ['größe', new Float32Array([3e-39])],
  ]),
  metadata: { note: 'ein "Text"\nmit Zeilen' },
};

test('what is written is read back, bits and names', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'pushforward-'));
  const path = join(folder, 'model.safetensors');
  await writeSafeTensors(path, content);
  const { tensors, metadata } = await readSafeTensors(path);
  t.deepEqual([...tensors.keys()], [...content.tensors.keys()]);
  for (const [name, values] of content.tensors) t.deepEqual(tensors.get(name), values);
  t.deepEqual(metadata, content.metadata);
  t.deepEqual(await readdir(folder), ['model.safetensors'], 'no temporary file stays');
});

test('the data begin on a multiple of 8 and the header is plain JSON, as the format asks', (t) => {
  const bytes = Buffer.from(encodeSafeTensors(content));
  const length = Number(bytes.readBigUInt64LE(0));
  t.is(length % 8, 0);
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<
    string,
    { data_offsets: number[] }
  >;
  t.deepEqual(header.weights?.data_offsets, [0, 16]);
});

test('every cut and many flips of a byte are errors or harmless, never crashes', (t) => {
  const bytes = encodeSafeTensors(content);
  for (let length = 0; length < bytes.length; length++) {
    const error = t.throws(() => decodeSafeTensors(bytes.subarray(0, length), 'a.safetensors'), {
      instanceOf: PushforwardError,
    });
    t.is(error?.code, 'damaged');
    t.notRegex(error?.message ?? '', /\n/);
  }
  for (let position = 0; position < bytes.length; position++) {
    const flipped = bytes.slice();
    flipped[position] = (flipped[position] as number) ^ 0xff;
    try {
      decodeSafeTensors(flipped, 'a.safetensors');
    } catch (error) {
      t.true(error instanceof PushforwardError, String(error));
    }
  }
});

test('bytes after the data are damage', (t) => {
  const bytes = Buffer.concat([encodeSafeTensors(content), Buffer.from([0])]);
  t.throws(() => decodeSafeTensors(bytes, 'x'), { message: /1 bytes too many/ });
});

test('a file that is not there is named', async (t) => {
  const path = join(await mkdtemp(join(tmpdir(), 'pushforward-')), 'none.safetensors');
  await t.throwsAsync(readSafeTensors(path), {
    instanceOf: PushforwardError,
    message: /none\.safetensors: cannot be read/,
  });
  await writeFile(path, 'text');
  await t.throwsAsync(readSafeTensors(path), { message: /not a whole safetensors file/ });
});
