/**
 * One measurement of peak resident size, in a process of its own: `node memoryChild.js TASK LAYERS ROWS`.
 * Prints {"peak": bytes over those before the flow was there, "parameters": count}. TASK is `train`
 * (gradient and Adam) or `logProb`.
 */
import { AffineCoupling, Flow, tf } from '../src/index.js';
import { flowTrainer } from '../src/train/flowTrainer.js';

const DIM = 8;
const HIDDEN = [64, 64];
/** Enough that an array a step, left to the collector, would show. */
const STEPS = 20;

// What Node and the modules take differs from process to process by megabytes.
const before = process.memoryUsage().rss;
const [task, layers, rows] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const columns = Array.from({ length: DIM }, (_, i) => i);
const [first, second] = [columns.slice(0, DIM / 2), columns.slice(DIM / 2)];
const bijections = Array.from({ length: layers }, (_, layer) => {
  const [identity, transformed] = layer % 2 === 0 ? [first, second] : [second, first];
  return new AffineCoupling({ dim: DIM, identity, transformed, hidden: HIDDEN, activation: 'relu' });
});
const flow = new Flow({ dim: DIM, bijections });
const { count } = flow.parameters;
const x = new Float32Array(rows * DIM);
for (let i = 0; i < x.length; i++) x[i] = Math.sin(i);

if (task === 'train') {
  const update = flowTrainer(flow);
  for (let step = 0; step < STEPS; step++) update(x, null, 1e-3);
} else {
  // Without tf.tidy, which looks through every number of an array that it hands on for tensors.
  const densities = flow.logProb(tf.tensor2d(x, [rows, DIM])).dataSync();
  if (!densities.every(Number.isFinite)) throw new Error('a density that is not finite');
}
// Node gives it in kilobytes on every system.
const peak = process.resourceUsage().maxRSS * 1024 - before;
console.log(JSON.stringify({ peak, parameters: count }));
