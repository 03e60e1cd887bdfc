import { create } from '@bufbuild/protobuf';
import { PushforwardError } from '../errors.js';
import { type AttributeProto, AttributeProto_AttributeType, AttributeProtoSchema } from './proto/onnx_pb.js';

/**
 * A node's attribute. JavaScript does not tell 1 from 1.0 and ONNX does, so plain numbers are
 * integers and floats are written `{ float }` or `{ floats }`.
 */
export type AttributeValue =
  | number
  | bigint
  | string
  | readonly (number | bigint)[]
  | readonly string[]
  | { readonly float: number }
  | { readonly floats: readonly number[] };

export type Attributes = Readonly<Record<string, AttributeValue>>;

function integer(name: string, value: number | bigint): bigint {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new PushforwardError('usage', `attribute ${name} is ${value}, not an integer`, {
      where: 'ONNX node',
      mend: 'write a float as { float }',
    });
  }
  return BigInt(value);
}

function isStrings(value: readonly (number | bigint)[] | readonly string[]): value is readonly string[] {
  return value.length > 0 && typeof value[0] === 'string';
}

function isList(value: AttributeValue): value is readonly (number | bigint)[] | readonly string[] {
  return Array.isArray(value);
}

/** An attribute as it stands in the file. */
export function encodeAttribute(name: string, value: AttributeValue): AttributeProto {
  const encoder = new TextEncoder();
  if (typeof value === 'number' || typeof value === 'bigint') {
    return create(AttributeProtoSchema, {
      name,
      type: AttributeProto_AttributeType.INT,
      i: integer(name, value),
    });
  }
  if (typeof value === 'string') {
    return create(AttributeProtoSchema, {
      name,
      type: AttributeProto_AttributeType.STRING,
      s: encoder.encode(value),
    });
  }
  if (isList(value)) {
    if (isStrings(value)) {
      return create(AttributeProtoSchema, {
        name,
        type: AttributeProto_AttributeType.STRINGS,
        strings: value.map((text) => encoder.encode(text)),
      });
    }
    return create(AttributeProtoSchema, {
      name,
      type: AttributeProto_AttributeType.INTS,
      ints: value.map((element) => integer(name, element)),
    });
  }
  if ('float' in value) {
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOAT, f: value.float });
  }
  return create(AttributeProtoSchema, {
    name,
    type: AttributeProto_AttributeType.FLOATS,
    floats: [...value.floats],
  });
}
