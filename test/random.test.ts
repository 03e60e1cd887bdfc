import test from 'ava';
import { PushforwardError } from '../src/errors.js';
import { addonProblem, loadAddon } from '../src/native/index.js';
import { normalQuantile, philoxBlock, Random, streamOf, useNativeRandom } from '../src/random.js';
import { erf } from './native/reference.js';
import { nativeTest, onEveryLevel } from './native/support.js';

/** Draws by TypeScript alone, whether or not there is an addon. */
function withoutAddon<T>(draw: () => T): T {
  useNativeRandom(null);
  try {
    return draw();
  } finally {
    useNativeRandom(loadAddon());
  }
}

const hex = (words: Iterable<number>) =>
  [...words].map((word) => word.toString(16).padStart(8, '0')).join(' ');

test('Philox 4x32-10 gives the known answers of Random123', (t) => {
  const out = new Uint32Array(4);
  const ones = 0xffffffff;
  philoxBlock(out, [0, 0, 0, 0], [0, 0]);
  t.is(hex(out), '6627e8d5 e169c58d bc57ac4c 9b00dbd8');
  philoxBlock(out, [ones, ones, ones, ones], [ones, ones]);
  t.is(hex(out), '408f276d 41c83b0e a20bc7c6 6d5451fd');
  philoxBlock(out, [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]);
  t.is(hex(out), 'd16cfe09 94fdcceb 5001e420 24126ea1');
});

const streams: readonly (readonly [number, number, number])[] = [
  [0, 0, 0],
  [1, 0, 3],
  [-1, 1, 0],
  [-(2 ** 40) - 5, 2 ** 32, 1],
  [2 ** 53 - 1, 2 ** 53 - 1, 2 ** 34 + 2],
  [Number.MIN_SAFE_INTEGER, streamOf('batches', 3), 4_000_000_001],
];

nativeTest('the addon draws the same bits as TypeScript, on every path', (t, addon) => {
  for (const [seed, stream, position] of streams) {
    for (const length of [0, 1, 2, 7, 64, 65, 30_000]) {
      const random = () => {
        const made = new Random(seed, stream);
        made.position = position;
        return made;
      };
      const uniforms = withoutAddon(() => random().uniform(new Float32Array(length)));
      const normals = withoutAddon(() => random().normal(new Float32Array(length)));
      onEveryLevel(addon, (level) => {
        const [uniform, normal] = [new Float32Array(length), new Float32Array(length)];
        addon.philoxUniform(uniform, seed, stream, position);
        addon.philoxNormal(normal, seed, stream, position);
        t.deepEqual(uniform, uniforms, level);
        t.deepEqual(normal, normals, level);
      });
      t.deepEqual(random().normal(new Float32Array(length)), normals);
    }
  }
});

test('the addon refuses what is no stream', (t) => {
  const addon = loadAddon();
  if (addon === null) {
    t.log(`not tested: ${addonProblem()}`);
    t.pass();
    return;
  }
  const out = new Float32Array(8);
  for (const draw of [addon.philoxUniform, addon.philoxNormal]) {
    for (const seed of [0.5, Number.NaN, 2 ** 53, '1']) {
      t.throws(() => draw(out, seed as number, 0, 0), { instanceOf: TypeError, message: /seed/ });
    }
    for (const stream of [-1, 0.5, 2 ** 53, undefined]) {
      t.throws(() => draw(out, 0, stream as number, 0), { instanceOf: TypeError, message: /stream/ });
    }
    for (const offset of [-1, 0.5, 2 ** 53 - 1]) {
      t.throws(() => draw(out, 0, 0, offset), { instanceOf: TypeError, message: /offset/ });
    }
    t.throws(() => draw([0] as unknown as Float32Array, 0, 0, 0), { instanceOf: TypeError, message: /out/ });
  }
  t.true(out.every((value) => value === 0));
});

test('a draw depends on seed, stream and position alone, however it is cut', (t) => {
  for (const draw of ['uniform', 'normal'] as const) {
    const whole = new Random(5, 9)[draw](new Float32Array(1000));
    const random = new Random(5, 9);
    const pieces = [1, 2, 3, 64, 130, 800].flatMap((length) => [...random[draw](new Float32Array(length))]);
    t.deepEqual(pieces, [...whole]);
    t.is(random.position, 1000);
    random.position = 100;
    t.deepEqual(random[draw](new Float32Array(200)), whole.slice(100, 300));
    for (const [seed, stream] of [
      [6, 9],
      [5, 10],
      [5 + 2 ** 32, 9],
      [-5, 9],
      [5, 9 + 2 ** 32],
    ] as const) {
      t.notDeepEqual(new Random(seed, stream)[draw](new Float32Array(1000)), whole);
    }
  }
});

test('seeds, streams and positions are safe integers', (t) => {
  for (const seed of [0.5, Number.NaN, 2 ** 53])
    t.is(t.throws(() => new Random(seed), { instanceOf: PushforwardError }).code, 'usage');
  for (const stream of [-1, 0.5, 2 ** 53]) t.throws(() => new Random(0, stream), { instanceOf: RangeError });
  t.throws(() => Object.assign(new Random(0), { position: -1 }), { instanceOf: RangeError });
});

/** Greatest distance of the empirical distribution function of `values` from `cdf` (Kolmogorov). */
function kolmogorov(values: Float32Array, cdf: (x: number) => number): number {
  const sorted = Float32Array.from(values).sort();
  return sorted.reduce((greatest, value, i) => {
    const at = cdf(value);
    return Math.max(greatest, Math.abs(at - i / sorted.length), Math.abs(at - (i + 1) / sorted.length));
  }, 0);
}

const normalCdf = (x: number) => (1 + erf(x / Math.SQRT2)) / 2;

test('uniforms are uniform in the open interval, normals are normal', (t) => {
  const n = 40_000;
  // A Kolmogorov distance above 1.95 / √n has probability 0.001 under the law; the seeds are fixed.
  const limit = 1.95 / Math.sqrt(n);
  const uniform = new Random(11, 2).uniform(new Float32Array(n));
  t.true(uniform.every((u) => u > 0 && u < 1));
  t.true(kolmogorov(uniform, (u) => u) < limit);
  t.true(kolmogorov(new Random(12, 2).normal(new Float32Array(n)), normalCdf) < limit);
});

test('the normal quantile inverts the normal distribution function', (t) => {
  for (const p of [1e-4, 0.01, 0.074, 0.076, 0.3, 0.5, 0.77, 0.924, 0.926, 0.9999]) {
    t.true(Math.abs(normalCdf(normalQuantile(p)) - p) < 1e-13, `${p}`);
  }
  // Far out, Mills' ratio brackets the tail: φ(z) z / (z² + 1) < 1 − Φ(z) < φ(z) / z.
  for (const p of [2 ** -33, 1e-12, 1e-20]) {
    const z = -normalQuantile(p);
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    t.true((density * z) / (z * z + 1) < p && p < density / z, `${p}`);
  }
  t.is(normalQuantile(0.5), 0);
  t.is(normalQuantile(0.25), -normalQuantile(0.75));
});

test('permutations hold each number once, and all orders are as likely', (t) => {
  t.deepEqual([...new Random(1).permutation(0)], []);
  t.deepEqual([...new Random(1).permutation(1)], [0]);
  t.deepEqual(
    [...new Random(1).permutation(1000).sort()],
    Array.from({ length: 1000 }, (_, i) => i),
  );
  const counts = new Map<string, number>();
  const random = new Random(3, 1);
  const draws = 24_000;
  for (let i = 0; i < draws; i++) {
    const order = random.permutation(4).join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  t.is(counts.size, 24);
  const expected = draws / 24;
  const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // 23 degrees of freedom: above 49.7 with probability 0.001.
  t.true(chiSquare < 49.7, `${chiSquare}`);
});

test('streams of different purposes and numbers differ', (t) => {
  const streams = new Set<number>();
  let made = 0;
  for (const purpose of ['split', 'initialisation', 'batches', 'sample']) {
    streams.add(streamOf(purpose));
    made += 1;
    for (let epoch = 0; epoch < 25_000; epoch++) {
      streams.add(streamOf(purpose, epoch));
      made += 1;
    }
  }
  streams
    .add(streamOf('batches', 1, 2))
    .add(streamOf('batches', 12))
    .add(streamOf('batches', 2, 1));
  t.is(streams.size, made + 2);
  t.true([...streams].every((stream) => Number.isSafeInteger(stream) && stream >= 0));
});
