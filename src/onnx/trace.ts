import { PushforwardError } from '../errors.js';
import type { Tensor } from '../tf.js';
import { collapse, sameValues, toElements } from './constants.js';
import { BATCH_SIZES, isBatchMultiple, type Symbolic, unifyAttribute, unifyShapes } from './dimensions.js';
import type { GraphBuilder } from './graph.js';
import { Conversion, type Operand } from './kernels/conversion.js';
import { converters } from './kernels/index.js';
import { recordTape, type TraceType } from './recorder.js';
import type { RecordedNode, RecordedTensor, Source, Tape } from './tape.js';
import type { Dimension } from './tensor.js';
import { GraphWriter } from './writer.js';

/** A value of the graph that the traced function gets as a tensor. */
export interface TraceArgument {
  /** What a GraphBuilder method returned. */
  readonly value: string;
  readonly dtype: TraceType;
  readonly shape: readonly Dimension[];
}

function sourceKey(source: Source): string {
  return source.kind === 'node' ? `node ${source.node} ${source.output}` : `${source.kind} ${source.index}`;
}

function traceType(tensor: RecordedTensor, where: string): TraceType {
  if (tensor.dtype === 'float32' || tensor.dtype === 'int32' || tensor.dtype === 'bool') return tensor.dtype;
  throw new PushforwardError('unsupported', `a tensor of type ${tensor.dtype} cannot be traced`, { where });
}

/** Two runs of one function, laid over each other and written into a graph. */
class Tracing {
  readonly #values = new Map<string, Operand>();
  readonly #needed = new Set<number>();
  readonly #writer: GraphWriter;

  constructor(
    readonly builder: GraphBuilder,
    readonly args: readonly TraceArgument[],
    readonly first: Tape,
    readonly second: Tape,
  ) {
    const rows = args.find(({ shape }) => shape.includes('batch'));
    this.#writer = new GraphWriter(
      builder,
      rows === undefined ? undefined : { value: rows.value, axis: rows.shape.indexOf('batch') },
    );
    args.forEach(({ value, dtype, shape }, index) => {
      const sizes = shape.map((size) => (size === 'batch' ? { batches: 1 } : size));
      this.#values.set(sourceKey({ kind: 'input', index }), { dtype, sizes, value, compact: value });
    });
  }

  write(): string[] {
    this.#checkOrder();
    this.first.outputs.forEach((tensor, index) => {
      this.#need(tensor, this.#twin(this.second.outputs[index], 'the outputs'), `output ${index}`);
    });
    for (let index = this.first.nodes.length - 1; index >= 0; index--) {
      if (!this.#needed.has(index)) continue;
      const [node, twin] = this.#pair(index);
      node.inputs.forEach(([name, tensor], position) => {
        const where = `ONNX trace, input ${name} of ${node.kernel}`;
        this.#need(tensor, this.#twin(twin.inputs[position]?.[1], where), where);
      });
    }
    this.first.nodes.forEach((_, index) => {
      if (this.#needed.has(index)) this.#convert(index);
    });
    return this.first.outputs.map((tensor) => this.#operand(tensor).value);
  }

  #twin<T>(value: T | undefined, where: string): T {
    if (value === undefined) this.#disagree(where);
    return value;
  }

  #disagree(where: string): never {
    throw new PushforwardError(
      'unsupported',
      `the function does other things for ${BATCH_SIZES[0]} rows than for ${BATCH_SIZES[1]} (${where})`,
      { where: 'ONNX trace', mend: 'write it so that its operations do not depend on the number of rows' },
    );
  }

  #checkOrder(): void {
    const [first, second] = [this.first, this.second];
    const length = Math.max(first.nodes.length, second.nodes.length);
    for (let index = 0; index < length; index++) {
      const [a, b] = [first.nodes[index], second.nodes[index]];
      if (a?.kernel === b?.kernel) continue;
      this.#disagree(
        `kernel ${index} is ${a?.kernel ?? 'missing'} in one and ${b?.kernel ?? 'missing'} in the other`,
      );
    }
    if (first.outputs.length !== second.outputs.length) this.#disagree('the outputs');
  }

  #pair(index: number): [RecordedNode, RecordedNode] {
    const where = `kernel ${index}`;
    return [this.#twin(this.first.nodes[index], where), this.#twin(this.second.nodes[index], where)];
  }

  /** Sees to it that a value will be in the graph: as a constant where it is one, computed where not. */
  #need(tensor: RecordedTensor, twin: RecordedTensor, where: string): void {
    const key = sourceKey(tensor.source);
    if (key !== sourceKey(twin.source)) this.#disagree(where);
    if (this.#values.has(key)) return;
    const constant = tensor.values === undefined ? undefined : this.#constant(tensor, twin, where);
    if (constant !== undefined) {
      this.#values.set(key, constant);
    } else if (tensor.source.kind === 'node') {
      this.#needed.add(tensor.source.node);
    } else {
      this.#disagree(`${where} is a constant whose values depend on the rows`);
    }
  }

  /** A tensor that no input reaches, when it is the same for every number of rows or repeats along them. */
  #constant(tensor: RecordedTensor, twin: RecordedTensor, where: string): Operand | undefined {
    const sizes = unifyShapes(tensor.shape, twin.shape, where);
    const repeated = sizes.flatMap((size, axis) => (isBatchMultiple(size) ? [axis] : []));
    const one = collapse(tensor, repeated);
    const other = collapse(twin, repeated);
    if (one === undefined || other === undefined || !sameValues(one.values, other.values)) return undefined;
    const dtype = traceType(tensor, where);
    const { builder } = this;
    const writer = this.#writer;
    const compact = builder.initializer(dtype, one.shape, toElements(one.values, dtype));
    if (repeated.length === 0) return { dtype, sizes, value: compact, compact };
    let spread: string | undefined;
    return {
      dtype,
      sizes,
      compact,
      get value() {
        spread ??= writer.op('Expand', [compact, writer.sizes(sizes)]);
        return spread;
      },
    };
  }

  #operand(tensor: RecordedTensor): Operand {
    const operand = this.#values.get(sourceKey(tensor.source));
    if (operand === undefined) throw new Error('a traced value is used before it is computed');
    return operand;
  }

  #convert(index: number): void {
    const [node, twin] = this.#pair(index);
    const where = `ONNX trace, ${node.kernel}`;
    const converter = converters[node.kernel];
    if (converter === undefined) {
      throw new PushforwardError('unsupported', `the tfjs kernel ${node.kernel} has no ONNX converter`, {
        where: 'ONNX trace',
      });
    }
    const attributes: Record<string, Symbolic> = {};
    for (const [name, value] of Object.entries(node.attributes)) {
      attributes[name] = unifyAttribute(value, twin.attributes[name], `${where}, attribute ${name}`);
    }
    if (node.outputs.length !== twin.outputs.length) this.#disagree(`outputs of ${node.kernel}`);
    const results = node.outputs.map((tensor, output) => ({
      dtype: traceType(tensor, where),
      sizes: unifyShapes(tensor.shape, this.#twin(twin.outputs[output], where).shape, where),
    }));
    const inputs = new Map(node.inputs.map(([name, tensor]) => [name, this.#operand(tensor)] as const));
    const written = converter(new Conversion(node.kernel, this.#writer, inputs, attributes, results));
    const values = typeof written === 'string' ? [written] : written;
    results.forEach((result, output) => {
      const value = values[output];
      if (value === undefined) throw new Error(`the converter of ${node.kernel} left out an output`);
      this.#values.set(sourceKey({ kind: 'node', node: index, output }), {
        ...result,
        value,
        compact: value,
      });
    });
  }
}

/**
 * Writes a function of tensors into a graph and gives the values of its outputs.
 *
 * `fn` runs twice on a recording backend, with two numbers of rows; whatever differs between the runs
 * must be a multiple of the number of rows, and becomes symbolic. Whatever no argument reaches (every
 * computation on parameters alone) becomes a constant. Tensors that `fn` closes over stay on their
 * backend, the backend in use is the same afterwards, and nothing is leaked.
 *
 * Throws `unsupported` for a kernel without a converter, for a function that reads values of tensors or
 * does other things for other numbers of rows, and for element types other than float32, int32, bool.
 */
export function trace(
  builder: GraphBuilder,
  fn: (...tensors: Tensor[]) => Tensor | Tensor[],
  args: readonly TraceArgument[],
): string[] {
  const [first, second] = BATCH_SIZES.map((rows) =>
    recordTape(
      fn,
      args.map(({ dtype, shape }) => ({
        dtype,
        shape: shape.map((size) => (size === 'batch' ? rows : size)),
      })),
    ),
  ) as [Tape, Tape];
  return new Tracing(builder, args, first, second).write();
}
