import { type Flow, maf, nsf, tf } from '../src/index.js';
import { Random, streamOf } from '../src/random.js';
import { flowTrainer } from '../src/train/flowTrainer.js';
import type { Parts } from './tables.js';

/** How every contender fits; bench/quality.json holds the numbers. */
export interface FitSettings {
  readonly learningRate: number;
  readonly clipNorm: number;
  readonly batch: number;
  readonly steps: number;
  /** Steps from one validation to the next. */
  readonly every: number;
  /** Validations without a better one that end the fit. */
  readonly patience: number;
}

export interface ModelSettings {
  readonly name: 'nsf' | 'maf';
  readonly layers: number;
  readonly hidden: readonly number[];
  readonly bins?: number;
  readonly bound?: number;
}

export interface Fitted {
  /** Mean log-likelihood of the test rows, nats, with the weights that validated best. */
  readonly test: number;
  readonly validation: number;
  readonly bestStep: number;
  readonly parameters: number;
  readonly seconds: number;
}

/**
 * Fits a preset of ours by Adam, its rate falling to zero along half a cosine, the gradient clipped to a
 * norm, and keeps the weights of the best validation: what bench/peers/quality.py does with a peer.
 */
export function fitOurs(parts: Parts, model: ModelSettings, settings: FitSettings, seed: number): Fitted {
  const start = performance.now();
  const { columns: dim, train } = parts;
  const { name, layers, hidden, bins = 8, bound = 3 } = model;
  const shared = { dim, layers, hidden, activation: 'relu' as const, seed };
  const flow = name === 'nsf' ? nsf({ ...shared, bins, bound }) : maf(shared);
  const count = train.length / dim;
  const random = new Random(seed, streamOf('quality'));
  const batches = batchesOf(count, settings.batch, random);
  const rows = new Float32Array(settings.batch * dim);
  const values = flow.parameters.values();
  const update = flowTrainer(flow, values, settings.clipNorm);
  let best = { validation: Number.NEGATIVE_INFINITY, step: 0, values: values.slice() };
  for (let step = 1; step <= settings.steps; step++) {
    batches().forEach((row, i) => {
      rows.set(train.subarray(row * dim, (row + 1) * dim), i * dim);
    });
    if (step === 1) {
      tf.tidy(() => flow.initialiseFrom(tf.tensor2d(rows, [settings.batch, dim])));
      values.set(flow.parameters.values());
    }
    update(rows, null, (settings.learningRate * (1 + Math.cos((Math.PI * (step - 1)) / settings.steps))) / 2);
    if (step % settings.every !== 0) continue;
    const validation = meanLogLikelihood(flow, parts.validation);
    if (validation > best.validation) best = { validation, step, values: values.slice() };
    else if (step - best.step >= settings.every * settings.patience) break;
  }
  flow.parameters.assign(best.values);
  const test = meanLogLikelihood(flow, parts.test);
  flow.dispose();
  return {
    test,
    validation: best.validation,
    bestStep: best.step,
    parameters: values.length,
    seconds: (performance.now() - start) / 1000,
  };
}

/** Batches of epoch after epoch, each in an order of its own; what is left of an epoch is dropped. */
function batchesOf(count: number, batch: number, random: Random): () => Int32Array {
  let order = random.permutation(count);
  let next = 0;
  return () => {
    if (next + batch > count) {
      order = random.permutation(count);
      next = 0;
    }
    next += batch;
    return order.subarray(next - batch, next);
  };
}

function meanLogLikelihood(flow: Flow, rows: Float32Array): number {
  return tf.tidy(() => {
    const x = tf.tensor2d(rows, [rows.length / flow.dim, flow.dim]);
    return tf.mean(flow.logProb(x)).dataSync()[0] as number;
  });
}
