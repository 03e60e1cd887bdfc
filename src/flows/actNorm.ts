import { zeros } from '../nn/mlp.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import type { Bijection, LayerSpec, ParameterSlice } from './bijection.js';
import { sameForRows } from './rows.js';

/** A dimension that spreads less than this over a batch is left at its scale: it says nothing of one. */
const LEAST_DEVIATION = 1e-6;

/**
 * y = (x + bias) · exp(logScale), per dimension (Kingma and Dhariwal 2018, section 3.1). Starts as the
 * identity, or, initialised from a batch, as what gives it mean 0 and variance 1.
 */
export class ActNorm implements Bijection {
  readonly kind = 'actNorm';
  readonly contextDim = 0;
  readonly dim: number;
  readonly parameters;

  constructor(dim: number) {
    this.dim = dim;
    this.parameters = [
      { name: 'bias', shape: [dim], initialise: zeros },
      { name: 'logScale', shape: [dim], initialise: zeros },
    ] as const;
  }

  forward(x: Tensor2D, parameters: readonly Tensor[]): { y: Tensor2D; logDet: Tensor1D } {
    const [bias, logScale] = parameters as [Tensor1D, Tensor1D];
    return tf.tidy(() => ({
      y: tf.mul(tf.add(x, bias), tf.exp(logScale)) as Tensor2D,
      logDet: sameForRows(x, tf.sum(logScale)),
    }));
  }

  inverse(y: Tensor2D, parameters: readonly Tensor[]): { x: Tensor2D; logDet: Tensor1D } {
    const [bias, logScale] = parameters as [Tensor1D, Tensor1D];
    return tf.tidy(() => ({
      x: tf.sub(tf.mul(y, tf.exp(tf.neg(logScale))), bias) as Tensor2D,
      logDet: sameForRows(y, tf.neg(tf.sum(logScale))),
    }));
  }

  spec(slices: readonly ParameterSlice[]): LayerSpec {
    return { kind: this.kind, parameters: slices };
  }

  /** Moments in double: a mean of 1e6 leaves float32 too few digits for the squares of the rest. */
  initialiseFrom(x: Tensor2D): readonly Float32Array[] {
    const rows = x.shape[0];
    const values = x.dataSync();
    const bias = new Float32Array(this.dim);
    const logScale = new Float32Array(this.dim);
    for (let j = 0; j < this.dim; j++) {
      let mean = 0;
      for (let i = 0; i < rows; i++) mean += (values[i * this.dim + j] as number) / rows;
      let variance = 0;
      for (let i = 0; i < rows; i++) variance += ((values[i * this.dim + j] as number) - mean) ** 2 / rows;
      const deviation = Math.sqrt(variance);
      bias[j] = -mean;
      logScale[j] = deviation < LEAST_DEVIATION ? 0 : -Math.log(deviation);
    }
    return [bias, logScale];
  }
}
