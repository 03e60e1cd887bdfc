import { isGivenBack, type TableCodec } from '../../data/codec.js';
import { grainOf } from '../../data/codecNumbers.js';
import { fractionOf } from '../../data/grid.js';
import type { CategoricalVariable, ColumnSchema, NumericVariable } from '../../data/types.js';
import type { GraphBuilder } from '../../onnx/graph.js';
import { tensorName } from '../../onnx/metadata.js';
import { dataTypeOf } from '../../onnx/tensor.js';
import { trace } from '../../onnx/trace.js';
import { type Tensor2D, tf } from '../../tf.js';
import type { TableBatch } from '../model.js';
import { columnElement, levelValues } from './columnType.js';

/** A public output [batch] of the generator. */
export interface GeneratorColumn {
  readonly column: ColumnSchema;
  readonly value: string;
}

/**
 * Writes a map of latents to rows into the graph: input `z`, float32 [batch, width], and one output a column in
 * its own units, [batch] each. Up to codes and numbers it is the map's trace; what `TableCodec.decode` does
 * from there on stands here as ONNX nodes, in float64.
 */
export function writeRowsGraph(
  builder: GraphBuilder,
  codec: TableCodec,
  width: number,
  rows: (z: Tensor2D) => TableBatch,
): void {
  const z = builder.input('z', 'float32', ['batch', width]);
  const hasCodes = codec.categoricals.length > 0;
  const traced = trace(
    builder,
    (latent) => {
      const { codes, numbers } = rows(latent as Tensor2D);
      return [
        ...(hasCodes ? [tf.cast(codes, 'int32')] : []),
        ...(codec.numerics.length > 0 ? [numbers] : []),
      ];
    },
    [{ value: z, dtype: 'float32', shape: ['batch', width] }],
  );
  const door = new GeneratorDoor(builder, codec, { codes: traced[0] ?? '', numbers: traced.at(-1) ?? '', z });
  for (const { column, value } of door.decode()) {
    builder.output(value, tensorName('generator', column.name), columnElement(column), ['batch']);
  }
}

class GeneratorDoor {
  readonly #builder: GraphBuilder;
  readonly #codec: TableCodec;
  readonly #values: { readonly codes: string; readonly numbers: string; readonly z: string };

  constructor(
    builder: GraphBuilder,
    codec: TableCodec,
    values: { codes: string; numbers: string; z: string },
  ) {
    this.#builder = builder;
    this.#codec = codec;
    this.#values = values;
  }

  /** Every column that the model knows, and the constant and empty ones, in the table's order. */
  decode(): GeneratorColumn[] {
    const { schema, categoricals, numerics } = this.#codec;
    const columns: GeneratorColumn[] = [];
    schema.columns.forEach((column, index) => {
      const numeric = numerics.findIndex((variable) => variable.column === index);
      const levels = categoricals.findIndex(({ column: own, role }) => own === index && role === 'levels');
      if (numeric >= 0) columns.push({ column, value: this.#number(column, numeric) });
      else if (levels >= 0) columns.push({ column, value: this.#level(column, levels) });
      else if (isGivenBack(column)) columns.push({ column, value: this.#constant(column) });
    });
    return columns;
  }

  #level(column: ColumnSchema, variable: number): string {
    const { missingCode } = this.#codec.categoricals[variable] as CategoricalVariable;
    const element = columnElement(column);
    const values = levelValues(column.levels ?? [], element, missingCode >= 0);
    const table = this.#builder.initializer(element, [values.length], values);
    return this.#builder.node('Gather', [table, this.#code(variable)], { axis: 0 });
  }

  #constant(column: ColumnSchema): string {
    const element = columnElement(column);
    const [levels, missing] = column.constant === undefined ? [[], true] : [[column.constant], false];
    const value = this.#builder.initializer(element, [1], levelValues(levels, element, missing));
    // Gather, not Expand: it takes strings in every runtime.
    const zeros = this.#builder.node(
      'Cast',
      [
        this.#builder.node('Mul', [
          this.#pick(this.#values.z, 0),
          this.#builder.initializer('float32', [], Float32Array.of(0)),
        ]),
      ],
      { to: dataTypeOf('int64') },
    );
    return this.#builder.node('Gather', [value, zeros], { axis: 0 });
  }

  #number(column: ColumnSchema, index: number): string {
    const { origin, state } = this.#codec.numerics[index] as NumericVariable;
    const builder = this.#builder;
    let value = builder.node('Cast', [this.#pick(this.#values.numbers, index)], {
      to: dataTypeOf('float64'),
    });
    value = builder.node('Add', [value, this.#float64(origin)]);
    const grain = grainOf(column, origin);
    if (grain !== null) {
      const { unit, scale } = fractionOf(grain);
      const cells = builder.node('Round', [builder.node('Div', [value, this.#float64(grain)])]);
      value = builder.node('Div', [builder.node('Mul', [cells, this.#float64(unit)]), this.#float64(scale)]);
    }
    const [least, most] = [column.minimum, column.maximum].map((bound) => this.#float64(bound ?? 0)) as [
      string,
      string,
    ];
    value = builder.node('Min', [builder.node('Max', [value, least]), most]);
    if (state >= 0) value = this.#withState(value, column, state);
    return columnElement(column) === 'int64'
      ? builder.node('Cast', [value], { to: dataTypeOf('int64') })
      : value;
  }

  /** Gaps and atoms in the place of the number, where the state says so. */
  #withState(value: string, column: ColumnSchema, state: number): string {
    const { missingCode } = this.#codec.categoricals[state] as CategoricalVariable;
    const gaps = missingCode >= 0 ? [Number.NaN] : [];
    const instead = [0, ...gaps, ...(column.atoms ?? [])];
    const code = this.#code(state);
    const other = this.#builder.node(
      'Gather',
      [this.#builder.initializer('float64', [instead.length], Float64Array.from(instead)), code],
      { axis: 0 },
    );
    const isThere = this.#builder.node('Equal', [
      code,
      this.#builder.initializer('int32', [], Int32Array.of(0)),
    ]);
    return this.#builder.node('Where', [isThere, value, other]);
  }

  #code(variable: number): string {
    return this.#pick(this.#values.codes, variable);
  }

  /** Column `index` of [batch, k] as [batch]. */
  #pick(matrix: string, index: number): string {
    return this.#builder.node(
      'Gather',
      [matrix, this.#builder.initializer('int64', [], BigInt64Array.of(BigInt(index)))],
      { axis: 1 },
    );
  }

  #float64(value: number): string {
    return this.#builder.initializer('float64', [], Float64Array.of(value));
  }
}
