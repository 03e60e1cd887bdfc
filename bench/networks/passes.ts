/**
 * What passes over a chain of layers need, from the multiply-adds that each layer does for its outputs.
 * The gradient of its weights and that of its inputs take as many again. Biases, activations,
 * normalisation, losses and Adam count nothing.
 */
type Chain = readonly number[];

export function forward(chain: Chain): number {
  return chain.reduce((sum, layer) => sum + layer, 0);
}

/** Outputs, and the gradients of all weights; nobody asks for that of the data. */
export function training(chain: Chain): number {
  return 3 * forward(chain) - (chain[0] ?? 0);
}

/** Outputs, and the gradient of the inputs alone. */
export function throughout(chain: Chain): number {
  return 2 * forward(chain);
}

/** A whole chain of which another one makes the inputs: it is differentiated to its very start. */
export function trainingThroughout(chain: Chain): number {
  return 3 * forward(chain);
}
