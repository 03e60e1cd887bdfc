import { createHash } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import { PushforwardError } from '../errors.js';
import { type Attributes, encodeAttribute } from './attributes.js';
import { type Port, valueInfo } from './port.js';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProtoSchema,
} from './proto/onnx_pb.js';
import { type Dimension, dataTypeOf, type ElementType, encodeTensor, type TensorValues } from './tensor.js';
import { foldTransposes, type GraphNode, transposeValues } from './transposes.js';

/** Operator sets and file version, kept low enough for runtimes that lag behind. */
const OPSET = 17n;
const ML_OPSET = 3n;
const IR_VERSION = 8n;

export type Domain = '' | 'ai.onnx.ml';

function fingerprint(tensor: TensorProto): string {
  return createHash('sha256').update(toBinary(TensorProtoSchema, tensor)).digest('base64');
}

/**
 * An ONNX graph under construction (opset 17, ai.onnx.ml 3, IR 8). Every method that makes a value
 * returns a handle for use as an input of later nodes; names in the file are settled by `finish`, so
 * that public names never collide with inner ones. An optional input that is left out is ''.
 */
export class GraphBuilder {
  readonly #inputs = new Map<string, Port>();
  readonly #initializers = new Map<string, TensorProto>();
  readonly #initializerByContent = new Map<string, string>();
  readonly #nodes: GraphNode[] = [];
  readonly #known = new Set<string>(['']);
  readonly #outputs: { readonly value: string; readonly port: Port }[] = [];
  readonly #metadata = new Map<string, string>();
  #count = 0;

  /** @param producerVersion version of the program that writes the file. */
  constructor(readonly producerVersion: string) {}

  /** A graph input with a public name. Throws `usage` when the name is empty or taken. */
  input(name: string, type: ElementType, dims: readonly Dimension[]): string {
    const handle = `input:${name}`;
    if (name === '' || this.#inputs.has(handle)) {
      throw new PushforwardError(
        'usage',
        name === '' ? 'an input has no name' : `two inputs named "${name}"`,
        {
          where: 'ONNX graph',
        },
      );
    }
    this.#inputs.set(handle, { name, type, dims });
    this.#known.add(handle);
    return handle;
  }

  /** A constant; the same type, shape and values give the same handle. Values are copied. */
  initializer(type: ElementType, dims: readonly number[], values: TensorValues): string {
    return this.#constant(encodeTensor(type, dims, values));
  }

  #constant(tensor: TensorProto): string {
    const content = fingerprint(tensor);
    const shared = this.#initializerByContent.get(content);
    if (shared !== undefined) return shared;
    const handle = this.#newHandle();
    this.#initializers.set(handle, tensor);
    this.#initializerByContent.set(content, handle);
    return handle;
  }

  /** Adds a node with one output and returns it. */
  node(op: string, inputs: readonly string[], attributes: Attributes = {}, domain: Domain = ''): string {
    const [output] = this.nodeOutputs(1, op, inputs, attributes, domain);
    return output as string;
  }

  /** Adds a node with `count` outputs. Throws `usage` when an input is not a value of this graph. */
  nodeOutputs(
    count: number,
    op: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    domain: Domain = '',
  ): string[] {
    for (const input of inputs) {
      if (!this.#known.has(input)) {
        throw new PushforwardError('usage', `"${input}" is not a value of this graph`, {
          where: `ONNX node ${op}`,
        });
      }
    }
    const outputs = Array.from({ length: count }, () => this.#newHandle());
    this.#nodes.push({ op, domain, inputs: [...inputs], outputs, attributes });
    return outputs;
  }

  /** Makes a value public. The same value, an input or a constant may go out under several names. */
  output(value: string, name: string, type: ElementType, dims: readonly Dimension[]): void {
    if (value === '' || !this.#known.has(value)) {
      throw new PushforwardError('usage', `"${value}" is not a value of this graph`, {
        where: `ONNX output ${name}`,
      });
    }
    const taken = this.#inputs.has(`input:${name}`) || this.#outputs.some(({ port }) => port.name === name);
    if (name === '' || taken) {
      throw new PushforwardError(
        'usage',
        name === '' ? 'an output has no name' : `the name "${name}" is taken`,
        {
          where: 'ONNX graph',
          mend: 'give the output a name that no other input or output has',
        },
      );
    }
    const fresh = this.#nodes.some((node) => node.outputs.includes(value));
    const used = this.#outputs.some((output) => output.value === value);
    const own = fresh && !used ? value : this.node('Identity', [value]);
    this.#outputs.push({ value: own, port: { name, type, dims } });
  }

  /** Sets an entry of the file's metadata_props. */
  metadata(key: string, value: string): void {
    this.#metadata.set(key, value);
  }

  /** The file's bytes. Transpositions are folded; nodes and constants that no output needs are left out. */
  finish(): Uint8Array {
    if (this.#outputs.length === 0) {
      throw new PushforwardError('usage', 'the graph has no output', { where: 'ONNX graph' });
    }
    const { nodes, used } = this.#live();
    const names = this.#names(nodes);
    const name = (handle: string) => names.get(handle) ?? '';
    const initializers = [...this.#initializers].filter(([handle]) => used.has(handle));
    const graph = create(GraphProtoSchema, {
      name: 'pushforward',
      input: [...this.#inputs.values()].map(valueInfo),
      output: this.#outputs.map(({ port }) => valueInfo(port)),
      initializer: initializers.map(([handle, tensor]) => ({ ...tensor, name: name(handle) })),
      node: nodes.map((node, index) =>
        create(NodeProtoSchema, {
          name: `${node.op}_${index}`,
          opType: node.op,
          domain: node.domain,
          input: node.inputs.map(name),
          output: node.outputs.map(name),
          attribute: Object.entries(node.attributes).map(([key, value]) => encodeAttribute(key, value)),
        }),
      ),
    });
    const opsets = [create(OperatorSetIdProtoSchema, { domain: '', version: OPSET })];
    if (nodes.some((node) => node.domain === 'ai.onnx.ml')) {
      opsets.push(create(OperatorSetIdProtoSchema, { domain: 'ai.onnx.ml', version: ML_OPSET }));
    }
    const model = create(ModelProtoSchema, {
      irVersion: IR_VERSION,
      producerName: 'pushforward',
      producerVersion: this.producerVersion,
      opsetImport: opsets,
      graph,
      metadataProps: [...this.#metadata].map(([key, value]) =>
        create(StringStringEntryProtoSchema, { key, value }),
      ),
    });
    return toBinary(ModelProtoSchema, model);
  }

  #reshaped(handle: string, shape: readonly number[]): string {
    const tensor = this.#initializers.get(handle) as TensorProto;
    return this.#constant({ ...tensor, dims: shape.map(BigInt) });
  }

  #integersOf(handle: string): number[] | null {
    const tensor = this.#initializers.get(handle);
    if (tensor === undefined || tensor.dataType !== dataTypeOf('int64')) return null;
    return Array.from(new BigInt64Array(tensor.rawData.slice().buffer), Number);
  }

  /** A constant float32 transposed; null for other types, and for what is no constant. */
  #transposed(handle: string, perm: readonly number[]): string | null {
    const tensor = this.#initializers.get(handle);
    if (tensor === undefined || tensor.dataType !== dataTypeOf('float32')) return null;
    const values = new Float32Array(tensor.rawData.slice().buffer);
    const dims = tensor.dims.map(Number);
    return this.initializer(
      'float32',
      perm.map((axis) => dims[axis] as number),
      transposeValues(values, dims, perm),
    );
  }

  #newHandle(): string {
    const handle = `value:${this.#count++}`;
    this.#known.add(handle);
    return handle;
  }

  #live(): { nodes: GraphNode[]; used: Set<string> } {
    const used = new Set(this.#outputs.map(({ value }) => value));
    const nodes: GraphNode[] = [];
    const constants = {
      shapeOf: (handle: string) => this.#initializers.get(handle)?.dims.map(Number) ?? null,
      integersOf: (handle: string) => this.#integersOf(handle),
      integers: (values: readonly number[]) =>
        this.initializer('int64', [values.length], BigInt64Array.from(values, BigInt)),
      reshaped: (handle: string, shape: readonly number[]) => this.#reshaped(handle, shape),
      transposed: (handle: string, perm: readonly number[]) => this.#transposed(handle, perm),
    };
    const folded = foldTransposes(this.#nodes, constants, new Set(used), () => this.#newHandle());
    for (const node of folded.reverse()) {
      if (!node.outputs.some((output) => used.has(output))) continue;
      nodes.push(node);
      for (const input of node.inputs) used.add(input);
    }
    return { nodes: nodes.reverse(), used };
  }

  #names(nodes: readonly GraphNode[]): Map<string, string> {
    const names = new Map<string, string>();
    for (const [handle, port] of this.#inputs) names.set(handle, port.name);
    for (const { value, port } of this.#outputs) names.set(value, port.name);
    const taken = new Set(names.values());
    const settle = (handle: string, wanted: string) => {
      if (handle === '' || names.has(handle)) return;
      let free = wanted;
      while (taken.has(free)) free += '_';
      taken.add(free);
      names.set(handle, free);
    };
    let constants = 0;
    for (const handle of this.#initializers.keys()) settle(handle, `constant_${constants++}`);
    nodes.forEach((node, index) => {
      node.outputs.forEach((output, port) => {
        settle(output, port === 0 ? `${node.op}_${index}` : `${node.op}_${index}_${port}`);
      });
    });
    return names;
  }
}
