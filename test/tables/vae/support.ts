import { TableCodec } from '../../../src/data/codec.js';
import { inferSchema } from '../../../src/data/schema.js';
import { ColumnTransforms } from '../../../src/data/transforms.js';
import type { ColumnKind, EncodedRows, Table } from '../../../src/data/types.js';
import { overwrite } from '../../../src/ops/variableStore.js';
import { Random } from '../../../src/random.js';
import { layoutOf } from '../../../src/tables/layout.js';
import { VaeTable } from '../../../src/tables/vae/vaeTable.js';

export interface VaeOfTable {
  readonly codec: TableCodec;
  readonly rows: EncodedRows;
  readonly model: VaeTable;
}

/**
 * A small VAE of the table whose weights are shaken, so that rows depend on their codes. Its encoder gives every row the
 * prior, so that estimates are means over the prior's draws: with a poor encoder they would need many more.
 */
export function shakenVae(table: Table, kinds: Readonly<Record<string, ColumnKind>> = {}): VaeOfTable {
  const { schema } = inferSchema(table, { columns: kinds });
  const codec = TableCodec.fit(schema, table);
  const rows = codec.encode(table);
  const transforms = codec.numerics.length === 0 ? null : ColumnTransforms.fit(codec, rows, 0);
  const vae = { name: 'vae', latent: 2, hidden: [12] } as const;
  const model = new VaeTable({ family: 'vae', ...layoutOf(codec), vae, seed: 1 }, transforms);
  const random = new Random(5, 5);
  for (const [name, { variable }] of model.weights) {
    if (name.startsWith('encoder')) {
      overwrite(variable, new Float32Array(variable.size));
      continue;
    }
    const noise = random.normal(new Float32Array(variable.size));
    overwrite(
      variable,
      variable.dataSync<'float32'>().map((value, i) => value + 0.2 * (noise[i] as number)),
    );
  }
  return { codec, rows, model };
}
