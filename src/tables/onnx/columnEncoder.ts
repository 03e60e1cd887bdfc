import type { TableCodec } from '../../data/codec.js';
import type { ColumnSchema } from '../../data/types.js';
import type { GraphBuilder } from '../../onnx/graph.js';
import { type OnnxMetadata, tensorName } from '../../onnx/metadata.js';
import { dataTypeOf } from '../../onnx/tensor.js';
import { type ColumnElement, columnElement, levelValues } from './columnType.js';

/** A column of the table as the graph takes it. */
interface Port {
  readonly column: ColumnSchema;
  /** The raw tensor [rows]. */
  readonly raw: string;
  /** float64 [rows], for numbers and times. */
  readonly number: string;
}

/**
 * What `TableCodec.encode` does to raw values, as ONNX nodes (tfjs has neither strings nor float64): one input a column
 * in its own units, [batch] each, or [batch, pac] where rows are given in packs, to codes and numbers of all rows.
 */
export class ColumnEncoder {
  readonly #role: OnnxMetadata['role'];
  readonly #builder: GraphBuilder;
  readonly #codec: TableCodec;
  readonly #ports = new Map<number, Port>();
  readonly #pac: number | null;
  /** bool [rows] each: a value that the fit never saw. */
  readonly #unseen: string[] = [];

  /**
   * @param role of the file, which decides what else goes by a column's name in it.
   * @param pac rows of a pack; null where rows are given one by one.
   */
  constructor(
    builder: GraphBuilder,
    codec: TableCodec,
    role: OnnxMetadata['role'],
    pac: number | null = null,
  ) {
    this.#role = role;
    this.#builder = builder;
    this.#codec = codec;
    this.#pac = pac;
  }

  /** int32 [rows, K], float32 [rows, d], and bool [rows] that says which rows hold something never seen. */
  encode(): { codes: string; numbers: string; unseen: string } {
    const { categoricals, numerics, schema } = this.#codec;
    // Inputs in the order of the table's columns, whatever the order of the variables.
    const used = new Set([...categoricals, ...numerics].map(({ column }) => column));
    schema.columns.forEach((column, index) => {
      if (used.has(index)) this.#ports.set(index, this.#open(column));
    });
    const codes = categoricals.map(({ role, column, missingCode }) =>
      role === 'levels'
        ? this.#levelCode(this.#port(column), missingCode)
        : this.#stateCode(this.#port(column), missingCode),
    );
    const numbers = numerics.map(({ column, origin, state }) =>
      this.#number(this.#port(column), origin, state < 0 ? undefined : (codes[state] as string)),
    );
    return {
      codes: this.#columns(codes, 'int32'),
      numbers: this.#columns(numbers, 'float32'),
      unseen: this.#unseen.reduce((a, b) => this.#builder.node('Or', [a, b]), this.#nothing()),
    };
  }

  #open(column: ColumnSchema): Port {
    const element = columnElement(column);
    const raw = this.#rows(tensorName(this.#role, column.name), element);
    const number =
      element === 'string' || element === 'float64'
        ? raw
        : this.#builder.node('Cast', [raw], { to: dataTypeOf('float64') });
    return { column, raw, number };
  }

  /** The input of a column, its packs undone: [rows]. */
  #rows(name: string, element: ColumnElement): string {
    const builder = this.#builder;
    if (this.#pac === null) return builder.input(name, element, ['batch']);
    const packs = builder.input(name, element, ['batch', this.#pac]);
    return builder.node('Reshape', [packs, builder.initializer('int64', [1], BigInt64Array.of(-1n))]);
  }

  #port(column: number): Port {
    return this.#ports.get(column) as Port;
  }

  /** int64 [rows], 0 where the level was never seen. */
  #levelCode({ column, raw, number }: Port, missingCode: number): string {
    const builder = this.#builder;
    const levels = column.levels ?? [];
    const missing = missingCode >= 0;
    if (columnElement(column) === 'string') {
      const keys = levelValues(levels, 'string', missing) as readonly string[];
      const code = builder.node(
        'LabelEncoder',
        [raw],
        { keys_strings: keys, values_int64s: keys.map((_, i) => i), default_int64: -1 },
        'ai.onnx.ml',
      );
      const isUnseen = builder.node('Less', [code, this.#int64(0)]);
      this.#unseen.push(isUnseen);
      return builder.node('Where', [isUnseen, this.#int64(0), code]);
    }
    // One column a level: int64 keys of LabelEncoder would do for whole numbers only.
    const values = levelValues(levels, 'float64', false) as Float64Array;
    const matches = builder.node('Equal', [
      builder.node('Unsqueeze', [number, this.#axes(1)]),
      builder.initializer('float64', [1, values.length], values),
    ]);
    const hits = builder.node('Cast', [matches], { to: dataTypeOf('int32') });
    const code = builder.node('ArgMax', [hits], { axis: 1, keepdims: 0 });
    const isLevel = builder.node('Greater', [
      builder.node('ReduceMax', [hits], { axes: [1], keepdims: 0 }),
      builder.initializer('int32', [], Int32Array.of(0)),
    ]);
    const isMissing = builder.node('IsNaN', [number]);
    if (!missing) {
      this.#unseen.push(builder.node('Not', [isLevel]));
      return code;
    }
    this.#unseen.push(builder.node('Not', [builder.node('Or', [isLevel, isMissing])]));
    return builder.node('Where', [isMissing, this.#int64(missingCode), code]);
  }

  /** int64 [rows]: 0 where a number is there, then the code of missing, then the atoms. */
  #stateCode({ column, number }: Port, missingCode: number): string {
    const builder = this.#builder;
    const atoms = column.atoms ?? [];
    const isMissing = builder.node('IsNaN', [number]);
    let code = builder.node('Where', [isMissing, this.#int64(Math.max(0, missingCode)), this.#int64(0)]);
    const first = missingCode >= 0 ? missingCode + 1 : 1;
    atoms.forEach((atom, i) => {
      const isAtom = builder.node('Equal', [number, this.#float64(atom)]);
      code = builder.node('Where', [isAtom, this.#int64(first + i), code]);
    });
    if (missingCode < 0) this.#unseen.push(isMissing);
    return code;
  }

  /** float32 [rows]: raw value minus origin, 0 where the state says that none is there. */
  #number({ number }: Port, origin: number, state: string | undefined): string {
    const builder = this.#builder;
    const isMissing = builder.node('IsNaN', [number]);
    const offset = builder.node('Sub', [number, this.#float64(origin)]);
    const isAbsent =
      state === undefined
        ? isMissing
        : builder.node('Or', [
            isMissing,
            builder.node('Not', [builder.node('Equal', [state, this.#int64(0)])]),
          ]);
    if (state === undefined) this.#unseen.push(isMissing);
    return builder.node('Cast', [builder.node('Where', [isAbsent, this.#float64(0), offset])], {
      to: dataTypeOf('float32'),
    });
  }

  /** Values [rows] side by side, [rows, count]. */
  #columns(values: readonly string[], type: 'int32' | 'float32'): string {
    const builder = this.#builder;
    if (values.length === 0) return this.#noColumns(type);
    const to = dataTypeOf(type);
    const parts = values.map((value) =>
      builder.node('Unsqueeze', [builder.node('Cast', [value], { to }), this.#axes(1)]),
    );
    return builder.node('Concat', parts, { axis: 1 });
  }

  /** [rows, 0], for a table without codes or without numbers. */
  #noColumns(type: 'int32' | 'float32'): string {
    const builder = this.#builder;
    const values = type === 'int32' ? new Int32Array(1) : new Float32Array(1);
    const shape = builder.node(
      'Concat',
      [this.#batch(), builder.initializer('int64', [1], BigInt64Array.of(0n))],
      { axis: 0 },
    );
    return builder.node('Expand', [builder.initializer(type, [1, 1], values), shape]);
  }

  /** bool [rows], all false. */
  #nothing(): string {
    return this.#builder.node('Expand', [
      this.#builder.initializer('bool', [1], Uint8Array.of(0)),
      this.#batch(),
    ]);
  }

  /** int64 [1]: the number of rows. */
  #batch(): string {
    const [first] = this.#ports.values();
    return this.#builder.node('Shape', [(first as Port).raw]);
  }

  #int64(value: number): string {
    return this.#builder.initializer('int64', [], BigInt64Array.of(BigInt(value)));
  }

  #float64(value: number): string {
    return this.#builder.initializer('float64', [], Float64Array.of(value));
  }

  #axes(axis: number): string {
    return this.#builder.initializer('int64', [1], BigInt64Array.of(BigInt(axis)));
  }
}
