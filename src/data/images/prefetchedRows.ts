import { once } from 'node:events';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { PushforwardError } from '../../errors.js';
import { imageSize } from '../../imageShape.js';
import type { RowSource } from '../rowSource.js';
import { type ImageRowsOptions, ImageWriter } from './imageRows.js';
import type { ImageFacts, ImageSet } from './imageSet.js';
import type { PictureSet } from './pictures.js';
import type { RowsAnswer, RowsRequest, RowsWorkerData } from './rowsWorker.js';
import { waitBeyond } from './sharedCount.js';

/** Rows that are made ready in a thread of their own. */
export interface PrefetchedRows extends RowSource {
  /** Told the places of a read to come, it makes them ready meanwhile. Reads come in the order of what was told. */
  prefetch(places: Int32Array): void;
  /** How many answers lie ready. */
  readonly ready: number;
  /** Ends the thread and drops what it was about to do; a read from then on fails. */
  close(): Promise<void>;
}

/**
 * The rows of `imageRows`, bit for bit, made in a thread of their own: of images in memory, of which it takes a copy,
 * or of pictures that stay in their files, which it decodes when they are asked for, so that a set may be larger than
 * the memory. `fit` tells it the batches to come, and they become ready while the main thread trains. A read of what
 * was not told, or is not ready yet, waits, and the event loop with it. A process does not stay for the thread alone.
 * @throws PushforwardError `usage` for options that make no sense. Reads throw what `decodePicture` does, `input` for
 * a picture of another shape, `aborted` after `close` and `unsupported` where the thread has ended by itself.
 */
export async function prefetchedRows(
  images: ImageSet | PictureSet,
  options: ImageRowsOptions = {},
): Promise<PrefetchedRows> {
  // Refused here rather than in the thread.
  new ImageWriter(images, options);
  const { port1, port2 } = new MessageChannel();
  const answered = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const workerData: RowsWorkerData = { images: forThread(images), options, port: port2, answered };
  const worker = new Worker(new URL('./rowsWorker.js', import.meta.url), {
    workerData,
    transferList: [port2],
    // A thread would refuse some flags of its process, --input-type say.
    execArgv: [],
  });
  const rows = new ThreadRows(images, worker, port1, answered);
  await once(worker, 'message');
  worker.unref();
  return rows;
}

/** Milliseconds after which a wait for an answer looks whether the thread is still there to give one. */
const LOOK = 1000;

class ThreadRows implements PrefetchedRows {
  readonly rows: number;
  readonly width: number;
  readonly #source: string;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  /** How many answers the thread has sent. */
  readonly #answered: Int32Array;
  #received = 0;
  #epoch = 0;
  #asked = 0;
  /** What was asked for and not read yet. */
  #waiting: RowsRequest[] = [];
  #isClosed = false;
  /** What ended the thread, where that was told before a read found it gone. */
  #cause: unknown;

  constructor({ count, shape, source }: ImageFacts, worker: Worker, port: MessagePort, answered: Int32Array) {
    this.rows = count;
    this.width = imageSize(shape);
    this.#source = source;
    this.#worker = worker;
    this.#port = port;
    this.#answered = answered;
    // Unheard, it would end the process; a read tells it.
    worker.on('error', (cause) => {
      this.#cause = cause;
    });
  }

  get ready(): number {
    return Atomics.load(this.#answered, 0) - this.#received;
  }

  startEpoch(epoch: number): void {
    this.#epoch = epoch;
  }

  prefetch(places: Int32Array): void {
    if (this.#isClosed) {
      const mend = 'read before the rows are closed';
      throw new PushforwardError('aborted', 'the reading of images was ended', { where: this.#source, mend });
    }
    this.#asked += 1;
    // A copy: of a part of an array, the whole would be sent.
    const request = { id: this.#asked, epoch: this.#epoch, places: places.slice() };
    this.#port.postMessage(request);
    this.#waiting.push(request);
  }

  read(places: Int32Array, out: Float32Array): void {
    const isAsked = ({ epoch, places: asked }: RowsRequest) =>
      epoch === this.#epoch &&
      asked.length === places.length &&
      asked.every((place, i) => place === places[i]);
    if (!this.#waiting.some(isAsked)) this.prefetch(places);
    const at = this.#waiting.findIndex(isAsked);
    const { id } = this.#waiting[at] as RowsRequest;
    // What was told before and left out is not coming any more.
    this.#waiting = this.#waiting.slice(at + 1);
    let answer = this.#receive();
    while (answer.id < id) answer = this.#receive();
    if ('values' in answer) {
      out.set(answer.values);
      return;
    }
    const { code, what, ...details } = answer.failure;
    throw new PushforwardError(code, what, details);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#waiting = [];
    this.#port.close();
    await this.#worker.terminate();
  }

  #receive(): RowsAnswer {
    // Its end is an event, and events do not come while this thread waits. Twice, because a thread that has only just
    // started looks like one that has ended.
    let looks = 0;
    waitBeyond(this.#answered, this.#received, LOOK, () => {
      looks = hasEnded(this.#worker) ? looks + 1 : 0;
      if (looks === 2) throw this.#ended();
    });
    this.#received += 1;
    return (receiveMessageOnPort(this.#port) as { message: RowsAnswer }).message;
  }

  #ended(): PushforwardError {
    const told =
      this.#cause instanceof Error ? `: ${this.#cause.message}` : ', most often for want of memory';
    return new PushforwardError('unsupported', `the thread that reads images has ended${told}`, {
      where: this.#source,
      mend: 'give smaller images or batches, and go on from the last checkpoint',
      cause: this.#cause,
    });
  }
}

/** Whether a thread does nothing any more: Node then has no times of its event loop, or an idle time below 0. */
function hasEnded(worker: Worker): boolean {
  const { idle, active } = worker.performance.eventLoopUtilization();
  return idle < 0 || (idle === 0 && active === 0);
}

/** What the thread needs of images: pixels in shared memory, no classes. */
function forThread({
  labels: _labels,
  classes: _classes,
  ...images
}: ImageSet | PictureSet): RowsWorkerData['images'] {
  if (!('pixels' in images)) return images;
  const { pixels } = images;
  const memory = new SharedArrayBuffer(pixels.byteLength);
  const shared = pixels instanceof Uint8Array ? new Uint8Array(memory) : new Float32Array(memory);
  shared.set(pixels);
  return { ...images, pixels: shared };
}
