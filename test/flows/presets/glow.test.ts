import test from 'ava';
import '../../../src/backend/index.js';
import { PushforwardError } from '../../../src/errors.js';
import { type GlowOptions, glow } from '../../../src/flows/presets/glow.js';
import { FlatParameters } from '../../../src/ops/flatParameters.js';
import { type Tensor2D, tf } from '../../../src/tf.js';
import {
  difference,
  directionalError,
  jacobians,
  leavesNoTensors,
  logAbsDeterminant,
  normalMatrix,
  normals,
  rowsFor,
} from '../laws.js';

const small: GlowOptions = { height: 4, width: 4, channels: 2, levels: 2, steps: 2, hiddenChannels: 5 };

/** A small Glow with weights far from those it starts with. */
function trained(changes: Partial<GlowOptions> = {}) {
  const flow = glow({ ...small, ...changes });
  flow.parameters.assign(
    normals(flow.parameters.count, 40, 0.1).map((v, i) => v + (flow.parameters.read()[i] as number)),
  );
  return flow;
}

test('a Glow of two levels inverts, and its log-determinant is that of its Jacobian', (t) => {
  for (const changes of [{}, { contextDim: 2, additive: true }]) {
    const flow = trained(changes);
    leavesNoTensors(t, () => {
      const { x, context } = rowsFor(flow, 2);
      const { z, logDet } = flow.forward(x, context);
      const back = flow.inverse(z, context);
      t.true(difference(back.x, x) < 1e-4 && difference(back.logDet, tf.neg(logDet)) < 1e-4);
      const expected = jacobians((input) => flow.forward(input, context).z, x).map((matrix) =>
        logAbsDeterminant(matrix, flow.dim),
      );
      t.true(difference(logDet, Float32Array.from(expected)) < 1e-4);
    });
    flow.dispose();
  }
});

test('what leaves at a level no longer changes, and the levels after it do not change it', (t) => {
  const flow = trained();
  leavesNoTensors(t, () => {
    const { x } = rowsFor(flow, 2);
    const states = flow.definition.trajectory(x);
    const split = flow.bijections.findIndex(({ kind }) => kind === 'splitChannels');
    const half = flow.dim / 2;
    const others = (state: Tensor2D) => tf.slice(state, [0, half], [2, half]).dataSync();
    const left = others(states[split + 1] as Tensor2D);
    for (const state of states.slice(split + 1)) t.deepEqual(others(state), left);
  });
  flow.dispose();
});

test('the split of a level keeps the first half of the channels in front', (t) => {
  const flow = glow({ ...small, steps: 0 });
  leavesNoTensors(t, () => {
    // Without steps Glow only moves numbers about, so that each can be followed.
    const x = tf.reshape(tf.range(0, 32), [1, 32]) as Tensor2D;
    const z = [...flow.forward(x).z.dataSync()];
    const pixelOf = (value: number) => ({
      i: Math.floor(value / 8),
      j: Math.floor(value / 2) % 4,
      c: value % 2,
    });
    // First channel 0, squeezed twice to one pixel of 16: squares of squares, row-major at both levels.
    t.true(z.slice(0, 16).every((value) => pixelOf(value).c === 0));
    t.deepEqual(
      z
        .slice(0, 16)
        .map(pixelOf)
        .map(({ i, j }) => 4 * i + j),
      [0, 2, 8, 10, 1, 3, 9, 11, 4, 6, 12, 14, 5, 7, 13, 15],
    );
    // Then channel 1, an image of 2 x 2 pixels with four channels.
    t.deepEqual(
      z.slice(16, 24).map(pixelOf),
      [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
        [0, 2],
        [0, 3],
        [1, 2],
        [1, 3],
      ].map(([i, j]) => ({ i: i as number, j: j as number, c: 1 })),
    );
  });
  flow.dispose();
});

test('initialised from images, every ActNorm gives mean 0 and variance 1 to each channel', (t) => {
  const flow = trained();
  leavesNoTensors(t, () => {
    const x = tf.add(tf.mul(normalMatrix(30, flow.dim, 41), 3), 7) as Tensor2D;
    flow.initialiseFrom(x);
    const states = flow.definition.trajectory(x);
    let seen = 0;
    flow.bijections.forEach(({ kind }, layer) => {
      if (!kind.includes('actNorm')) return;
      seen += 1;
      const leading = kind.startsWith('leadingColumns');
      const channels = 8;
      const width = leading ? flow.dim / 2 : flow.dim;
      const state = tf.slice(states[layer + 1] as Tensor2D, [0, 0], [-1, width]);
      const { mean, variance } = tf.moments(tf.reshape(state, [-1, leading ? 2 * channels : channels]), 0);
      t.true(difference(mean, tf.zeros(mean.shape)) < 1e-4);
      t.true(difference(variance, tf.ones(variance.shape)) < 1e-3);
    });
    t.is(seen, 4);
  });
  flow.dispose();
});

test('the gradient of a Glow’s likelihood agrees with finite differences', (t) => {
  const flow = trained({ contextDim: 2, activation: 'silu' });
  const { x, context } = rowsFor(flow, 4);
  const [rows, conditions] = [x.dataSync<'float32'>(), (context as Tensor2D).dataSync<'float32'>()];
  const at = flow.parameters.values();
  const gradient = new Float32Array(at.length);
  flow.negativeLogLikelihoodAndGradient(rows, conditions, gradient);
  t.true(gradient.every(Number.isFinite));
  const f = (values: Float32Array) => {
    flow.parameters.assign(values);
    return flow.negativeLogLikelihoodAndGradient(rows, conditions, new Float32Array(at.length));
  };
  for (const stream of [42, 43]) {
    const error = directionalError(f, at, gradient, stream);
    t.true(error < 1e-3, `${error}`);
  }
  tf.dispose([x, context as Tensor2D]);
  flow.dispose();
});

test('samples have the shape of rows and follow the context', (t) => {
  const flow = trained({ contextDim: 2 });
  leavesNoTensors(t, () => {
    const context = tf.tensor2d([1, 0, 0, 1, 1, 0], [3, 2]);
    const samples = flow.sample(3, { context, seed: 5 });
    t.deepEqual(samples.shape, [3, 32]);
    const other = flow.sample(3, { context: tf.reverse(context, 1) as Tensor2D, seed: 5 });
    t.true(difference(samples, other) > 1e-2);
  });
  flow.dispose();
});

test('a Glow learns images whose pixels go together', (t) => {
  const flow = glow({ ...small, channels: 1, steps: 3, hiddenChannels: 8, seed: 2 });
  const n = 32;
  // Images of one brightness each, with a little noise: far from independent pixels.
  const images = Float32Array.from(normals(n * 16, 44, 0.2));
  normals(n, 45).forEach((brightness, i) => {
    for (let k = 0; k < 16; k++) images[16 * i + k] = (images[16 * i + k] as number) + brightness;
  });
  const x = tf.tensor2d(images, [n, 16]);
  flow.initialiseFrom(x);
  const optimizer = tf.train.adam(0.01);
  const gradient = new Float32Array(flow.parameters.count);
  const losses: number[] = [];
  for (let step = 0; step < 25; step++) {
    losses.push(flow.negativeLogLikelihoodAndGradient(images, null, gradient));
    tf.tidy(() =>
      optimizer.applyGradients([
        { name: flow.parameters.variable.name, tensor: tf.tensor1d(gradient.slice()) },
      ]),
    );
  }
  t.true((losses[24] as number) < (losses[0] as number) - 5, `${losses[0]} to ${losses[24]}`);
  optimizer.dispose();
  x.dispose();
  flow.dispose();
});

test('1 x 1 convolutions start as rotations, others for another seed', (t) => {
  tf.tidy(() => {
    const linear = glow({ ...small, levels: 1, steps: 1 }).bijections[2];
    if (linear === undefined) return t.fail();
    t.is(linear.kind, 'perPixel(luLinear)');
    const matrices = [1, 2].map((seed) => {
      const parameters = new FlatParameters(linear.parameters, seed);
      // Unit vectors at the four pixels of one image and the next.
      const x = tf.reshape(tf.eye(8), [2, 32]) as Tensor2D;
      const { y, logDet } = linear.forward(x, parameters.slices());
      t.true(difference(logDet, tf.zeros([2])) < 1e-5, 'a rotation keeps volumes');
      const matrix = tf.reshape(y, [8, 8]) as Tensor2D;
      t.true(difference(tf.matMul(matrix, matrix, false, true), tf.eye(8)) < 1e-5);
      t.true(difference(matrix, tf.eye(8)) > 0.2);
      parameters.dispose();
      return matrix;
    });
    t.true(difference(matrices[0] as Tensor2D, matrices[1] as Tensor2D) > 0.2);
  });
});

test('the paper’s sizes are the defaults', (t) => {
  const flow = glow({ height: 8, width: 8, channels: 1, steps: 1 });
  t.is(flow.bijections.filter(({ kind }) => kind.endsWith('squeeze') || kind.endsWith('squeeze)')).length, 3);
  const widths = flow.parameters.layout
    .filter(({ name }) => name.endsWith('weight1'))
    .map(({ shape }) => shape);
  t.deepEqual(widths, [
    [512, 512],
    [512, 512],
    [512, 512],
  ]);
  flow.dispose();
});

test('images that do not halve as often as asked are refused with the mend', (t) => {
  const refused = (options: GlowOptions) => t.throws(() => glow(options), { instanceOf: PushforwardError });
  const error = refused({ ...small, height: 6, width: 8 });
  t.is(error.code, 'usage');
  t.regex(error.message, /2 levels.*6 x 8.*pad the images to 8 x 8, or take fewer levels/);
  t.regex(refused({ ...small, levels: 0 }).message, /0 levels/);
  t.regex(refused({ ...small, channels: 1.5 }).message, /1\.5 channels/);
});
