import type { EncodedRows } from '../data/types.js';
import { energyDistance } from '../metrics/energy.js';
import { FeatureRows } from '../tables/features.js';
import type { GanTable } from '../tables/gan/ganTable.js';
import { type Tensor, tf } from '../tf.js';
import type { RunConfig } from './config.js';
import { type FitGanOptions, fitGan, type GanEpochRecord, type GanTrainResult } from './fitGan.js';

/** What an epoch of a table's GAN saw. */
export interface GanTableRecord extends GanEpochRecord {
  /** Squared energy distance of as many new rows to the validation rows, at most 500. */
  readonly energy: number;
}

/** Share of the mean weights of the generator that a step keeps: what is drawn from is about its last 100 steps. */
const AVERAGE = 0.99;
/** CTGAN's. */
const BETAS = { beta1: 0.5, beta2: 0.9 };
const MEASURED_ROWS = 500;

/**
 * Trains a table's GAN for its planned epochs. Nothing of its losses says which epoch is best, and so the last one is
 * kept; each epoch's record holds how far new rows are from the validation rows.
 */
export async function fitGanTable(
  model: GanTable,
  { training, validation, config }: { training: EncodedRows; validation: EncodedRows; config: RunConfig },
  hooks: Pick<FitGanOptions, 'checkpoint' | 'onResume' | 'onStep' | 'onWarning' | 'signal'> & {
    readonly onEpoch: (record: GanTableRecord) => Promise<void>;
  },
): Promise<GanTrainResult> {
  const { seed, learningRate } = config.settings;
  const adam = { kind: 'adam', learningRate, ...BETAS } as const;
  const held = new FeatureRows(model.features, validation, seed, 'dequantise validation');
  return fitGan(model.gan, {
    ...hooks,
    ...config.training,
    generator: adam,
    critic: adam,
    average: AVERAGE,
    seed,
    training: { x: new FeatureRows(model.features, training, seed, 'dequantise') },
    onEpoch: (record) => hooks.onEpoch({ ...record, energy: distance(model, held) }),
  });
}

function distance({ gan, features }: GanTable, held: FeatureRows): number {
  const n = Math.min(MEASURED_ROWS, held.rows);
  const values = new Float32Array(n * held.width);
  held.read(
    Int32Array.from({ length: n }, (_, row) => row),
    values,
  );
  let energy = 0;
  tf.tidy(() => {
    const sample: Tensor = gan.sample(n, { seed: 0 });
    energy = energyDistance(tf.tensor2d(values, [n, features.width]), sample);
  });
  return energy;
}
