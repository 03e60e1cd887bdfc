import { create } from '@bufbuild/protobuf';
import {
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './proto/onnx_pb.js';
import { type Dimension, dataTypeOf, type ElementType } from './tensor.js';

/** A public input or output of a graph. */
export interface Port {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly Dimension[];
}

/** A port as it stands in the file. */
export function valueInfo({ name, type, dims }: Port): ValueInfoProto {
  const shape = create(TensorShapeProtoSchema, {
    dim: dims.map((dim) =>
      create(TensorShapeProto_DimensionSchema, {
        value:
          typeof dim === 'number'
            ? { case: 'dimValue', value: BigInt(dim) }
            : { case: 'dimParam', value: dim },
      }),
    ),
  });
  const tensorType = create(TypeProto_TensorSchema, { elemType: dataTypeOf(type), shape });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: 'tensorType', value: tensorType } }),
  });
}
