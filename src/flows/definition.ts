import type { BaseDistribution } from '../distributions/base.js';
import type { LayerSpec, ParameterSlice } from '../native/spec.js';
import { type FlatParameters, sliceOf } from '../ops/flatParameters.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import type { Bijection } from './bijection.js';

/**
 * A flow's mathematics in tfjs ops: bijections one after the other over a base law. It runs on
 * any backend, it is what is traced, and it is what the fused path is measured against.
 */
export class FlowDefinition {
  readonly base: BaseDistribution;
  readonly #bijections: readonly Bijection[];
  readonly #parameters: FlatParameters;

  /** `parameters` are those of the layers, one after the other, and after them those of the base. */
  constructor(bijections: readonly Bijection[], base: BaseDistribution, parameters: FlatParameters) {
    this.base = base;
    this.#bijections = bijections;
    this.#parameters = parameters;
  }

  /** Data to latent, with the log-determinant of that map; `flat` [parameterCount] are the weights. */
  forward(x: Tensor2D, context?: Tensor2D, flat?: Tensor): { z: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => this.#forward(x, this.#values(flat).layers, context));
  }

  /** Latent to data, with the log-determinant of that map. */
  inverse(z: Tensor2D, context?: Tensor2D, flat?: Tensor): { x: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const values = this.#values(flat).layers;
      const logDets: Tensor1D[] = [];
      let x = z;
      for (let i = this.#bijections.length - 1; i >= 0; i--) {
        const step = (this.#bijections[i] as Bijection).inverse(x, values[i] as Tensor[], context);
        x = step.x;
        logDets.push(step.logDet);
      }
      return { x, logDet: logDets.reduce(plus) };
    });
  }

  /** log p(x) [n] in nats: the base's log-density at z plus the forward log-determinant. */
  logProb(x: Tensor2D, context?: Tensor2D, flat?: Tensor): Tensor1D {
    return tf.tidy(() => {
      const { layers, base } = this.#values(flat);
      const { z, logDet } = this.#forward(x, layers, context);
      return tf.add(this.base.logProb(z, base, context), logDet);
    });
  }

  /** The base's parameters, differentiable w.r.t. the flat variable. */
  baseParameters(): Tensor[] {
    const first = this.#parameters.layout.length - this.base.parameters.length;
    return this.#parameters.slices(undefined, first);
  }

  /** What arrives at each layer in the forward direction, and last what leaves the flow. */
  trajectory(x: Tensor2D, context?: Tensor2D): Tensor2D[] {
    return tf.tidy(() => {
      const values = this.#values().layers;
      const states = [x];
      this.#bijections.forEach((bijection, i) => {
        states.push(bijection.forward(states[i] as Tensor2D, values[i] as Tensor[], context).y);
      });
      return states;
    });
  }

  /**
   * Values for all parameters that suit these rows, layer after layer: each layer that can be
   * initialised from data is, from what the layers before it, so initialised, make of the rows.
   */
  initialValues(x: Tensor2D, context?: Tensor2D): Float32Array {
    const values = this.#parameters.values();
    tf.tidy(() => {
      let y = x;
      this.#perLayer(this.#parameters.layout).forEach((slices, i) => {
        const bijection = this.#bijections[i] as Bijection;
        const firsts = bijection.initialiseFrom?.(y) ?? [];
        for (const [k, first] of firsts.entries()) sliceOf(values, slices[k] as ParameterSlice).set(first);
        const tensors = slices.map((slice) => tf.tensor(sliceOf(values, slice).slice(), [...slice.shape]));
        y = bijection.forward(y, tensors, context).y;
      });
    });
    return values;
  }

  /**
   * What each layer tells the native plan; there parameters go by the layer's own names for them. Null
   * for a layer without a native stage.
   */
  layerSpecs(): (LayerSpec | null)[] {
    return this.#perLayer(this.#parameters.layout).map((slices, i) => {
      const bijection = this.#bijections[i] as Bijection;
      const own = bijection.parameters.map(({ name }, k) => ({ ...(slices[k] as ParameterSlice), name }));
      return bijection.spec(own);
    });
  }

  #forward(
    x: Tensor2D,
    values: readonly Tensor[][],
    context: Tensor2D | undefined,
  ): { z: Tensor2D; logDet: Tensor1D } {
    const logDets: Tensor1D[] = [];
    let y = x;
    this.#bijections.forEach((bijection, i) => {
      const step = bijection.forward(y, values[i] as Tensor[], context);
      y = step.y;
      logDets.push(step.logDet);
    });
    return { z: y, logDet: logDets.reduce(plus) };
  }

  #values(flat?: Tensor): { layers: Tensor[][]; base: Tensor[] } {
    const slices = this.#parameters.slices(flat);
    return {
      layers: this.#perLayer(slices),
      base: slices.slice(slices.length - this.base.parameters.length),
    };
  }

  /** A list with one entry for each parameter, cut into one list for each layer; the base's are left out. */
  #perLayer<T>(entries: readonly T[]): T[][] {
    let next = 0;
    return this.#bijections.map(({ parameters }) => {
      const start = next;
      next += parameters.length;
      return entries.slice(start, next);
    });
  }
}

function plus(a: Tensor1D, b: Tensor1D): Tensor1D {
  return tf.add(a, b);
}
