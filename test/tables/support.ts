import { TableCodec } from '../../src/data/codec.js';
import { inferSchema } from '../../src/data/schema.js';
import { ColumnTransforms } from '../../src/data/transforms.js';
import type { ColumnKind, EncodedRows, Table, TableColumn } from '../../src/data/types.js';
import type { PresetName } from '../../src/flows/presets/catalogue.js';
import { Random } from '../../src/random.js';
import type { FlowTableArchitecture } from '../../src/tables/flow/architecture.js';
import { FlowTable } from '../../src/tables/flow/flowTable.js';
import { layoutOf } from '../../src/tables/layout.js';
import type { TableDensity, TableModel } from '../../src/tables/model.js';
import { tf } from '../../src/tf.js';

export interface ModelOfTable {
  readonly codec: TableCodec;
  readonly rows: EncodedRows;
  readonly transforms: ColumnTransforms | null;
  readonly model: FlowTable;
}

/** A table from columns of numbers (NaN: missing) and texts (null: missing). */
export function tableOf(columns: Readonly<Record<string, Float64Array | readonly (string | null)[]>>): Table {
  const typed = Object.entries(columns).map(
    ([name, values]): TableColumn =>
      values instanceof Float64Array ? { name, type: 'number', values } : { name, type: 'string', values },
  );
  return { rows: typed[0]?.values.length ?? 0, columns: typed, source: 'test' };
}

/** A small model of the table whose weights are shaken, so that it is no product of marginals. */
export function shakenModel(
  table: Table,
  kinds: Readonly<Record<string, ColumnKind>> = {},
  size = 0.1,
  name: PresetName = 'realNvp',
): ModelOfTable {
  const { schema } = inferSchema(table, { columns: kinds });
  const codec = TableCodec.fit(schema, table);
  const rows = codec.encode(table);
  const transforms = codec.numerics.length === 0 ? null : ColumnTransforms.fit(codec, rows, 0);
  const architecture: FlowTableArchitecture = {
    family: 'flow',
    ...layoutOf(codec),
    flow: { name, layers: 4, hidden: [16], activation: 'silu' },
    network: { hidden: [16] },
    seed: 1,
  };
  const model = new FlowTable(architecture, transforms);
  model.categories?.initialiseFrom(rows.codes);
  const random = new Random(5, 5);
  for (const part of [model.categories, model.flow]) {
    if (part === null) continue;
    const noise = random.normal(new Float32Array(part.parameters.count));
    part.parameters.assign(part.parameters.values().map((value, i) => value + size * (noise[i] as number)));
  }
  return { codec, rows, transforms, model };
}

/** log p of the rows of a table. */
export function logProbOf(
  { codec, model }: { codec: TableCodec; model: TableModel },
  table: Table,
): Float32Array {
  const { rows, codes, numbers } = codec.encode(table);
  const density = model.density as TableDensity;
  return tf.tidy(() =>
    density
      .logProb({
        codes: tf.tensor2d(codes, [rows, codec.categoricals.length], 'int32'),
        numbers: tf.tensor2d(numbers, [rows, codec.numerics.length]),
      })
      .dataSync<'float32'>()
      .slice(),
  );
}

/** Standard normals of a stream of their own. */
export function normals(n: number, stream: number): Float32Array {
  return new Random(11, stream).normal(new Float32Array(n));
}
