/** What a column means. `id` and a column that is constant are left out of the model. */
export type ColumnKind = 'continuous' | 'integer' | 'categorical' | 'ordinal' | 'boolean' | 'datetime' | 'id';

export type Level = string | number | boolean;

/** One column as it was read. NaN, or null, is a missing value; datetimes are milliseconds since 1970 UTC. */
export type TableColumn =
  | { readonly name: string; readonly type: 'number'; readonly values: Float64Array }
  | { readonly name: string; readonly type: 'datetime'; readonly values: Float64Array }
  | { readonly name: string; readonly type: 'string'; readonly values: readonly (string | null)[] }
  | { readonly name: string; readonly type: 'boolean'; readonly values: readonly (boolean | null)[] };

export interface Table {
  readonly rows: number;
  readonly columns: readonly TableColumn[];
  /** Where it came from, for messages: a file's name or `sql`. */
  readonly source: string;
  /** Columns of a type that no model here takes (lists, structs, blobs, …), which were not read. */
  readonly unreadable?: readonly { readonly name: string; readonly type: string }[];
}

export interface ColumnSchema {
  readonly name: string;
  readonly kind: ColumnKind;
  /** The type it was read as and is written back as. */
  readonly type: TableColumn['type'];
  /** Share of rows without a value, in [0, 1]. */
  readonly missing: number;
  /** Why the column is left out of the model, when it is. */
  readonly dropped?: string;
  /** The one value of a constant column that is left out (given back by `sample`). */
  readonly constant?: Level;
  /** categorical, ordinal and boolean: the values seen, ordinal in their order. */
  readonly levels?: readonly Level[];
  /** continuous, integer and datetime: the range seen of the values that are no atoms. Samples stay in it. */
  readonly minimum?: number;
  readonly maximum?: number;
  /**
   * The grid of multiples that (nearly) all values lie on: 1 for integers, 0.01 for two decimals,
   * 86400000 for whole days; null when they lie on none. Samples are rounded to it.
   */
  readonly step?: number | null;
  /** Natural bounds of the values, which decide what transforms are tried; null is unbounded. */
  readonly lower?: number | null;
  readonly upper?: number | null;
  /** Single values so frequent that they get a probability mass of their own. */
  readonly atoms?: readonly number[];
}

export interface TableSchema {
  readonly version: 1;
  readonly columns: readonly ColumnSchema[];
}

/** A discrete quantity of a row: a category, or the state of a numeric column that has gaps or atoms. */
export interface CategoricalVariable {
  readonly name: string;
  /** Index of its column in the schema. */
  readonly column: number;
  /** `levels`: codes count the schema's levels, then missing. `state`: 0 a value is there, then missing, then atoms. */
  readonly role: 'levels' | 'state';
  readonly cardinality: number;
  /** The code that means missing, or -1 when the fit saw no gap. */
  readonly missingCode: number;
}

/** A number of a row: raw value minus `origin`, which keeps float32 exact enough (dates, large ids). */
export interface NumericVariable {
  readonly name: string;
  readonly column: number;
  readonly origin: number;
  /** Width of the cell that a value stands for: the column's step where ties make its grid matter, else null. */
  readonly step: number | null;
  /** Index of the `state` variable that says whether the value is there, or -1 when it always is. */
  readonly state: number;
}

/** Rows as the model takes them. */
export interface EncodedRows {
  readonly rows: number;
  /** [rows, variables], row-major. */
  readonly codes: Int32Array;
  /** [rows, numbers], row-major, raw value minus origin; 0 where the state says that no value is there. */
  readonly numbers: Float32Array;
  /** 1 for a row that holds something the fit never saw, whose probability is therefore 0; its codes there are 0. */
  readonly unseen: Uint8Array;
}
