import { checkPositive, checkWhole } from '../checks.js';
import { Random, streamOf } from '../random.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import { checkEstimate, inBlocks, normalNoise } from './elbo.js';
import { RunningLogSum } from './importance.js';
import type { LatentModel } from './latentModel.js';
import { repeatRows } from './posterior.js';

export interface AnnealedOptions {
  /** Distributions between prior and posterior. Default 500. */
  readonly temperatures?: number;
  /** Chains for each row. Default 16. */
  readonly chains?: number;
  /** Leapfrog steps of a transition. Default 10. */
  readonly leapfrogSteps?: number;
  /** First step size of every chain. Default 0.1. */
  readonly stepSize?: number;
  /** Default 0. */
  readonly seed?: number;
  /** [n, contextDim], for a model that takes it. */
  readonly context?: Tensor2D;
}

export interface AnnealedEstimate {
  /** log p(x) of each row, in nats: on average a lower bound. */
  readonly logProb: Float64Array;
  /** Share of the transitions that were accepted: 0.65 is meant, and far from it the chains do not mix. */
  readonly acceptance: number;
}

/** Step sizes grow by this factor when a move is accepted … */
const GROWTH = 1.02;
/** … and shrink by that which keeps them where this share is (Wu et al. 2017, who take it from Neal 2011). */
const TARGET = 0.65;
const SHRINKAGE = GROWTH ** (-TARGET / (1 - TARGET));

/**
 * log p(x) by annealed importance sampling (Neal 2001) from the prior to p(z | x) with Hamiltonian transitions,
 * as Wu, Burda, Salakhutdinov and Grosse 2017 measure decoders. It does not use the encoder, so it stays right
 * where the posterior is far from Gaussian, at some hundred times the cost of importance sampling.
 * @throws PushforwardError `usage` for numbers of chains, temperatures or steps below 1, a step size that is not
 * positive, or a seed below 0.
 */
export function annealedLogProb(
  model: LatentModel,
  x: Tensor,
  options: AnnealedOptions = {},
): AnnealedEstimate {
  const { temperatures = 500, chains = 16, leapfrogSteps = 10, stepSize = 0.1, seed = 0, context } = options;
  checkEstimate(chains, seed);
  checkWhole('temperatures', temperatures);
  checkWhole('leapfrogSteps', leapfrogSteps);
  checkPositive('stepSize', stepSize);
  const logProb = new Float64Array(x.shape[0] as number);
  const random = new Random(seed, streamOf('annealing'));
  const accepted: number[] = [];
  inBlocks(model, x, context, chains, (rows, own, first) => {
    const chain = new Chains(model, random, {
      leapfrogSteps,
      stepSize,
      x: repeatRows(rows, chains),
      context: own === undefined ? undefined : repeatRows(own, chains),
      seed: seed + first,
    });
    for (let t = 1; t <= temperatures; t++) chain.move(inverseTemperature(t, temperatures));
    const weights = chain.finish();
    for (let i = 0; i < (rows.shape[0] as number); i++) {
      const sum = new RunningLogSum();
      sum.add(weights.subarray(i * chains, (i + 1) * chains));
      logProb[first + i] = sum.value - Math.log(chains);
    }
    accepted.push(chain.acceptance);
    return [];
  });
  return { logProb, acceptance: accepted.reduce((sum, share) => sum + share, 0) / accepted.length };
}

/** A sigmoid's middle, stretched to [0, 1]: small steps at both ends (Wu et al. 2017). */
function inverseTemperature(t: number, total: number): number {
  const rise = (at: number) => 1 / (1 + Math.exp(-4 * at));
  return (rise((2 * t) / total - 1) - rise(-1)) / (rise(1) - rise(-1));
}

interface ChainOptions {
  readonly leapfrogSteps: number;
  readonly stepSize: number;
  readonly x: Tensor;
  readonly context: Tensor2D | undefined;
  readonly seed: number;
}

/** Chains z [m, latentDim] on their way from the prior to the posterior, with their weights. */
class Chains {
  readonly #model: LatentModel;
  readonly #random: Random;
  readonly #leapfrogSteps: number;
  readonly #x: Tensor;
  readonly #context: Tensor2D | undefined;
  readonly #stepSizes: Float32Array;
  readonly #logWeights: Float64Array;
  #z: Tensor2D;
  #inverseTemperature = 0;
  #moves = 0;
  #accepted = 0;

  constructor(
    model: LatentModel,
    random: Random,
    { leapfrogSteps, stepSize, x, context, seed }: ChainOptions,
  ) {
    const m = x.shape[0] as number;
    this.#model = model;
    this.#random = random;
    this.#leapfrogSteps = leapfrogSteps;
    this.#x = x;
    this.#context = context;
    this.#stepSizes = new Float32Array(m).fill(stepSize);
    this.#logWeights = new Float64Array(m);
    this.#z = model.prior.sample(m, { seed, ...(context === undefined ? {} : { context }) });
  }

  /** The share of moves that were accepted. */
  get acceptance(): number {
    return this.#accepted / Math.max(1, this.#moves);
  }

  /** Weighs the chains for the next distribution, p(z) p(x | z)^inverseTemperature, and moves them in it. */
  move(inverseTemperature: number): void {
    const step = inverseTemperature - this.#inverseTemperature;
    this.#inverseTemperature = inverseTemperature;
    const next = tf.tidy(() => {
      const fit = this.#model.logLikelihood(this.#x, this.#z, this.#context).dataSync();
      for (let i = 0; i < fit.length; i++) {
        this.#logWeights[i] = (this.#logWeights[i] as number) + step * (fit[i] as number);
      }
      return this.#transition();
    });
    this.#z.dispose();
    this.#z = next;
  }

  /** The weights' logarithms [m]; the chains end. */
  finish(): Float64Array {
    this.#z.dispose();
    return this.#logWeights;
  }

  /** One Hamiltonian move with unit masses (Neal 2011, figure 2), accepted or not chain by chain. */
  #transition(): Tensor2D {
    const [m, d] = this.#z.shape;
    const start = normalNoise(this.#random, m, d);
    const uniforms = this.#random.uniform(new Float32Array(m));
    const sizes = tf.tensor2d(this.#stepSizes.slice(), [m, 1]);
    const first = this.#energy(this.#z);
    let { slope } = first;
    let z = this.#z;
    let momentum = start;
    let last = first;
    for (let step = 0; step < this.#leapfrogSteps; step++) {
      momentum = tf.add(momentum, tf.mul(slope, tf.mul(sizes, 0.5)));
      z = tf.add(z, tf.mul(momentum, sizes));
      last = this.#energy(z);
      slope = last.slope;
      momentum = tf.add(momentum, tf.mul(slope, tf.mul(sizes, 0.5)));
    }
    const kinetic = (p: Tensor2D): Tensor1D => tf.mul(tf.sum<Tensor1D>(tf.square(p), 1), 0.5);
    const gain = tf.sub(tf.sub(last.logProb, kinetic(momentum)), tf.sub(first.logProb, kinetic(start)));
    const gains = gain.dataSync();
    const kept = new Float32Array(m);
    for (let i = 0; i < m; i++) {
      const isAccepted = Math.log(uniforms[i] as number) < (gains[i] as number);
      kept[i] = isAccepted ? 1 : 0;
      this.#stepSizes[i] = (this.#stepSizes[i] as number) * (isAccepted ? GROWTH : SHRINKAGE);
      this.#accepted += isAccepted ? 1 : 0;
    }
    this.#moves += m;
    // Chosen, not weighed: where a move ran off to infinity, 0 times that would be NaN.
    const choice = tf.tile(tf.greater(tf.tensor2d(kept, [m, 1]), 0.5), [1, d]);
    return tf.where(choice, z, this.#z);
  }

  /** log p(z) + inverseTemperature · log p(x | z) of each chain [m], and its slope [m, latentDim]. */
  #energy(at: Tensor2D): { logProb: Tensor1D; slope: Tensor2D } {
    const f = (z: Tensor): Tensor =>
      tf.add(
        this.#model.prior.logProb(z as Tensor2D, this.#context),
        tf.mul(this.#model.logLikelihood(this.#x, z as Tensor2D, this.#context), this.#inverseTemperature),
      );
    const { value, grad } = tf.valueAndGrad(f)(at, tf.ones([at.shape[0]]));
    return { logProb: value as Tensor1D, slope: grad as Tensor2D };
  }
}
