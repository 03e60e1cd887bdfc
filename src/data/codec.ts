import { damagedFile } from '../errors.js';
import { type ColumnCodec, columnCodec } from './codecColumn.js';
import { NumberCodec, type SavedNumbers } from './codecNumbers.js';
import { parseSchema } from './schemaParse.js';
import type {
  CategoricalVariable,
  ColumnSchema,
  EncodedRows,
  NumericVariable,
  Table,
  TableSchema,
} from './types.js';

/** What `TableCodec.toJSON` gives. */
interface SavedCodec {
  readonly version: 1;
  readonly schema: TableSchema;
  /** For each numeric column of the model, in order. */
  readonly numbers: readonly SavedNumbers[];
}

/**
 * Rows of a table as a model takes them, and back.
 *
 * Each categorical, ordinal or boolean column is one categorical variable, whose codes count its
 * levels and then, if the fit saw gaps, missing. Each other column is a number (its value minus an
 * origin), and a second, categorical variable if it has gaps or atoms: its state, 0 for a value that
 * is there, then missing, then the atoms.
 *
 * The convention for densities that model and baselines share: a code counts as a probability, a
 * number that is there as a density in the column's own units (1 / unit). So a category, a gap and an
 * atom add the log of their mass; an integer or decimal adds log(mass of its cell / step).
 */
export class TableCodec {
  readonly schema: TableSchema;
  readonly categoricals: readonly CategoricalVariable[];
  readonly numerics: readonly NumericVariable[];
  readonly #columns: readonly ColumnCodec[];

  private constructor(schema: TableSchema, numbersOf: (column: number) => NumberCodec) {
    this.schema = schema;
    const categoricals: CategoricalVariable[] = [];
    const numerics: NumericVariable[] = [];
    this.#columns = schema.columns
      .map((column, index) => ({ column, index }))
      .filter(({ column }) => column.dropped === undefined)
      .map(({ column, index }) => {
        const codec = columnCodec(column, index, () => numbersOf(index), {
          categorical: categoricals.length,
          numeric: numerics.length,
        });
        if (codec.categorical !== null) categoricals.push(codec.categorical);
        if (codec.numeric !== null) numerics.push(codec.numeric);
        return codec;
      });
    this.categoricals = categoricals;
    this.numerics = numerics;
  }

  /** Fits origins and cells of the numeric columns to the table that the schema was inferred from. */
  static fit(schema: TableSchema, table: Table): TableCodec {
    return new TableCodec(schema, (index) => {
      const column = schema.columns[index] as TableSchema['columns'][number];
      const found = table.columns.find(({ name }) => name === column.name);
      if (found === undefined || (found.type !== 'number' && found.type !== 'datetime')) {
        throw new TypeError(
          `the table is not the one of the schema: ${column.name} is not its column of numbers`,
        );
      }
      return NumberCodec.fit(column, found.values);
    });
  }

  /** @throws PushforwardError `damaged` when it is not what `toJSON` gave. */
  static fromJSON(json: unknown): TableCodec {
    const { version, schema, numbers } = (json ?? {}) as Partial<SavedCodec>;
    if (version !== 1 || !Array.isArray(numbers))
      throw damagedFile('codec', 'it is not a codec of version 1');
    const parsed = parseSchema(schema);
    const saved = new Map<number, NumberCodec>();
    for (const entry of numbers) {
      const column = parsed.columns[entry?.column ?? -1];
      const codec = column === undefined ? null : NumberCodec.fromJSON(column, entry);
      if (codec === null) throw damagedFile('codec', 'its numbers do not fit its schema');
      saved.set(entry.column, codec);
    }
    return new TableCodec(parsed, (index) => {
      const codec = saved.get(index);
      if (codec === undefined)
        throw damagedFile('codec', `column ${parsed.columns[index]?.name} has no numbers`);
      return codec;
    });
  }

  toJSON(): SavedCodec {
    const numbers = this.#columns.flatMap(({ numbers, index }) =>
      numbers === null ? [] : [numbers.toJSON(index)],
    );
    return { version: 1, schema: this.schema, numbers };
  }

  /**
   * Encodes the rows of a table with the columns of the schema, in any order and among others. A row
   * with a level, or a gap, that the fit did not see there is marked `unseen`; numbers may lie
   * outside the range seen.
   *
   * @throws PushforwardError `input` for a column that is missing or of another type, and for
   * infinite values, with column and row.
   */
  encode(table: Table): EncodedRows {
    const { rows } = table;
    const encoded: EncodedRows = {
      rows,
      codes: new Int32Array(rows * this.categoricals.length),
      numbers: new Float32Array(rows * this.numerics.length),
      unseen: new Uint8Array(rows),
    };
    const widths = { codes: this.categoricals.length, numbers: this.numerics.length };
    for (const codec of this.#columns) codec.encode(table, encoded, widths);
    const width = this.categoricals.length;
    encoded.unseen.forEach((unseen, row) => {
      if (unseen !== 0) encoded.codes.fill(0, row * width, (row + 1) * width);
    });
    return encoded;
  }

  /**
   * Rows in the table's own units: numbers rounded to their step and clipped to the range seen, gaps
   * and atoms put in, columns that were constant or empty given back; those left out for another
   * reason stay out.
   *
   * @param codes [rows, K] in the cardinalities of `categoricals`
   * @param numbers [rows, d]
   */
  decode(codes: ArrayLike<number>, numbers: ArrayLike<number>, rows = this.#rowsOf(codes, numbers)): Table {
    const widths = { codes: this.categoricals.length, numbers: this.numerics.length };
    const columns = this.schema.columns.flatMap((column, index) => {
      const codec = this.#columns.find((candidate) => candidate.index === index);
      if (codec !== undefined) return [codec.decode(codes, numbers, rows, widths)];
      return givenBack(column, rows);
    });
    return { rows, columns, source: 'samples' };
  }

  #rowsOf(codes: ArrayLike<number>, numbers: ArrayLike<number>): number {
    return this.categoricals.length > 0
      ? codes.length / this.categoricals.length
      : numbers.length / this.numerics.length;
  }
}

/** Which numbers of encoded rows are there, neither missing nor an atom: 1 or 0, [rows, d]. */
export function presentNumbers(codec: TableCodec, { rows, codes }: EncodedRows): Uint8Array {
  const d = codec.numerics.length;
  const variables = codec.categoricals.length;
  const present = new Uint8Array(rows * d).fill(1);
  codec.numerics.forEach(({ state }, j) => {
    if (state < 0) return;
    for (let row = 0; row < rows; row++) {
      if (codes[row * variables + state] !== 0) present[row * d + j] = 0;
    }
  });
  return present;
}

/** Whether samples hold a column that the model leaves out: where there is one value, or none, for all rows. */
export function isGivenBack({ constant, missing }: Pick<ColumnSchema, 'constant' | 'missing'>): boolean {
  return constant !== undefined || missing === 1;
}

/** A column that the model leaves out, as samples give it: constant, empty, or not at all. */
function givenBack(column: ColumnSchema, rows: number): Table['columns'] {
  const { name, type, constant } = column;
  if (!isGivenBack(column)) return [];
  if (type === 'number' || type === 'datetime') {
    const value = typeof constant === 'number' ? constant : Number.NaN;
    return [{ name, type, values: new Float64Array(rows).fill(value) }];
  }
  if (type === 'boolean') {
    return [
      { name, type, values: Array.from({ length: rows }, () => (constant as boolean | undefined) ?? null) },
    ];
  }
  return [
    { name, type, values: Array.from({ length: rows }, () => (constant as string | undefined) ?? null) },
  ];
}
