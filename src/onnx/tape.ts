import { PushforwardError } from '../errors.js';
import type { Tensor, tf } from '../tf.js';

type DataId = tf.TensorInfo['dataId'];
type TypedArray = tf.backend_util.TypedArray;

/** Where a recorded tensor comes from. A leaf was made outside, or without any kernel. */
export type Source =
  | { readonly kind: 'input'; readonly index: number }
  | { readonly kind: 'leaf'; readonly index: number }
  | { readonly kind: 'node'; readonly node: number; readonly output: number };

export interface RecordedTensor {
  readonly source: Source;
  readonly dtype: tf.DataType;
  readonly shape: readonly number[];
  /** The values, when they do not depend on the function's inputs. */
  readonly values: TypedArray | undefined;
}

export interface RecordedNode {
  readonly kernel: string;
  /** In the order in which the kernel names them; a list of tensors has keys 0, 1, ... */
  readonly inputs: readonly (readonly [string, RecordedTensor])[];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly outputs: readonly RecordedTensor[];
}

/** Kernels that look at the shape of their input alone. */
const shapeOnly = new Set(['ZerosLike', 'OnesLike']);

function keyOf(info: tf.TensorInfo): string {
  return `${info.dtype}[${info.shape.join(',')}]`;
}

/**
 * The kernels of one run in order. Identity, Reshape and widening casts give back the data of their
 * input, so a tensor is known by its data together with its shape and type.
 */
export class Tape {
  readonly nodes: RecordedNode[] = [];
  outputs: readonly RecordedTensor[] = [];
  readonly #tensors = new Map<DataId, Map<string, RecordedTensor>>();
  readonly #dynamic = new Set<DataId>();
  #leaves = 0;

  constructor(readonly valuesOf: (info: tf.TensorInfo) => TypedArray) {}

  setInputs(tensors: readonly Tensor[]): void {
    tensors.forEach((tensor, index) => {
      this.#dynamic.add(tensor.dataId);
      this.#note(tensor, { kind: 'input', index }, true);
    });
  }

  setOutputs(tensors: readonly Tensor[]): void {
    this.outputs = tensors.map((tensor) => this.#resolve(tensor));
  }

  /** Whether the data depends on the function's inputs. */
  isDynamic(dataId: DataId): boolean {
    return this.#dynamic.has(dataId);
  }

  add(
    kernel: string,
    inputs: tf.NamedTensorInfoMap,
    attributes: Readonly<Record<string, unknown>>,
    outputs: readonly tf.TensorInfo[],
  ): void {
    const resolved: [string, RecordedTensor][] = [];
    for (const [name, info] of Object.entries(inputs)) {
      if (info !== undefined && info !== null) resolved.push([name, this.#resolve(info)]);
    }
    const dynamic = !shapeOnly.has(kernel) && resolved.some(([, tensor]) => tensor.values === undefined);
    const node = this.nodes.length;
    this.nodes.push({
      kernel,
      inputs: resolved,
      attributes: structuredClone(attributes),
      outputs: outputs.map((info, output) => {
        if (dynamic) this.#dynamic.add(info.dataId);
        return this.#note(info, { kind: 'node', node, output }, dynamic);
      }),
    });
  }

  /** An output that is the very tensor that came in keeps its first source: the kernel did nothing. */
  #note(info: tf.TensorInfo, source: Source, dynamic: boolean): RecordedTensor {
    const views = this.#tensors.get(info.dataId) ?? new Map<string, RecordedTensor>();
    this.#tensors.set(info.dataId, views);
    const known = views.get(keyOf(info));
    if (known !== undefined) return known;
    const tensor: RecordedTensor = {
      source,
      dtype: info.dtype,
      shape: [...info.shape],
      values: dynamic ? undefined : this.valuesOf(info),
    };
    views.set(keyOf(info), tensor);
    return tensor;
  }

  #resolve(info: tf.TensorInfo): RecordedTensor {
    const known = this.#tensors.get(info.dataId)?.get(keyOf(info));
    if (known !== undefined) return known;
    if (this.#dynamic.has(info.dataId)) {
      throw new PushforwardError('unsupported', 'a tensor was given another shape or type without a kernel', {
        where: 'ONNX trace',
      });
    }
    return this.#note(info, { kind: 'leaf', index: this.#leaves++ }, false);
  }
}
