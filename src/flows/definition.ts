import { StandardNormal } from '../distributions/standardNormal.js';
import type { LayerSpec, ParameterSlice } from '../native/spec.js';
import { type FlatParameters, sliceOf } from '../ops/flatParameters.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import type { Bijection } from './bijection.js';

/**
 * A flow's mathematics in tfjs ops: bijections one after the other over N(0, I). It runs on any
 * backend, it is what is traced, and it is what the fused path is measured against.
 */
export class FlowDefinition {
  readonly base: StandardNormal;
  readonly #bijections: readonly Bijection[];
  readonly #parameters: FlatParameters;

  constructor(dim: number, bijections: readonly Bijection[], parameters: FlatParameters) {
    this.base = new StandardNormal(dim);
    this.#bijections = bijections;
    this.#parameters = parameters;
  }

  /** Data to latent, with the log-determinant of that map; `flat` [parameterCount] are the weights. */
  forward(x: Tensor2D, context?: Tensor2D, flat?: Tensor): { z: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const values = this.#layerValues(flat);
      const logDets: Tensor1D[] = [];
      let y = x;
      this.#bijections.forEach((bijection, i) => {
        const step = bijection.forward(y, values[i] as Tensor[], context);
        y = step.y;
        logDets.push(step.logDet);
      });
      return { z: y, logDet: logDets.reduce(plus) };
    });
  }

  /** Latent to data, with the log-determinant of that map. */
  inverse(z: Tensor2D, context?: Tensor2D, flat?: Tensor): { x: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const values = this.#layerValues(flat);
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
      const { z, logDet } = this.forward(x, context, flat);
      return tf.add(this.base.logProb(z), logDet);
    });
  }

  /** What arrives at each layer in the forward direction, and last what leaves the flow. */
  trajectory(x: Tensor2D, context?: Tensor2D): Tensor2D[] {
    return tf.tidy(() => {
      const values = this.#layerValues();
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

  #layerValues(flat?: Tensor): Tensor[][] {
    return this.#perLayer(this.#parameters.slices(flat));
  }

  /** A list with one entry for each parameter, cut into one list for each layer. */
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
