import test from 'ava';
import '../../src/backend/index.js';
import type { Flow } from '../../src/flows/flow.js';
import { maf } from '../../src/flows/presets/maf.js';
import { nsf } from '../../src/flows/presets/nsf.js';
import { realNvp } from '../../src/flows/presets/realNvp.js';
import { type Tensor, type Tensor2D, tf } from '../../src/tf.js';
import { flowTrainer } from '../../src/train/flowTrainer.js';
import { addonOrSkip, normals } from './laws.js';

const rows = 2048;

/** Two tight arcs, each other column a noisy function of the one before it; every column of variance 1. */
function arcs(dim: number): Float32Array {
  const noise = normals(rows * (dim + 2), 41);
  const x = new Float32Array(rows * dim);
  for (let i = 0; i < rows; i++) {
    const at = (k: number) => noise[i * (dim + 2) + k] as number;
    const side = at(1) > 0 ? 1 : -1;
    const angle = 1.3 * at(0);
    x[i * dim] = Math.cos(angle) * side - 0.4 * side + 0.05 * at(2);
    x[i * dim + 1] = Math.sin(angle) * side - 0.2 * side + 0.05 * at(3);
    for (let j = 2; j < dim; j++)
      x[i * dim + j] = Math.sin(2 * (x[i * dim + j - 1] as number)) + 0.05 * at(j + 2);
  }
  const columns = tf.tidy(() => {
    const values = tf.tensor2d(x, [rows, dim]);
    const { mean, variance } = tf.moments(values, 0);
    return tf.div(tf.sub(values, mean), tf.sqrt(variance)).dataSync<'float32'>().slice();
  });
  return columns;
}

function greatest(tensor: Tensor): number {
  return tf.max(tf.abs(tensor)).dataSync()[0] as number;
}

/** Stacks of 32 steps; those of some presets have two or three layers each. */
const stacks: Record<string, (dim: number) => Flow> = {
  realNvp: (dim) => realNvp({ dim, layers: 32, hidden: [32, 32] }),
  nsf: (dim) => nsf({ dim, layers: 32, hidden: [32, 32] }),
  maf: (dim) => maf({ dim, layers: 32, hidden: [32, 32] }),
};

for (const [name, build] of Object.entries(stacks)) {
  for (const dim of [2, 5]) {
    test.serial(`${name}: 32 trained steps in ${dim} dimensions come back within 1e-4, both ways`, (t) => {
      if (addonOrSkip(t) === null) return;
      const flow = build(dim);
      const x = arcs(dim);
      const data = tf.tensor2d(x, [rows, dim]);
      flow.initialiseFrom(data);
      const update = flowTrainer(flow, flow.parameters.values(), 5);
      const losses: number[] = [];
      const batch = 256;
      for (let step = 1; step <= 100; step++) {
        const first = (step * batch) % rows;
        losses.push(update(x.subarray(first * dim, (first + batch) * dim), null, 2e-3));
      }
      t.true((losses.at(-1) as number) < (losses[0] as number) - 0.2, `it has learnt: ${losses.at(-1)}`);
      tf.tidy(() => {
        const error = greatest(tf.sub(flow.inverse(flow.forward(data).z).x, data));
        t.true(error <= 1e-4, `data: ${error}`);
        const z = tf.tensor2d(normals(rows * dim, 42), [rows, dim]);
        const latent = greatest(tf.div(tf.sub(flow.forward(flow.inverse(z).x).z, z), tf.add(1, tf.abs(z))));
        t.true(latent <= 1e-4, `latent: ${latent}`);
        // 32 maps that each stretch by up to e² take 1e4 where its square is beyond float32.
        const far = tf.mul(tf.sign(z), 1e4) as Tensor2D;
        t.false(flow.logProb(far).dataSync().some(Number.isNaN), 'rows at ±1e4');
        t.false(flow.inverse(far).x.dataSync().some(Number.isNaN), 'latents at ±1e4');
      });
      data.dispose();
      flow.dispose();
    });
  }

  test.serial(`${name}: a constant column and one row have a start, a density and a way back`, (t) => {
    if (addonOrSkip(t) === null) return;
    const flow = build(3);
    tf.tidy(() => {
      const x = tf.tensor2d(arcs(3), [rows, 3]);
      const constant = tf.add(tf.mul(x, [1, 0, 1]), [0, 7, 0]) as Tensor2D;
      flow.initialiseFrom(constant);
      for (const batch of [
        constant,
        tf.slice(constant, [0, 0], [1, 3]),
        tf.slice(constant, [0, 0], [0, 3]),
      ]) {
        const { z, logDet } = flow.forward(batch as Tensor2D);
        t.true([z, logDet].every((result) => result.dataSync().every(Number.isFinite)));
        if (batch.size > 0) t.true(greatest(tf.sub(flow.inverse(z).x, batch)) < 1e-4);
      }
      const gradient = new Float32Array(flow.parameters.count);
      const value = flow.negativeLogLikelihoodAndGradient(constant.dataSync<'float32'>(), null, gradient);
      t.true(Number.isFinite(value) && gradient.every(Number.isFinite));
    });
    flow.dispose();
  });
}
