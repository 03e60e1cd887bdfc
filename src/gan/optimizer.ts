import { checkOneOf, checkPositive, checkShare } from '../checks.js';
import { PushforwardError } from '../errors.js';
import { adamStep } from '../ops/adam.js';
import { rmsPropStep } from '../ops/rmsProp.js';
import { VariableStore } from '../ops/variableStore.js';
import type { tf, Variable } from '../tf.js';

/** How one of the two networks is moved along its gradient. */
export type OptimizerOptions =
  | {
      readonly kind: 'adam';
      readonly learningRate: number;
      /** Default 0.5, which DCGAN found steadier than 0.9 (Radford, Metz and Chintala 2016). */
      readonly beta1?: number;
      /** Default 0.999. */
      readonly beta2?: number;
    }
  | {
      readonly kind: 'rmsProp';
      readonly learningRate: number;
      /** Default 0.99. */
      readonly decay?: number;
    };

const EPSILON = 1e-8;

/** The variables of a network with the moments of their gradients. */
export class NetworkOptimizer {
  readonly store: VariableStore;
  readonly #name: string;
  readonly #options: OptimizerOptions;
  readonly #values: Float32Array;
  readonly #gradient: Float32Array;
  readonly #m: Float32Array;
  readonly #v: Float32Array;
  #steps = 0;

  /** @throws PushforwardError `usage` for another kind, or numbers of it that make no sense. */
  constructor(name: string, variables: readonly Variable[], options: OptimizerOptions) {
    checkOneOf(`the ${name}'s optimizer`, options.kind, ['adam', 'rmsProp']);
    const { kind: _, learningRate, ...shares } = options;
    checkPositive(`the ${name}'s learningRate`, learningRate);
    for (const [share, value] of Object.entries(shares)) checkShare(`the ${name}'s ${share}`, value);
    this.#name = name;
    this.store = new VariableStore(variables);
    this.#options = options;
    this.#values = this.store.values();
    this.#gradient = new Float32Array(this.store.count);
    this.#m = new Float32Array(this.store.count);
    this.#v = new Float32Array(this.store.count);
  }

  /** Takes the gradient of `loss`, to be used by `apply`. Gives the loss's value. */
  differentiate(loss: () => tf.Scalar): number {
    return this.store.takeGradient(loss, this.#gradient);
  }

  /**
   * One update by the gradient taken last; with `clip`, all weights are then put into [−clip, clip]. Gives the
   * gradient's norm.
   * @throws PushforwardError `numeric` when that is not finite; the weights are then as they were.
   */
  apply(clip: number | null): number {
    this.#steps += 1;
    const norm = this.#step();
    if (!Number.isFinite(norm)) {
      throw new PushforwardError('numeric', `the gradient of the ${this.#name} is not finite`, {
        where: `update ${this.#steps}`,
        mend: 'train with a smaller learning rate, or with a loss that saturates less, such as hinge',
      });
    }
    if (clip !== null) this.#values.set(this.#values.map((value) => Math.max(-clip, Math.min(clip, value))));
    this.store.assign(this.#values);
    return norm;
  }

  /** All that the next update depends on, by name; the arrays are its own. */
  get state(): Map<string, Float32Array> {
    return new Map([
      [`${this.#name}/values`, this.#values],
      [`${this.#name}/m`, this.#m],
      [`${this.#name}/v`, this.#v],
    ]);
  }

  /** Goes on from arrays that were put into `state`, after so many updates. */
  resume(steps: number): void {
    this.#steps = steps;
    this.store.assign(this.#values);
  }

  get steps(): number {
    return this.#steps;
  }

  #step(): number {
    const options = this.#options;
    if (options.kind === 'rmsProp') {
      const { learningRate, decay = 0.99 } = options;
      return rmsPropStep(this.#values, this.#gradient, this.#v, { learningRate, decay, epsilon: EPSILON });
    }
    const { learningRate, beta1 = 0.5, beta2 = 0.999 } = options;
    const rates = { learningRate, beta1, beta2, epsilon: EPSILON, weightDecay: 0, clipNorm: Infinity };
    return adamStep(this.#values, this.#gradient, this.#m, this.#v, { ...rates, step: this.#steps });
  }
}
