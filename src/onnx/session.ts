import { Worker } from 'node:worker_threads';
import { PushforwardError } from '../errors.js';
import { type OnnxHeader, readBytes, readHeader } from './file.js';
import { BUSY, type Reply, type Request, type RunTensors, STOP, type WorkerStart } from './protocol.js';

export type { RunTensor, RunTensors } from './protocol.js';

export interface OnnxRunnerOptions {
  /** Threads that one run may use. Default 1. */
  readonly threads?: number;
}

/** Longest wait for a run under way when the process ends, in milliseconds. */
const FAREWELL = 30_000;

/** Flags of the sessions that are open. */
const open = new Set<Int32Array>();

/** Lets runs under way come to their end before Node stops the threads they are in. */
function waitForRuns(): void {
  const deadline = Date.now() + FAREWELL;
  for (const flags of open) Atomics.store(flags, STOP, 1);
  for (const flags of open) {
    while (Atomics.load(flags, BUSY) === 1 && Date.now() < deadline) {
      Atomics.wait(flags, BUSY, 1, deadline - Date.now());
    }
  }
}

interface Pending {
  readonly resolve: (results: RunTensors) => void;
  readonly reject: (error: Error) => void;
}

/**
 * An ONNX file in a thread of its own, because ONNX Runtime blocks the thread it runs in. Runs are
 * served in the order in which they were asked for. An open runner with nothing to do does not keep the
 * process alive.
 */
export class OnnxRunner {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #exited: Promise<void>;
  #nextId = 0;
  #failure: PushforwardError | undefined;

  private constructor(
    worker: Worker,
    flags: Int32Array,
    /** The file's path, or `ONNX bytes`. */
    readonly source: string,
    readonly header: OnnxHeader,
  ) {
    this.#worker = worker;
    this.#exited = new Promise((resolve) => {
      worker.once('exit', () => {
        open.delete(flags);
        if (open.size === 0) process.off('exit', waitForRuns);
        this.#fail(new PushforwardError('usage', 'the session is closed', { where: source }));
        resolve();
      });
    });
    worker.on('error', (cause) => this.#fail(this.#broken(cause.message, cause)));
    worker.on('message', (reply: Reply) => this.#receive(reply));
  }

  /**
   * Opens a file, or its bytes. Throws `input` for a file that cannot be read, `damaged` for one that is
   * no ONNX file, not all of one, or refused by ONNX Runtime.
   */
  static async open(source: string | Uint8Array, options: OnnxRunnerOptions = {}): Promise<OnnxRunner> {
    const where = typeof source === 'string' ? source : 'ONNX bytes';
    const model = typeof source === 'string' ? await readBytes(source) : source;
    const header = readHeader(model, where);
    const shared = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
    const flags = new Int32Array(shared);
    const start: WorkerStart = { model, threads: options.threads ?? 1, flags: shared };
    // Raised before the thread exists, so that the process cannot end while it loads the library.
    flags[BUSY] = 1;
    if (open.size === 0) process.on('exit', waitForRuns);
    open.add(flags);
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: start, execArgv: [] });
    const runner = new OnnxRunner(worker, flags, where, header);
    await new Promise<void>((resolve, reject) => {
      worker.once('message', (reply: Reply) => {
        if (reply.kind !== 'refused') return resolve();
        reject(
          new PushforwardError('damaged', `ONNX Runtime refuses the file: ${oneLine(reply.message)}`, {
            where,
          }),
        );
      });
      worker.once('error', (cause) => reject(runner.#broken(cause.message, cause)));
      worker.once('exit', () => reject(runner.#broken('the thread ended')));
    });
    worker.unref();
    return runner;
  }

  /**
   * Runs the graph. Feeds are copied. Throws `input` for a missing, unknown or mistyped input and for
   * values that the graph cannot take, `usage` once the runner is closed.
   */
  run(feeds: RunTensors): Promise<RunTensors> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) throw this.#failure;
      this.#check(feeds);
      const id = this.#nextId++;
      this.#pending.set(id, { resolve, reject });
      this.#worker.ref();
      this.#send({ kind: 'run', id, feeds: compact(feeds) });
    });
  }

  /** Ends the thread once the runs asked for are done. Closing twice is harmless. */
  async close(): Promise<void> {
    if (this.#failure === undefined) {
      this.#failure = new PushforwardError('usage', 'the session is closed', { where: this.source });
      this.#worker.ref();
      this.#send({ kind: 'close' });
    }
    await this.#exited;
  }

  #send(request: Request): void {
    this.#worker.postMessage(request);
  }

  #receive(reply: Reply): void {
    if (reply.kind !== 'done' && reply.kind !== 'failed') return;
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (this.#pending.size === 0 && this.#failure === undefined) this.#worker.unref();
    if (reply.kind === 'done') pending?.resolve(reply.results);
    else pending?.reject(new PushforwardError('input', oneLine(reply.message), { where: this.source }));
  }

  #broken(message: string, cause?: unknown): PushforwardError {
    return new PushforwardError('unsupported', `ONNX Runtime cannot be used: ${oneLine(message)}`, {
      where: this.source,
      cause,
    });
  }

  #fail(error: PushforwardError): void {
    this.#failure ??= error;
    for (const { reject } of this.#pending.values()) reject(this.#failure);
    this.#pending.clear();
  }

  #check(feeds: RunTensors): void {
    const { inputs } = this.header;
    for (const name of Object.keys(feeds)) {
      if (inputs.some((input) => input.name === name)) continue;
      throw this.#wrong(`the file has no input "${name}"`);
    }
    for (const { name, type, dims } of inputs) {
      const feed = feeds[name];
      if (feed === undefined) throw this.#wrong(`the input "${name}" is missing`);
      if (feed.type !== type) throw this.#wrong(`the input "${name}" is ${type}, not ${feed.type}`);
      const fits =
        feed.dims.length === dims.length &&
        dims.every((dim, axis) => typeof dim === 'string' || dim === feed.dims[axis]);
      if (!fits) {
        throw this.#wrong(
          `the input "${name}" has shape [${dims.join(', ')}], not [${feed.dims.join(', ')}]`,
        );
      }
    }
  }

  #wrong(what: string): PushforwardError {
    return new PushforwardError('input', what, { where: this.source });
  }
}

function oneLine(message: string): string {
  return message.replaceAll(/\s+/g, ' ').trim();
}

/** Posting a view posts the whole buffer behind it, so views are cut out first. */
function compact(feeds: RunTensors): RunTensors {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, feed]) => {
      const { data } = feed;
      const isView = ArrayBuffer.isView(data) && data.byteLength < data.buffer.byteLength;
      return [name, isView ? { ...feed, data: data.slice() } : feed];
    }),
  );
}
