import type { ElementType, TensorValues } from './tensor.js';

/** A tensor on its way into or out of a session. */
export interface RunTensor {
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly data: TensorValues;
}

export type RunTensors = Readonly<Record<string, RunTensor>>;

/** What a session's thread is started with. */
export interface WorkerStart {
  readonly model: Uint8Array;
  readonly threads: number;
  /** Int32Array of two flags, see `BUSY` and `STOP`. */
  readonly flags: SharedArrayBuffer;
}

/** Flag: the thread is inside ONNX Runtime and must not be stopped. */
export const BUSY = 0;
/** Flag: the process is ending and the thread must not enter ONNX Runtime again. */
export const STOP = 1;

export type Request =
  | { readonly kind: 'run'; readonly id: number; readonly feeds: RunTensors }
  | { readonly kind: 'close' };

export type Reply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'done'; readonly id: number; readonly results: RunTensors }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };
