/** A worker thread's part in workers.test.ts: one plan, the same gradient over and over. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadAddon } from '../../src/native/index.js';
import type { FlowSpec } from '../../src/native/spec.js';
import { feed } from './flows.js';

const { spec, rows, rounds } = workerData as { spec: FlowSpec; rows: number; rounds: number };
const { parameters, x, context } = feed(spec, rows);
const addon = loadAddon();
if (addon === null) throw new Error('the worker has no addon');
const plan = new addon.FlowPlan(spec);
const gradient = new Float32Array(spec.parameterCount);
for (let round = 0; round < rounds; round++) plan.valueAndGrad(parameters, x, context, null, gradient);
parentPort?.postMessage(gradient);
