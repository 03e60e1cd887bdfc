import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import '../../src/backend/index.js';
import type { ImageSet } from '../../src/data/images/imageSet.js';
import { rowsAt } from '../../src/data/rowSource.js';
import { Random } from '../../src/random.js';
import { trainAndJudge } from '../../src/reproduce/ganRun.js';
import { stackedGan } from '../../src/reproduce/pacgan/stacked.js';
import { STACKED, stackedLabels, stackedRows } from '../../src/reproduce/pacgan/stackedDigits.js';
import { STACKED_LATENTS, stackedNetworks } from '../../src/reproduce/pacgan/stackedNetworks.js';
import { type Tensor, type Tensor2D, type Tensor4D, tf } from '../../src/tf.js';
import { normalMatrix } from '../flows/laws.js';

test.before(() => tf.ready());

/** Twenty pictures of even brightness, which is 25 times their class. */
const digits: ImageSet = {
  shape: { height: 28, width: 28, channels: 1 },
  count: 20,
  pixels: Uint8Array.from({ length: 20 * 784 }, (_, i) => 25 * (Math.floor(i / 784) % 10)),
  labels: Int32Array.from({ length: 20 }, (_, i) => i % 10),
  classes: Array.from('0123456789'),
  source: 'grey',
};

/** Tells them by their brightness. */
const classifier = {
  labels: (x: Tensor) =>
    tf.tidy(() => Int32Array.from(tf.mean(x, [1, 2, 3]).dataSync(), (mean) => Math.round((mean * 255) / 25))),
};

test.serial('the generator is that of transposed convolutions to sizes that were rounded up', (t) => {
  const width = 2;
  const { generator, critic } = stackedNetworks({ pac: 3, width, seed: 4 });
  const z = normalMatrix(3, STACKED_LATENTS, 5);
  const kernels = generator.getWeights().filter(({ rank }) => rank === 4) as Tensor4D[];
  const first = generator.getWeights().find(({ rank }) => rank === 2) as Tensor2D;
  t.deepEqual(
    kernels.map(({ shape }) => shape),
    [
      [5, 5, 8, 16],
      [5, 5, 4, 8],
      [5, 5, 2, 4],
      [5, 5, 3, 2],
    ],
  );
  const gap = tf.tidy(() => {
    let h: Tensor4D = tf.reshape(tf.matMul(z, first), [3, 2, 2, 16]);
    for (const [k, side] of [4, 7, 14, 28].entries()) {
      const kernel = kernels[k] as Tensor4D;
      const normalised = tf.relu(tf.div(h, Math.sqrt(1 + 1e-5))) as Tensor4D;
      h = tf.conv2dTranspose(normalised, kernel, [3, side, side, kernel.shape[2]], 2, 'same') as Tensor4D;
    }
    const made = generator.predict(z) as Tensor4D;
    t.deepEqual(made.shape, [3, 28, 28, 3]);
    return tf.max(tf.abs(tf.sub(made, tf.tanh(h)))).dataSync()[0] as number;
  });
  t.true(gap < 1e-6, `${gap}`);
  t.deepEqual(critic.inputs[0]?.shape, [null, 28, 28, 9]);
  t.deepEqual(
    critic.layers.filter((layer) => layer.getClassName() === 'Conv2D').map(({ outputShape }) => outputShape),
    [
      [null, 14, 14, 2],
      [null, 7, 7, 4],
      [null, 4, 4, 8],
      [null, 2, 2, 16],
    ],
  );
  generator.dispose();
  critic.dispose();
});

test.serial('stacked digits have three digits drawn one by one, told in the order of their colours', (t) => {
  const rows = stackedRows(digits, 1);
  const labels = (seed: number) => {
    const uniforms = new Random(seed).uniform(new Float32Array(3000));
    const places = Int32Array.from(uniforms, (u) => Math.floor(u * rows.rows));
    const x = rowsAt(rows, places, STACKED);
    const told = stackedLabels(classifier, x);
    x.dispose();
    return told;
  };
  const told = labels(2);
  t.deepEqual(told, labels(2));
  t.notDeepEqual(told, labels(3));
  for (const place of [1, 10, 100]) {
    const counts = new Float64Array(10);
    for (const label of told) {
      const digit = Math.floor(label / place) % 10;
      counts[digit] = (counts[digit] as number) + 1 / 3000;
    }
    t.true(
      counts.every((share) => Math.abs(share - 0.1) < 0.025),
      `${counts}`,
    );
  }
  // A thousand even modes keep e⁻³ of themselves out of 3000 draws.
  t.true(Math.abs(new Set(told).size / 1000 - (1 - Math.exp(-3))) < 0.03);
  const colours = tf.tensor([-1, 1, 75 / 127.5 - 1], [1, 1, 1, 3]);
  t.deepEqual([...stackedLabels({ labels: classifier.labels }, tf.tile(colours, [1, 28, 28, 1]))], [103]);
});

test.serial('a GAN of stacked digits is trained, drawn and counted', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pushforward-stacked-'));
  try {
    let steps = 0;
    const before = tf.memory().numTensors;
    const hooks = { onStep: (done: number) => (steps = done), onWarning: () => {} };
    const settings = { quick: true, seed: 1, folder };
    const runFor = (epochs: number, name: string, resume: boolean, images = 20) => {
      const run = { pac: 2, seed: 1, name, epochs, epochSteps: 1, ...hooks };
      return trainAndJudge(stackedGan({ run, width: 2, digits, classifier, images }), {
        ...settings,
        resume,
      });
    };
    const counted = await runFor(1, 'counted', false, 1030);
    t.true(counted.modes >= 1 && counted.modes <= 1000);
    t.true(counted.reverseKl >= Math.log(1000 / counted.modes) - 1e-9);
    const measured = await runFor(2, 'one', false);
    t.is(steps, 2);
    t.is(tf.memory().numTensors, before);
    t.deepEqual(readdirSync(join(folder, 'one')).sort(), [
      'checkpoint.safetensors',
      'metrics.jsonl',
      'samples-1.png',
      'samples-2.png',
    ]);
    steps = 0;
    t.deepEqual(await runFor(2, 'one', true), measured);
    t.is(steps, 0, 'what is done is not done again');
    await runFor(1, 'two', false);
    t.deepEqual(await runFor(2, 'two', true), measured);
    const [one, two] = ['one', 'two'].map((name) =>
      readFileSync(join(folder, name, 'checkpoint.safetensors')),
    );
    t.deepEqual(two, one, 'the bits of a run that never stopped');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
