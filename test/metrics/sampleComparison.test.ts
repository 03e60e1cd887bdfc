import test from 'ava';
import '../../src/backend/index.js';
import { compareSamples } from '../../src/metrics/sampleComparison.js';
import { Random } from '../../src/random.js';
import { tf } from '../../src/tf.js';

const normals = (n: number, d: number, stream: number): tf.Tensor2D =>
  tf.tensor2d(new Random(3, stream).normal(new Float32Array(n * d)), [n, d]);

test('a sample that is the second half has the figures of the real rows against one half, none against the other', (t) => {
  const real = normals(120, 3, 1);
  const { rows, model, real: floor } = compareSamples(real, tf.slice(real, 60, 60));
  t.is(rows, 60);
  const close = (a: number, b: number): boolean => t.true(Math.abs(a - b) < 1e-6, `${a}, ${b}`);
  close(model.energy, floor.energy / 2);
  close(model.slicedWasserstein, floor.slicedWasserstein / 2);
  close(model.coverage, (floor.coverage + 1) / 2);
  close(model.precision, (floor.precision + 1) / 2);
});

test('a sample of the same law is near the real rows, one that is shifted or narrow is not', (t) => {
  const real = normals(400, 2, 1);
  const same = compareSamples(real, normals(200, 2, 2)).model;
  const { model: shifted, real: floor } = compareSamples(real, tf.add(normals(200, 2, 3), 1));
  const narrow = compareSamples(real, tf.mul(normals(200, 2, 4), 0.2)).model;
  t.true(Math.abs(same.energy - floor.energy) < 0.02);
  t.true(Math.abs(same.mmd) < 0.01 && same.coverage > 0.9 && same.recall > 0.9);
  t.true(shifted.energy > 10 * floor.energy && shifted.mmd > 0.1 && shifted.slicedWasserstein > 0.6);
  t.true(narrow.precision > 0.9 && narrow.recall < 0.5 && narrow.coverage < 0.5);
});

test('rows of a few values are compared too, where most pairs are of equal rows', (t) => {
  const values = Float32Array.from({ length: 80 }, (_, i) => (i % 10 === 0 ? 1 : 0));
  const real = tf.tensor2d(values, [80, 1]);
  const { model, real: floor } = compareSamples(real, tf.tensor2d(values.slice(0, 40), [40, 1]));
  for (const value of [...Object.values(model), ...Object.values(floor)]) t.true(Number.isFinite(value));
  t.is(model.energy, 0);
  t.is(model.coverage, 1);
});
