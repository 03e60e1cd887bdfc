/**
 * The thread of `prefetchedRows`: answers requests for rows, one after the other. An answer is sent first and counted
 * then, so that who waits for the count finds it.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type ErrorCode, PushforwardError } from '../../errors.js';
import { imageSize } from '../../imageShape.js';
import { loadAddon } from '../../native/index.js';
import { type ImageRowsOptions, ImageWriter } from './imageRows.js';
import type { ImageSet } from './imageSet.js';
import { decodeEach, type PictureSet } from './pictures.js';

/** What the thread starts with. */
export interface RowsWorkerData {
  readonly images: ImageSet | PictureSet;
  readonly options: ImageRowsOptions;
  readonly port: MessagePort;
  /** [1]: how many answers there were. */
  readonly answered: Int32Array;
}

export interface RowsRequest {
  /** 1, 2, 3, …; answers come in their order. */
  readonly id: number;
  readonly epoch: number;
  readonly places: Int32Array;
}

/** Rows [places.length · width], or the parts of the error that there was. */
export type RowsAnswer =
  | { readonly id: number; readonly values: Float32Array<ArrayBuffer> }
  | {
      readonly id: number;
      readonly failure: { readonly code: ErrorCode; readonly what: string; where?: string; mend?: string };
    };

const { images, options, port, answered } = workerData as RowsWorkerData;
const width = imageSize(images.shape);
const writer = new ImageWriter(images, options);

async function rowsOf({ epoch, places }: RowsRequest): Promise<Float32Array<ArrayBuffer>> {
  const values = new Float32Array(places.length * width);
  writer.startEpoch(epoch);
  const write = (i: number, pixels: ImageSet['pixels'], first: number) => {
    writer.write(places[i] as number, pixels, first, values, i * width);
  };
  if ('pixels' in images) {
    places.forEach((place, i) => {
      write(i, images.pixels, place * width);
    });
  } else await decodeEach(images, places, (pixels, i) => write(i, pixels, 0));
  return values;
}

/** An error as it travels between threads, where only its message would be left of it. */
function failureOf(error: unknown): Extract<RowsAnswer, { failure: unknown }>['failure'] {
  if (!(error instanceof PushforwardError))
    return { code: 'input', what: String(error), where: images.source };
  const { code, what, where, mend } = error;
  return { code, what, ...(where === undefined ? {} : { where }), ...(mend === undefined ? {} : { mend }) };
}

async function answer(request: RowsRequest): Promise<void> {
  const { id } = request;
  try {
    const values = await rowsOf(request);
    port.postMessage({ id, values } satisfies RowsAnswer, [values.buffer]);
  } catch (error) {
    port.postMessage({ id, failure: failureOf(error) } satisfies RowsAnswer);
  }
  Atomics.add(answered, 0, 1);
  Atomics.notify(answered, 0);
}

// Its generator of noise gives the same bits sooner.
loadAddon();
let last = Promise.resolve();
port.on('message', (request: RowsRequest) => {
  last = last.then(() => answer(request));
});
parentPort?.postMessage('ready');
