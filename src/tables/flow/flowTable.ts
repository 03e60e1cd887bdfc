import { AutoregressiveCategorical } from '../../autoregressive/categorical.js';
import type { ColumnTransforms } from '../../data/transforms.js';
import type { Flow } from '../../flows/flow.js';
import { presets } from '../../flows/presets/index.js';
import type { SampleOptions, TractableModel } from '../../model.js';
import { normalQuantile } from '../../random.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf, type Variable } from '../../tf.js';
import { latinHypercube } from '../lattice.js';
import { presence } from '../layout.js';
import {
  drawLatent,
  type SavedWeights,
  type TableBatch,
  type TableDensity,
  type TableModel,
} from '../model.js';
import type { FlowArchitecture, FlowTableArchitecture } from './architecture.js';

/** Points at which a cell of the grid, and an absent number, are averaged over. */
const LATTICE_POINTS = 16;

/**
 * The law of a table's rows: p(codes) · p(numbers | codes).
 *
 * The first factor is an autoregressive categorical law, the second a flow with the one-hot codes as
 * context, behind fixed column transforms. A column on a grid of step δ was dequantised in the fit
 * (Theis, van den Oord and Bethge 2016): its density at x is the mean of the flow's over the cell
 * x ± δ/2. A number that is absent (missing, or an atom) is an auxiliary N(0, 1) coordinate e that
 * the density is averaged over, p(x) = E_q [p(x, e) / q(e)] (augmented flows, Huang, Dinh and
 * Courville 2020). Both means are taken over one fixed lattice of 16 points, so `logProb` is
 * a function of the row alone; without grids and gaps it is the flow's exact density.
 *
 * Densities are in the units of the numbers (1 / raw unit each), codes count as probabilities.
 */
export class FlowTable implements TableModel, TractableModel<TableBatch> {
  readonly kind = 'flowTable';
  readonly coder = null;
  readonly critic = null;
  readonly architecture: FlowTableArchitecture;
  readonly transforms: ColumnTransforms | null;
  readonly categories: AutoregressiveCategorical | null;
  readonly flow: Flow | null;
  /** Length of z: one normal coordinate for each code and each number. */
  readonly latentDim: number;

  /** `transforms` belongs to the numbers and is null when there are none. */
  constructor(architecture: FlowTableArchitecture, transforms: ColumnTransforms | null) {
    const { cardinalities, numerics, seed } = architecture;
    this.architecture = architecture;
    this.transforms = transforms;
    this.latentDim = cardinalities.length + numerics.length;
    this.categories =
      cardinalities.length === 0
        ? null
        : new AutoregressiveCategorical({ cardinalities, hidden: architecture.network.hidden, seed });
    const { name, ...sizes } = architecture.flow;
    this.flow =
      numerics.length === 0
        ? null
        : presets[name].build({
            dim: numerics.length,
            contextDim: cardinalities.reduce((sum, size) => sum + size, 0),
            seed,
            ...sizes,
          });
  }

  /** The flow that the numbers follow; null where there are none. */
  get chosen(): FlowArchitecture | null {
    return this.flow === null ? null : this.architecture.flow;
  }

  get variables(): readonly Variable[] {
    return [...this.weights.values()].map(({ variable }) => variable);
  }

  get weights(): ReadonlyMap<string, SavedWeights> {
    const parts = { categories: this.categories, numbers: this.flow };
    return new Map(
      Object.entries(parts).flatMap(([name, part]) =>
        part === null ? [] : [[name, part.parameters] as const],
      ),
    );
  }

  /** `logProb`: one that is computed, not estimated. */
  get density(): TableDensity {
    return { samples: null, logProb: (batch) => this.logProb(batch) };
  }

  /** log p of each row, [n], in nats. */
  logProb(batch: TableBatch): Tensor1D {
    return tf.tidy(() => {
      const oneHot = this.categories?.oneHot(batch.codes);
      const terms: Tensor[] = [];
      if (this.categories !== null && oneHot !== undefined) terms.push(this.categories.logProb(oneHot));
      if (this.flow !== null) terms.push(this.#numbersLogProb(this.flow, batch.numbers, oneHot));
      return tf.addN(terms) as Tensor1D;
    });
  }

  losses(batch: TableBatch): Record<string, Tensor> {
    return { negativeLogLikelihood: tf.tidy(() => tf.neg(tf.mean(this.logProb(batch)))) };
  }

  /** The push-forward of the latent law: z [n, latentDim], codes first, to a row. */
  push(z: Tensor2D): TableBatch {
    const variables = this.architecture.cardinalities.length;
    return tf.tidy(() => {
      const zCodes: Tensor2D = tf.slice2d(z, [0, 0], [-1, variables]);
      const zNumbers: Tensor2D = tf.slice2d(z, [0, variables], [-1, this.latentDim - variables]);
      const drawn = this.categories?.decode(zCodes);
      const numbers =
        this.flow === null || this.transforms === null
          ? zNumbers
          : this.transforms.inverse(this.flow.inverse(zNumbers, drawn?.oneHot).x);
      return { codes: drawn?.codes ?? zCodes, numbers };
    });
  }

  /** Codes and numbers of n rows side by side, [n, latentDim]; `push` gives them apart. */
  sample(n: number, { seed = 0, temperature = 1 }: SampleOptions = {}): Tensor2D {
    const z = drawLatent(this.latentDim, n, { seed, temperature });
    return tf.tidy(() => {
      const { codes, numbers } = this.push(tf.tensor2d(z, [n, this.latentDim]));
      return tf.concat([tf.cast(codes, 'float32'), numbers], 1) as Tensor2D;
    });
  }

  /** log p(numbers | codes), [n], averaged over the lattice where the table has grids or gaps. */
  #numbersLogProb(flow: Flow, numbers: Tensor2D, oneHot: Tensor2D | undefined): Tensor1D {
    const { numerics } = this.architecture;
    const d = numerics.length;
    const present = presence(this.architecture, this.categories?.blocks ?? null, oneHot);
    const isExact = present === null && numerics.every(({ step }) => step === null);
    const points = isExact ? 1 : LATTICE_POINTS;
    const lattice = latinHypercube(points, d);
    const shifts = lattice.map((u, i) => (numerics[i % d]?.step ?? 0) * (u - 0.5));
    const repeat = (rows: Tensor2D, width: number): Tensor2D =>
      points === 1 ? rows : tf.reshape(tf.tile(tf.expandDims(rows, 1), [1, points, 1]), [-1, width]);
    const x = tf.reshape(tf.add(tf.expandDims(numbers, 1), tf.tensor3d(shifts, [1, points, d])), [-1, d]);
    const { y, logDet } = (this.transforms as ColumnTransforms).forward(x as Tensor2D);
    const context = oneHot === undefined ? undefined : repeat(oneHot, oneHot.shape[1]);
    let logProb: Tensor;
    if (present === null) {
      logProb = tf.add(flow.logProb(y, context), tf.sum(logDet, 1));
    } else {
      const fill = tf.tensor3d(lattice.map(normalQuantile), [1, points, d]);
      const isThere = repeat(present, d);
      const absent = tf.sub(1, isThere);
      const filling = tf.reshape(tf.mul(tf.expandDims(tf.sub(1, present), 1), fill), [-1, d]);
      const filled = tf.add(tf.where(tf.greater(isThere, 0.5), y, tf.zerosLike(y)), filling) as Tensor2D;
      const own = tf.where(tf.greater(isThere, 0.5), logDet, tf.zerosLike(logDet));
      const fillLogProb = tf.mul(
        absent,
        tf.add(tf.mul(0.5, tf.square(filling)), 0.5 * Math.log(2 * Math.PI)),
      );
      logProb = tf.add(flow.logProb(filled, context), tf.sum(tf.add(own, fillLogProb), 1));
    }
    if (points === 1) return logProb as Tensor1D;
    return tf.sub(tf.logSumExp(tf.reshape(logProb, [-1, points]), 1), Math.log(points)) as Tensor1D;
  }
}
