import { PushforwardError } from '../errors.js';
import { MathBackendCPU, type Tensor, tf } from '../tf.js';
import { Tape } from './tape.js';

/** Name of the recording backend; tfjs splits registry keys at underscores, so it holds none. */
const RECORDER = 'recorder';

type DataId = tf.TensorInfo['dataId'];

/**
 * A CPU backend that writes down which kernels run. Tensors of other backends are borrowed: their
 * values are read, but the tensors stay where they are, reference counts included.
 */
class RecorderBackend extends MathBackendCPU {
  tape: Tape | undefined;
  readonly #owners = new Map<DataId, tf.KernelBackend>();
  #depth = 0;

  constructor() {
    super();
    // The first tensor of a CPU backend prints an advertisement for tfjs-node, which helps nobody here.
    (this as unknown as { firstUse: boolean }).firstUse = false;
    this.data = new tf.DataStorage(this, { moveData: (_backend, dataId) => this.#borrow(dataId) });
  }

  #borrow(dataId: DataId): void {
    const info = tf.engine().state.tensorInfo.get(dataId);
    if (info === undefined) throw new Error('a tensor was used after it was disposed');
    this.#owners.set(dataId, info.backend);
    this.data.set(dataId, {
      values: info.backend.readSync(dataId) as tf.backend_util.TypedArray,
      dtype: info.dtype,
      refCount: 0,
    });
  }

  #owner(dataId: DataId): tf.KernelBackend | undefined {
    if (!this.data.has(dataId)) this.#borrow(dataId);
    return this.#owners.get(dataId);
  }

  override refCount(dataId: DataId): number {
    return this.#owner(dataId)?.refCount(dataId) ?? super.refCount(dataId);
  }

  override incRef(dataId: DataId): void {
    const owner = this.#owner(dataId);
    if (owner === undefined) super.incRef(dataId);
    else owner.incRef(dataId);
  }

  override disposeData(dataId: DataId, force = false): boolean {
    const owner = this.#owners.get(dataId);
    return owner === undefined ? super.disposeData(dataId, force) : owner.disposeData(dataId, force);
  }

  override numDataIds(): number {
    return super.numDataIds() - this.#owners.size;
  }

  override readSync(dataId: DataId): tf.backend_util.BackendValues {
    if (this.#depth === 0 && this.tape?.isDynamic(dataId)) {
      throw new PushforwardError(
        'unsupported',
        'the function reads the values of a tensor that depends on its inputs',
        {
          where: 'ONNX trace',
          mend: 'write it with tensor operations alone',
        },
      );
    }
    return super.readSync(dataId);
  }

  /** Runs a kernel and, when it is not part of another one, writes it down. */
  record(
    kernel: string,
    run: tf.KernelFunc,
    parameters: Parameters<tf.KernelFunc>[0],
  ): ReturnType<tf.KernelFunc> {
    const { tape } = this;
    if (tape === undefined || this.#depth > 0) return run(parameters);
    this.#depth += 1;
    try {
      const outputs = run(parameters);
      tape.add(
        kernel,
        parameters.inputs,
        parameters.attrs ?? {},
        Array.isArray(outputs) ? outputs : [outputs],
      );
      return outputs;
    } finally {
      this.#depth -= 1;
    }
  }

  /** Row-major values of a tensor on any backend. */
  valuesOf(info: tf.TensorInfo): tf.backend_util.TypedArray {
    return this.data.get(info.dataId).values as tf.backend_util.TypedArray;
  }

  /** Forgets what was borrowed. */
  release(): void {
    this.tape = undefined;
    for (const dataId of this.#owners.keys()) this.data.delete(dataId);
    this.#owners.clear();
  }
}

let recorder: RecorderBackend | undefined;

function recorderBackend(): RecorderBackend {
  if (recorder !== undefined) return recorder;
  const backend = new RecorderBackend();
  tf.registerBackend(RECORDER, () => backend, 0);
  for (const config of tf.getKernelsForBackend('cpu')) {
    tf.registerKernel({
      ...config,
      backendName: RECORDER,
      kernelFunc: (parameters) => backend.record(config.kernelName, config.kernelFunc, parameters),
    });
  }
  recorder = backend;
  return backend;
}

export type TraceType = 'float32' | 'int32' | 'bool';

export interface TraceInput {
  readonly dtype: TraceType;
  readonly shape: readonly number[];
}

/** Values that excite the function without leaving any sensible domain: floats in (0, 1), indices 0. */
function probe({ dtype, shape }: TraceInput, index: number): Tensor {
  const size = tf.util.sizeFromShape([...shape]);
  const values = tf.util.makeZerosTypedArray(size, dtype);
  if (dtype === 'float32') {
    for (let i = 0; i < size; i++) values[i] = 0.5 + 0.4 * Math.sin(1 + index + i);
  }
  return tf.tensor(values, [...shape], dtype);
}

/**
 * Runs a function of tensors on the recording backend and gives the kernels it ran. The backend in
 * use before is in use again afterwards, and every tensor that the run made is freed.
 */
export function recordTape(
  fn: (...tensors: Tensor[]) => Tensor | Tensor[],
  inputs: readonly TraceInput[],
): Tape {
  const backend = recorderBackend();
  if (backend.tape !== undefined) {
    throw new PushforwardError('usage', 'a trace was started inside another', { where: 'ONNX trace' });
  }
  tf.backend();
  const previous = tf.getBackend();
  const tape = new Tape((info) => backend.valuesOf(info));
  try {
    // Switching to a backend that is made synchronously takes effect before the promise is returned.
    void tf.setBackend(RECORDER);
    backend.tape = tape;
    tf.tidy(() => {
      const tensors = inputs.map(probe);
      tape.setInputs(tensors);
      const result = fn(...tensors);
      tape.setOutputs(Array.isArray(result) ? result : [result]);
    });
  } finally {
    void tf.setBackend(previous);
    backend.release();
  }
  return tape;
}
