import { PushforwardError } from '../errors.js';
import type { SampleOptions, TractableModel } from '../model.js';
import type { NativeFlowPlan } from '../native/addon.js';
import { loadAddon } from '../native/index.js';
import type { FlowSpec } from '../native/spec.js';
import { FlatParameters } from '../ops/flatParameters.js';
import { type FlowInputs, fusedForward, fusedInverse, fusedLogProb, isRecording } from '../ops/fusedFlow.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf, type Variable } from '../tf.js';
import type { Bijection } from './bijection.js';
import { FlowDefinition } from './definition.js';

export interface FlowOptions {
  readonly dim: number;
  /** Width of the context; 0, the default, is none. */
  readonly contextDim?: number;
  /** In the forward order, data to latent; at least one. */
  readonly bijections: readonly Bijection[];
  /** Seed of the first weights. Default 0. */
  readonly seed?: number;
  /** Never use the addon: slower, and differentiable to every order. Default false. */
  readonly reference?: boolean;
}

/**
 * A normalizing flow over N(0, I): log p(x | c) = log N(f(x; c)) + log |det ∂f/∂x|.
 *
 * On the tfjs backend `native`, with the addon there and a native stage for every bijection, `logProb`,
 * `forward` and `inverse` run fused; elsewhere, a trace included, they are `definition`. Rows x are [n, dim], context [n, contextDim].
 * Every method throws PushforwardError `shape` for tensors of other shapes.
 */
export class Flow implements TractableModel<Tensor2D> {
  readonly kind = 'flow';
  readonly dim: number;
  readonly contextDim: number;
  readonly bijections: readonly Bijection[];
  readonly parameters: FlatParameters;
  readonly definition: FlowDefinition;
  readonly #reference: boolean;
  #plan: NativeFlowPlan | null | undefined;

  /** @throws PushforwardError `usage` when the bijections do not fit each other or the context. */
  constructor({ dim, contextDim = 0, bijections, seed = 0, reference = false }: FlowOptions) {
    checkBijections(dim, contextDim, bijections);
    this.dim = dim;
    this.contextDim = contextDim;
    this.bijections = bijections;
    const definitions = bijections.flatMap(({ kind, parameters }, layer) =>
      parameters.map((definition) => ({ ...definition, name: `${layer}.${kind}.${definition.name}` })),
    );
    this.parameters = new FlatParameters(definitions, seed);
    this.definition = new FlowDefinition(dim, bijections, this.parameters);
    this.#reference = reference;
  }

  get variables(): readonly Variable[] {
    return [this.parameters.variable];
  }

  /** Data to latent: z [n, dim] and log|det dz/dx| [n] in nats. */
  forward(x: Tensor2D, context?: Tensor2D): { z: Tensor2D; logDet: Tensor1D } {
    const inputs = this.#inputs(x, context);
    const plan = this.#fused();
    return plan === null ? this.definition.forward(x, inputs.context) : fusedForward(plan, inputs);
  }

  /** Latent to data: x [n, dim] and log|det dx/dz| [n] in nats. */
  inverse(z: Tensor2D, context?: Tensor2D): { x: Tensor2D; logDet: Tensor1D } {
    const inputs = this.#inputs(z, context);
    const plan = isRecording() ? null : this.#fused();
    return plan === null ? this.definition.inverse(z, inputs.context) : fusedInverse(plan, inputs);
  }

  /** log p(x | context) [n] in nats. */
  logProb(x: Tensor2D, context?: Tensor2D): Tensor1D {
    const inputs = this.#inputs(x, context);
    const plan = this.#fused();
    return plan === null ? this.definition.logProb(x, inputs.context) : fusedLogProb(plan, inputs);
  }

  /** n rows [n, dim] drawn with `seed` (default 0), one for each row of the context when there is one. */
  sample(n: number, { seed = 0, context, temperature = 1 }: SampleOptions = {}): Tensor2D {
    return tf.tidy(() => this.inverse(this.definition.base.sample(n, { seed, temperature }), context).x);
  }

  /** Mean negative log-likelihood of the rows in nats. */
  losses(x: Tensor2D, context?: Tensor2D): { negativeLogLikelihood: tf.Scalar } {
    return tf.tidy(() => ({ negativeLogLikelihood: tf.neg(tf.mean<tf.Scalar>(this.logProb(x, context))) }));
  }

  /**
   * What the native plan is built from.
   * @throws PushforwardError `unsupported` when a layer has no native stage.
   */
  spec(): FlowSpec {
    const { dim, contextDim } = this;
    const layers = this.definition.layerSpecs().map((layer, i) => {
      if (layer !== null) return layer;
      throw new PushforwardError('unsupported', `${this.bijections[i]?.kind} has no native stage`, {
        where: `layer ${i}`,
        mend: 'use the flow itself, which then runs by its definition',
      });
    });
    return { dim, contextDim, parameterCount: this.parameters.count, layers };
  }

  /**
   * Mean negative log-likelihood in nats of rows in host memory, x [n·dim] and context [n·contextDim]
   * or null, and its gradient w.r.t. the parameters [count], in one pass of the plan where there is an
   * addon. Weights [n] make it the weighted sum over the weights' total.
   */
  negativeLogLikelihoodAndGradient(
    x: Float32Array,
    context: Float32Array | null,
    gradient: Float32Array,
    weights: Float32Array | null = null,
  ): number {
    const n = x.length / this.dim;
    const lengths = [n, context?.length ?? 0, gradient.length, weights?.length ?? n];
    const expected = [Math.max(1, Math.floor(n)), n * this.contextDim, this.parameters.count, n];
    if (lengths.some((length, i) => length !== expected[i])) {
      throw new PushforwardError(
        'shape',
        `[rows, context, gradient, weights] have lengths [${lengths}] where [${expected}] belong`,
      );
    }
    const conditioned = this.contextDim > 0 ? context : null;
    const plan = this.#planOrNull();
    if (plan !== null) return plan.valueAndGrad(this.parameters.read(), x, conditioned, weights, gradient);
    return tf.tidy(() => {
      const rows = tf.tensor2d(x, [n, this.dim]);
      const conditions = conditioned === null ? undefined : tf.tensor2d(conditioned, [n, this.contextDim]);
      const shares = weights === null ? tf.fill([n], 1 / n) : tf.div(weights, tf.sum(weights));
      return this.parameters.valueAndGradient(
        () => tf.neg(tf.sum<tf.Scalar>(tf.mul(this.definition.logProb(rows, conditions), shares))),
        gradient,
      );
    });
  }

  /**
   * Gives the layers that can be initialised from data values that suit these rows (ActNorm then
   * makes mean 0 and variance 1 of them); the other layers keep theirs.
   * @throws PushforwardError `numeric` when a number of a row, or of what a layer makes of it, is not finite.
   */
  initialiseFrom(x: Tensor2D, context?: Tensor2D): void {
    const inputs = this.#inputs(x, context);
    if (x.shape[0] === 0) throw new PushforwardError('shape', 'no rows to initialise a flow from');
    const values = this.definition.initialValues(x, inputs.context);
    if (!values.every(Number.isFinite)) {
      throw new PushforwardError('numeric', 'the rows to initialise a flow from are not finite', {
        mend: 'leave out rows with missing or infinite numbers',
      });
    }
    this.parameters.assign(values);
  }

  /** The first place where a number is not finite for these rows, in words; null when all are. */
  locateNonFinite(x: Tensor2D, context?: Tensor2D): string | null {
    const inputs = this.#inputs(x, context);
    const parameter = this.parameters.nonFiniteSlice();
    if (parameter !== null) return `parameter ${parameter}`;
    let place: string | null = null;
    tf.tidy(() => {
      const states = this.definition.trajectory(x, inputs.context);
      const layer = states.findIndex((state) => !allFinite(state)) - 1;
      if (layer >= 0) place = `the output of layer ${layer} (${this.bijections[layer]?.kind})`;
      else if (layer === -1) place = 'the rows that enter the flow';
      else if (!allFinite(this.definition.logProb(x, inputs.context))) place = 'the log-density';
    });
    return place;
  }

  dispose(): void {
    this.parameters.dispose();
  }

  /** The plan, on the backend that is made for it. */
  #fused(): NativeFlowPlan | null {
    return tf.getBackend() === 'native' ? this.#planOrNull() : null;
  }

  #planOrNull(): NativeFlowPlan | null {
    if (this.#reference) return null;
    if (this.#plan === undefined) {
      const addon = loadAddon();
      const isStaged = !this.definition.layerSpecs().includes(null);
      this.#plan = addon === null || !isStaged ? null : new addon.FlowPlan(this.spec());
    }
    return this.#plan;
  }

  #inputs(rows: Tensor2D, context: Tensor2D | undefined): FlowInputs {
    if (rows.rank !== 2 || rows.shape[1] !== this.dim || rows.dtype !== 'float32') {
      throw new PushforwardError('shape', `rows are ${rows.dtype} [${rows.shape}]`, {
        mend: `give float32 [n, ${this.dim}]`,
      });
    }
    if (this.contextDim === 0) {
      if (context === undefined) return { rows, context, flat: this.parameters.variable };
      throw new PushforwardError('shape', 'this flow takes no context', { mend: 'leave the context out' });
    }
    const [n, width] = context?.shape ?? [];
    if (context === undefined || n !== rows.shape[0] || width !== this.contextDim) {
      throw new PushforwardError('shape', `the context is ${context ? `[${context.shape}]` : 'missing'}`, {
        mend: `give float32 [${rows.shape[0]}, ${this.contextDim}]`,
      });
    }
    return { rows, context, flat: this.parameters.variable };
  }
}

function allFinite(tensor: Tensor): boolean {
  return tensor.dataSync().every(Number.isFinite);
}

function checkBijections(dim: number, contextDim: number, bijections: readonly Bijection[]): void {
  if (bijections.length === 0) {
    throw new PushforwardError('usage', 'a flow without bijections', { mend: 'give at least one' });
  }
  bijections.forEach((bijection, layer) => {
    const where = `layer ${layer} (${bijection.kind})`;
    if (bijection.dim !== dim) {
      throw new PushforwardError('usage', `it maps ${bijection.dim} dimensions in a flow of ${dim}`, {
        where,
      });
    }
    if (bijection.contextDim !== 0 && bijection.contextDim !== contextDim) {
      const what = `it takes a context of ${bijection.contextDim} in a flow with one of ${contextDim}`;
      throw new PushforwardError('usage', what, { where });
    }
  });
  if (contextDim > 0 && bijections.every((bijection) => bijection.contextDim === 0)) {
    throw new PushforwardError('usage', 'no bijection takes the context', {
      mend: 'leave contextDim at 0, or give a coupling that takes context',
    });
  }
}
