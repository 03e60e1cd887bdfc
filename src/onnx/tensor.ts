import { create } from '@bufbuild/protobuf';
import { PushforwardError } from '../errors.js';
import { type TensorProto, TensorProto_DataType, TensorProtoSchema } from './proto/onnx_pb.js';

/** Element types that graphs of this project use. */
export type ElementType = 'float32' | 'float64' | 'int32' | 'int64' | 'bool' | 'string';

/** Row-major values of a tensor; bool is a byte an element, 0 or 1. */
export type TensorValues =
  | Float32Array
  | Float64Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | readonly string[];

/** A size, or the name of a symbolic one; `batch` is the number of rows. */
export type Dimension = number | 'batch';

const dataTypes: Readonly<Record<ElementType, TensorProto_DataType>> = {
  float32: TensorProto_DataType.FLOAT,
  float64: TensorProto_DataType.DOUBLE,
  int32: TensorProto_DataType.INT32,
  int64: TensorProto_DataType.INT64,
  bool: TensorProto_DataType.BOOL,
  string: TensorProto_DataType.STRING,
};

export function dataTypeOf(type: ElementType): TensorProto_DataType {
  return dataTypes[type];
}

/** The element type of a number in a file, or undefined for one that this project does not use. */
export function elementTypeOf(dataType: number): ElementType | undefined {
  return (Object.keys(dataTypes) as ElementType[]).find((type) => dataTypes[type] === dataType);
}

function holds(type: ElementType, values: TensorValues): boolean {
  switch (type) {
    case 'float32':
      return values instanceof Float32Array;
    case 'float64':
      return values instanceof Float64Array;
    case 'int32':
      return values instanceof Int32Array;
    case 'int64':
      return values instanceof BigInt64Array;
    case 'bool':
      return values instanceof Uint8Array;
    case 'string':
      return Array.isArray(values);
  }
}

function isStrings(values: TensorValues): values is readonly string[] {
  return Array.isArray(values);
}

/**
 * Values as they stand in the file. The bytes are copied, so that the caller's array may change
 * afterwards. Throws a `shape` error when type, sizes and number of values do not agree.
 */
export function encodeTensor(type: ElementType, dims: readonly number[], values: TensorValues): TensorProto {
  const size = dims.reduce((product, dim) => product * dim, 1);
  if (!holds(type, values) || values.length !== size) {
    throw new PushforwardError(
      'shape',
      `a ${type} tensor of shape [${dims.join(', ')}] cannot hold ${values.length} values of ${values.constructor.name}`,
      { where: 'ONNX initializer' },
    );
  }
  const tensor = create(TensorProtoSchema, { dataType: dataTypes[type], dims: dims.map(BigInt) });
  if (isStrings(values)) {
    const encoder = new TextEncoder();
    tensor.stringData = values.map((text) => encoder.encode(text));
  } else {
    // raw_data is little-endian, as every platform that Node and ONNX Runtime share.
    tensor.rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
  }
  return tensor;
}
