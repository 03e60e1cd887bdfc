import { readFile } from 'node:fs/promises';
import { fromBinary } from '@bufbuild/protobuf';
import { PushforwardError } from '../errors.js';
import { type ModelProto, ModelProtoSchema, type ValueInfoProto } from './proto/onnx_pb.js';
import { type ElementType, elementTypeOf } from './tensor.js';

/** An input or output of a graph; a symbolic size is its name. */
export interface OnnxPort {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly (number | string)[];
}

/** What an ONNX file says about itself. */
export interface OnnxHeader {
  readonly metadata: ReadonlyMap<string, string>;
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
}

function damaged(where: string, what: string, cause?: unknown): PushforwardError {
  return new PushforwardError('damaged', what, { where, mend: 'export the model again', cause });
}

function decode(bytes: Uint8Array, where: string): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw damaged(where, 'this is not an ONNX file, or only a part of one', cause);
  }
}

function port({ name, type }: ValueInfoProto, where: string): OnnxPort {
  const tensor = type?.value.case === 'tensorType' ? type.value.value : undefined;
  const elementType = elementTypeOf(tensor?.elemType ?? -1);
  if (tensor === undefined || elementType === undefined) {
    throw new PushforwardError('unsupported', `"${name}" is of a type that pushforward does not use`, {
      where,
    });
  }
  const dims = (tensor.shape?.dim ?? []).map(({ value }) => {
    if (value.case === 'dimValue') return Number(value.value);
    return value.case === 'dimParam' ? value.value : '?';
  });
  return { name, type: elementType, dims };
}

/**
 * Reads what an ONNX file says about itself. Throws `damaged` for bytes that are no ONNX file or not all
 * of one, `unsupported` for inputs or outputs that are no tensors of a known type.
 */
export function readHeader(bytes: Uint8Array, where: string): OnnxHeader {
  const model = decode(bytes, where);
  if (model.graph === undefined || model.graph.output.length === 0 || model.opsetImport.length === 0) {
    throw damaged(where, 'this is not an ONNX file, or only a part of one');
  }
  const constants = new Set(model.graph.initializer.map(({ name }) => name));
  return {
    metadata: new Map(model.metadataProps.map(({ key, value }) => [key, value])),
    inputs: model.graph.input.filter(({ name }) => !constants.has(name)).map((info) => port(info, where)),
    outputs: model.graph.output.map((info) => port(info, where)),
  };
}

/** The bytes of a file. Throws `input` when it cannot be read. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw new PushforwardError('input', missing ? 'there is no such file' : 'the file cannot be read', {
      where: path,
      mend: 'give the path of an exported .onnx file',
      cause,
    });
  }
}
