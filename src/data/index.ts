/** Tables: reading and writing them, what their columns mean, and how their rows become numbers. */
export { TableCodec } from './codec.js';
export { formatCsv } from './formatTable.js';
export { type ReadOptions, readTable } from './read.js';
export { describeSchema, inferSchema, parseSchema, type SchemaOptions } from './schema.js';
export { splitRows, takeRows, takeTableRows } from './split.js';
export { ColumnTransforms } from './transforms.js';
export type {
  CategoricalVariable,
  ColumnKind,
  ColumnSchema,
  EncodedRows,
  Level,
  NumericVariable,
  Table,
  TableColumn,
  TableSchema,
} from './types.js';
export { writeTable } from './writeTable.js';
