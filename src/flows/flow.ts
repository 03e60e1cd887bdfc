import type { BaseDistribution } from '../distributions/base.js';
import { StandardNormal } from '../distributions/standardNormal.js';
import { PushforwardError } from '../errors.js';
import type { SampleOptions, TractableModel } from '../model.js';
import type { NativeFlowPlan } from '../native/addon.js';
import { loadAddon } from '../native/index.js';
import type { FlowSpec } from '../native/spec.js';
import { FlatParameters } from '../ops/flatParameters.js';
import {
  type FlowInputs,
  fusedForward,
  fusedInverse,
  fusedLogProb,
  inBlocks,
  isRecording,
} from '../ops/fusedFlow.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf, type Variable } from '../tf.js';
import type { Bijection } from './bijection.js';
import { checkComposition, checkRows } from './composition.js';
import { FlowDefinition } from './definition.js';

export interface FlowOptions {
  readonly dim: number;
  /** Width of the context; 0, the default, is none. */
  readonly contextDim?: number;
  /** In the forward order, data to latent; at least one. */
  readonly bijections: readonly Bijection[];
  /** The law of the latent; its parameters are trained with the flow's. Default N(0, I). */
  readonly base?: BaseDistribution;
  /** Seed of the first weights. Default 0. */
  readonly seed?: number;
  /** Never use the addon: slower, and differentiable to every order. Default false. */
  readonly reference?: boolean;
}

/**
 * A normalizing flow: log p(x | c) = log q(f(x; c) | c) + log |det ∂f/∂x| for a base law q.
 *
 * On the tfjs backend `native`, with the addon there and a native stage for every bijection, `logProb`,
 * `forward` and `inverse` run fused; elsewhere, a trace included, they are `definition`. The base N(0, I)
 * is part of what is fused; any other is a few tfjs ops more. Rows x are [n, dim], context [n, contextDim].
 * Every method throws PushforwardError `shape` for tensors of other shapes.
 */
export class Flow implements TractableModel<Tensor2D> {
  readonly kind = 'flow';
  readonly dim: number;
  readonly contextDim: number;
  readonly bijections: readonly Bijection[];
  readonly base: BaseDistribution;
  /** The layers' parameters `0.kind.name` …, and after them the base's, `base.name`. */
  readonly parameters: FlatParameters;
  readonly definition: FlowDefinition;
  readonly #reference: boolean;
  #plan: NativeFlowPlan | null | undefined;

  /** @throws PushforwardError `usage` when bijections and base do not fit each other or the context. */
  constructor({
    dim,
    contextDim = 0,
    bijections,
    base = new StandardNormal(dim),
    seed = 0,
    reference = false,
  }: FlowOptions) {
    checkComposition(dim, contextDim, bijections, base);
    this.dim = dim;
    this.contextDim = contextDim;
    this.bijections = bijections;
    this.base = base;
    const definitions = bijections.flatMap(({ kind, parameters }, layer) =>
      parameters.map((definition) => ({ ...definition, name: `${layer}.${kind}.${definition.name}` })),
    );
    for (const definition of base.parameters) {
      definitions.push({ ...definition, name: `base.${definition.name}` });
    }
    this.parameters = new FlatParameters(definitions, seed);
    this.definition = new FlowDefinition(bijections, base, this.parameters);
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
    return plan === null ? this.definition.logProb(x, inputs.context) : this.#fusedLogProb(plan, inputs);
  }

  /**
   * n rows [n, dim] drawn with `seed` (default 0), one for each row of the context when there is one.
   * The temperature (default 1) is the base's: see its `sample`.
   */
  sample(n: number, { context, ...options }: SampleOptions = {}): Tensor2D {
    return tf.tidy(() => {
      const parameters = this.definition.baseParameters();
      return this.inverse(this.base.sample(n, { ...options, parameters, context }), context).x;
    });
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
   * addon and the base is N(0, I), and in two where it is another. Weights [n] make it the weighted sum
   * over the weights' total.
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
    if (plan !== null && this.base instanceof StandardNormal) {
      return plan.valueAndGrad(this.parameters.read(), x, conditioned, weights, gradient);
    }
    return tf.tidy(() => {
      const rows = tf.tensor2d(x, [n, this.dim]);
      const conditions = conditioned === null ? undefined : tf.tensor2d(conditioned, [n, this.contextDim]);
      const shares = weights === null ? tf.fill([n], 1 / n) : tf.div(weights, tf.sum(weights));
      const logProb = () =>
        plan === null
          ? this.definition.logProb(rows, conditions)
          : this.#fusedLogProb(plan, { rows, context: conditions, flat: this.parameters.variable });
      const loss = () => tf.neg(tf.sum<tf.Scalar>(tf.mul(logProb(), shares)));
      return this.parameters.valueAndGradient(loss, gradient);
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

  #fusedLogProb(plan: NativeFlowPlan, inputs: FlowInputs): Tensor1D {
    if (this.base instanceof StandardNormal) return fusedLogProb(plan, inputs);
    return tf.tidy(() => {
      const parameters = this.definition.baseParameters();
      return inBlocks(inputs, (block) => {
        const { z, logDet } = fusedForward(plan, block);
        return tf.add(this.base.logProb(z, parameters, block.context), logDet);
      });
    });
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
    checkRows(rows, context, this);
    return { rows, context, flat: this.parameters.variable };
  }
}

function allFinite(tensor: Tensor): boolean {
  return tensor.dataSync().every(Number.isFinite);
}
