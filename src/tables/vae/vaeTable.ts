import { frequencyOutputs } from '../../autoregressive/logits.js';
import type { ColumnTransforms } from '../../data/transforms.js';
import type { EncodedRows } from '../../data/types.js';
import { overwrite } from '../../ops/variableStore.js';
import { type Tensor2D, tf, type Variable } from '../../tf.js';
import { importanceLogProb } from '../../vae/importance.js';
import { mlpNetworks } from '../../vae/mlpNetworks.js';
import { Vae } from '../../vae/vae.js';
import { RowFeatures } from '../features.js';
import { latinHypercube } from '../lattice.js';
import type { SavedWeights, TableBatch, TableCoder, TableDensity, TableModel } from '../model.js';
import type { VaeArchitecture, VaeTableArchitecture } from './architecture.js';
import { RowLikelihood } from './rowLikelihood.js';

/** Points at which a cell of the grid is averaged over. */
const LATTICE_POINTS = 16;
/** Draws of the code, over all points, that the density of a row is estimated with. */
const IMPORTANCE_SAMPLES = 256;

/**
 * A variational autoencoder of a table's rows (the TVAE of Xu, Skoularidou, Cuesta-Infante and Veeramachaneni 2019, on
 * this project's transforms of columns): p(row) = ∫ p(row | z) p(z) dz, with a code z ~ N(0, I) and the law of
 * `RowLikelihood` given it.
 *
 * A row's log-density is estimated by importance sampling with 256 draws from the encoder's posterior (see
 * `importanceLogProb`), on average from below. For columns on a grid it is averaged over the cells like a flow's,
 * at 16 points with 16 draws each. It is in the units of the numbers, and so stands beside the density of any model.
 *
 * The latent of `push` is the code, then one normal for each code and each number: the noise of the law of the row
 * given z is drawn too.
 */
export class VaeTable implements TableModel {
  readonly architecture: VaeTableArchitecture;
  readonly features: RowFeatures;
  readonly vae: Vae;
  readonly latentDim: number;
  readonly critic = null;
  readonly #likelihood: RowLikelihood;

  /** `transforms` belongs to the numbers and is null when there are none. */
  constructor(architecture: VaeTableArchitecture, transforms: ColumnTransforms | null) {
    const { latent, hidden } = architecture.vae;
    this.architecture = architecture;
    this.features = new RowFeatures(architecture, transforms);
    this.#likelihood = new RowLikelihood(this.features);
    const shape = [this.features.width];
    const networks = mlpNetworks(
      {
        shape,
        latentDim: latent,
        encoderOutputs: 2 * latent,
        decoderOutputs: this.#likelihood.outputShape(shape),
        seed: architecture.seed,
      },
      { hidden },
    );
    this.vae = new Vae({ ...networks, shape, latentDim: latent, likelihood: this.#likelihood });
    this.latentDim = latent + this.#likelihood.noiseDim;
  }

  get chosen(): VaeArchitecture {
    return this.architecture.vae;
  }

  get transforms(): ColumnTransforms | null {
    return this.features.transforms;
  }

  get weights(): ReadonlyMap<string, SavedWeights> {
    return new Map([...this.vae.latentModel.weights].map(([name, variable]) => [name, { variable }]));
  }

  get density(): TableDensity {
    return { samples: IMPORTANCE_SAMPLES, logProb: (batch, firstRow = 0) => this.#logProb(batch, firstRow) };
  }

  get coder(): TableCoder {
    const { latentModel } = this.vae;
    return {
      codeDim: this.vae.latentDim,
      encode: (batch) =>
        tf.tidy(() => {
          const { mean, logVariance } = latentModel.moments(this.features.of(batch).features);
          return { mean, logVariance };
        }),
      decode: (code) =>
        tf.tidy(() => {
          const { codes, y } = this.#likelihood.likeliest(latentModel.outputs(code) as Tensor2D);
          return this.features.batch(codes, y, code.shape[0]);
        }),
    };
  }

  /** Starts the decoder at the frequencies of the levels of these rows, so that rare ones need not be unlearnt. */
  initialiseFrom({ codes }: EncodedRows): void {
    const { blocks, numbers } = this.features;
    if (blocks === null) return;
    const bias = this.vae.latentModel.decoder.weights.at(-1) as Variable;
    const values = bias.dataSync<'float32'>().slice();
    values.set(frequencyOutputs(blocks, codes), 2 * numbers);
    overwrite(bias, values);
  }

  push(z: Tensor2D): TableBatch {
    const { latent } = this.architecture.vae;
    return tf.tidy(() => {
      const [code, noise] = tf.split(z, [latent, this.latentDim - latent], 1) as [Tensor2D, Tensor2D];
      const outputs = this.vae.latentModel.outputs(code) as Tensor2D;
      const { codes, y } = this.#likelihood.fromNormal(outputs, noise);
      return this.features.batch(codes, y, z.shape[0]);
    });
  }

  #logProb(batch: TableBatch, firstRow: number): tf.Tensor1D {
    const { numerics } = this.architecture;
    const d = numerics.length;
    const isOnGrid = numerics.some(({ step }) => step !== null);
    const points = isOnGrid ? LATTICE_POINTS : 1;
    const n = batch.codes.shape[0];
    return tf.tidy(() => {
      const shifts = latinHypercube(points, d).map((u, i) => (numerics[i % d]?.step ?? 0) * (u - 0.5));
      const spread = tf.add(tf.expandDims(batch.numbers, 1), tf.tensor3d(shifts, [1, points, d]));
      const { features, logDet } = this.features.of({
        codes: repeated(batch.codes, points),
        numbers: tf.reshape(spread, [n * points, d]),
      });
      const estimates = importanceLogProb(this.vae.latentModel, features, {
        samples: IMPORTANCE_SAMPLES / points,
        firstRow: firstRow * points,
      });
      const logProb = tf.add(tf.tensor1d(Float32Array.from(estimates)), logDet);
      return tf.sub(tf.logSumExp(tf.reshape(logProb, [n, points]), 1), Math.log(points));
    });
  }
}

/** Each row `times` over, one copy after the other. */
function repeated(rows: Tensor2D, times: number): Tensor2D {
  const [n, width] = rows.shape;
  return tf.reshape(tf.tile(tf.expandDims(rows, 1), [1, times, 1]), [n * times, width]);
}
