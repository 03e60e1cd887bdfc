import type { FlowSpec } from './spec.js';
import type { TensorKernels } from './tensorKernels.js';

export type SimdLevel = 'avx512' | 'avx2' | 'portable';

export interface AdamOptions {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decoupled weight decay (AdamW); 0 is Adam. */
  readonly weightDecay: number;
  /** Number of this update, from 1, for the bias correction. */
  readonly step: number;
  /** Greatest Euclidean norm the gradient may have; Infinity leaves it alone. */
  readonly clipNorm: number;
}

/**
 * A whole flow run in one call. Buffers are row-major float32 in Node's memory: x, z [n, dim];
 * context [n, contextDim], or null when contextDim is 0; parameters [parameterCount]. The row count
 * is x.length / dim. Outputs are written in full; no output may overlap an input or another output.
 * Every call checks types, lengths and overlap first and throws a TypeError naming the argument.
 */
export interface NativeFlowPlan {
  readonly dim: number;
  readonly contextDim: number;
  readonly parameterCount: number;
  /** log p(x) in nats, out [n]. */
  logProb(parameters: Float32Array, x: Float32Array, context: Float32Array | null, out: Float32Array): void;
  /** Data to latent: z [n, dim], logDet [n] of this map. */
  forward(
    parameters: Float32Array,
    x: Float32Array,
    context: Float32Array | null,
    z: Float32Array,
    logDet: Float32Array,
  ): void;
  /** Latent to data: x [n, dim], logDet [n] of this map. */
  inverse(
    parameters: Float32Array,
    z: Float32Array,
    context: Float32Array | null,
    x: Float32Array,
    logDet: Float32Array,
  ): void;
  /**
   * Pulls cotangents of `forward` back: given gz [n, dim] and gLogDet [n], writes gradients of
   * Σ gz·z + Σ gLogDet·logDet for x [n, dim], context (null when contextDim is 0) and parameters.
   */
  vectorJacobian(
    parameters: Float32Array,
    x: Float32Array,
    context: Float32Array | null,
    gz: Float32Array,
    gLogDet: Float32Array,
    gx: Float32Array,
    gContext: Float32Array | null,
    gParameters: Float32Array,
  ): void;
  /**
   * Mean negative log-likelihood of the rows in nats (weights [n], when given, make it the weighted
   * sum over their total), with its gradient in `gradient`.
   */
  valueAndGrad(
    parameters: Float32Array,
    x: Float32Array,
    context: Float32Array | null,
    weights: Float32Array | null,
    gradient: Float32Array,
  ): number;
}

/** The functions of the .node file; those that flows, optimizers and random numbers use are here. */
export interface NativeAddon extends TensorKernels {
  readonly version: string;
  /** The widest path this processor runs and the one in use. */
  simdLevels(): SimdLevel[];
  simdLevel(): SimdLevel;
  /** For tests: run a narrower path than the processor's widest. Throws when it cannot run it. */
  setSimdLevel(level: SimdLevel): void;
  threads(): number;
  setThreads(count: number): void;
  readonly FlowPlan: new (spec: FlowSpec) => NativeFlowPlan;
  /** One AdamW update of `parameters`, `m` and `v` in place; returns the gradient's norm before clipping. */
  adamStep(
    parameters: Float32Array,
    gradient: Float32Array,
    m: Float32Array,
    v: Float32Array,
    options: AdamOptions,
  ): number;
  /** mean += share · (values − mean), element by element; `share` in (0, 1]. */
  runningMean(mean: Float32Array, values: Float32Array, share: number): void;
  /** Fills `out` with the uniforms/normals of Philox stream (seed, stream) from position `offset` on. */
  philoxUniform(out: Float32Array, seed: number, stream: number, offset: number): void;
  philoxNormal(out: Float32Array, seed: number, stream: number, offset: number): void;
}
