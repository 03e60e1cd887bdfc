import type { Tensor } from '../../src/tf.js';

/** A network and its data. */
export interface Network {
  /** One step of its training, or one of its products. @returns its losses, or the product. */
  step(): Tensor[];
  /** Trained numbers. */
  readonly parameters: number;
  /** What a step needs. */
  readonly multiplyAdds: number;
  /** All that holds memory of the backend. */
  readonly held: readonly { dispose(): unknown }[];
}
