import type { Elements, TensorKernels } from '../native/tensorKernels.js';
import { MathBackendCPU, type tf } from '../tf.js';
import { type ElementsOf, Pool } from './pool.js';

type DataId = tf.TensorInfo['dataId'];
export type ElementType = 'float32' | 'int32' | 'bool';

/**
 * The storage of one tensor whose array a kernel of this backend made. Whoever reads `values`, the
 * user through `dataSync` or a kernel of the CPU backend (which may give out views of it), may keep
 * what it got, so that the array is then left to the garbage collector. Only `borrow` leaves it private.
 */
class PrivateData {
  refCount = 1;
  readonly dtype: tf.DataType;
  readonly #pool: Pool;
  #elements: Elements;
  #isPrivate = true;

  constructor(elements: Elements, dtype: tf.DataType, pool: Pool) {
    this.#elements = elements;
    this.dtype = dtype;
    this.#pool = pool;
  }

  get values(): Elements {
    if (this.#isPrivate) {
      this.#isPrivate = false;
      this.#elements = this.#pool.leave(this.#elements);
    }
    return this.#elements;
  }

  /** The array, for reading within the call that asks and no longer. */
  borrow(): Elements {
    return this.#elements;
  }

  /** The array, if it has never been given out. */
  get reusable(): Elements | undefined {
    return this.#isPrivate ? this.#elements : undefined;
  }
}

/**
 * The CPU backend with storage of its own for what native kernels make: the array of a freed tensor
 * is used again when nobody but these kernels has ever seen it.
 */
export class NativeBackend extends MathBackendCPU {
  readonly kernels: TensorKernels;
  readonly #pool: Pool;

  constructor(kernels: TensorKernels) {
    super();
    this.kernels = kernels;
    this.#pool = new Pool(kernels.tensorMisalignment);
  }

  /** Storage for the values as they are; the base class would also greet, and advise another backend. */
  override write(values: tf.backend_util.BackendValues, _shape: number[], dtype: tf.DataType): DataId {
    const dataId = {};
    this.data.set(dataId, { values, dtype, refCount: 1 });
    return dataId;
  }

  override disposeData(dataId: DataId, force = false): boolean {
    const data = this.data.has(dataId) ? this.data.get(dataId) : undefined;
    const isFreed = super.disposeData(dataId, force);
    // A forced disposal may leave references behind.
    if (isFreed && data instanceof PrivateData && data.refCount === 0 && data.reusable !== undefined) {
      this.#pool.give(data.reusable);
    }
    return isFreed;
  }

  override dispose(): void {
    this.#pool.clear();
    super.dispose();
  }

  /** An array for a result, its contents arbitrary. */
  allocate<K extends ElementType>(type: K, length: number): ElementsOf<K> {
    return this.#pool.take(type, length);
  }

  /** A tensor of an array that `allocate` made and that the caller forgets. */
  adopt(elements: Elements, shape: number[], dtype: tf.DataType): tf.TensorInfo {
    const dataId = {};
    this.data.set(dataId, new PrivateData(elements, dtype, this.#pool));
    return { dataId, shape, dtype };
  }

  /** Gives back an array that `allocate` made and that became no tensor. */
  release(elements: Elements): void {
    this.#pool.give(elements);
  }

  /**
   * The stored array of a tensor, to be read within the kernel that asks and kept by nobody. Its type
   * need not be the tensor's: the CPU kernels' casts to a wider type share the storage.
   */
  stored(tensor: tf.TensorInfo): tf.backend_util.BackendValues | undefined {
    const data = this.data.get(tensor.dataId);
    return data instanceof PrivateData ? data.borrow() : data.values;
  }

  /** Whether the array of a tensor is one that no other tensor shares and nobody has ever been given. */
  isExclusive(tensor: tf.TensorInfo): boolean {
    const data = this.data.get(tensor.dataId);
    return data instanceof PrivateData && data.refCount === 1 && data.reusable !== undefined;
  }
}
