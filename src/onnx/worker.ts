/** The thread of one session. `OnnxRunner` starts it; nothing else imports it. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import ort from 'onnxruntime-node';
import { BUSY, type Reply, type Request, type RunTensor, STOP, type WorkerStart } from './protocol.js';

/** ONNX Runtime reports failures by exceptions too, so its log is left to what kills the process. */
const FATAL = 4;

const port = parentPort as MessagePort;
const start = workerData as WorkerStart;
const flags = new Int32Array(start.flags);

function reply(message: Reply): void {
  port.postMessage(message);
}

/**
 * Runs work inside ONNX Runtime with the flag up. A thread that is stopped in there brings the process
 * down (its return into a dying thread is an uncaught C++ exception), so the process waits for the flag
 * before it ends.
 */
async function guarded<T>(work: () => Promise<T>): Promise<T | undefined> {
  Atomics.store(flags, BUSY, 1);
  try {
    return Atomics.load(flags, STOP) === 1 ? undefined : await work();
  } finally {
    Atomics.store(flags, BUSY, 0);
    Atomics.notify(flags, BUSY);
  }
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function toOrt({ type, dims, data }: RunTensor): ort.Tensor {
  return new ort.Tensor(type, data as ort.Tensor.DataType, dims);
}

function fromOrt(tensor: ort.Tensor): RunTensor {
  return { type: tensor.type, dims: tensor.dims, data: tensor.data } as RunTensor;
}

async function answer(session: ort.InferenceSession, request: Request & { kind: 'run' }): Promise<void> {
  const { id, feeds } = request;
  try {
    const inputs = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toOrt(tensor)]));
    const outputs = await guarded(() => session.run(inputs));
    if (outputs === undefined) return;
    const results = Object.fromEntries(
      Object.entries(outputs).map(([name, tensor]) => [name, fromOrt(tensor as ort.Tensor)]),
    );
    reply({ kind: 'done', id, results });
  } catch (error) {
    reply({ kind: 'failed', id, message: text(error) });
  }
}

try {
  const session = await guarded(() =>
    ort.InferenceSession.create(start.model, {
      intraOpNumThreads: start.threads,
      interOpNumThreads: 1,
      logSeverityLevel: FATAL,
    }),
  );
  if (session !== undefined) {
    let last = Promise.resolve();
    port.on('message', (request: Request) => {
      last = last.then(async () => {
        if (request.kind === 'run') return answer(session, request);
        await guarded(() => session.release());
        port.close();
      });
    });
    reply({ kind: 'ready' });
  }
} catch (error) {
  reply({ kind: 'refused', message: text(error) });
}
