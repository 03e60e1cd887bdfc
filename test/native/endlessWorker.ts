/** A worker thread's part in termination.test.ts: one call after the other, until it is ended. */
import { parentPort, workerData } from 'node:worker_threads';
import { endlessCalls } from './endlessCalls.js';

const call = endlessCalls()[workerData as 'product' | 'plan'];
call();
parentPort?.postMessage('ready');
for (;;) call();
