/** Building blocks of the preset networks, which are tf.LayersModels. */
import { layers } from '../tf.js';

/** Weights that are drawn afterwards need no draw of tfjs' own. */
export const ZEROS = { kernelInitializer: 'zeros', biasInitializer: 'zeros' } as const;

/** A row [width] with the context beside it, and the input that the context comes in by. */
export function withContext(
  row: layers.SymbolicTensor,
  contextDim: number,
): { joined: layers.SymbolicTensor; context: layers.SymbolicTensor[] } {
  if (contextDim === 0) return { joined: row, context: [] };
  const context = layers.input({ shape: [contextDim] });
  return { joined: apply(layers.layers.concatenate(), [row, context]), context: [context] };
}

/** What a layer makes of symbolic inputs. */
export function apply(
  layer: { apply(inputs: layers.SymbolicTensor | layers.SymbolicTensor[]): unknown },
  inputs: layers.SymbolicTensor | layers.SymbolicTensor[],
): layers.SymbolicTensor {
  return layer.apply(inputs) as layers.SymbolicTensor;
}

/** Convolutions of squares that keep the size of the image, or divide or multiply it by their strides. */
export function squares(filters: number, kernelSize: number) {
  return { filters, kernelSize, padding: 'same', ...ZEROS } as const;
}

/** Of PyTorch, where the networks that the presets follow were written. */
export const BATCH_NORMALISATION = { epsilon: 1e-5, momentum: 0.9 } as const;
