/** Building blocks of the preset networks, which are tf.LayersModels. */
import { checkPositive } from '../checks.js';
import { layers } from '../tf.js';
import { Affine } from './affine.js';

/** The context of networks, what goes with a row: a class say. */
export interface ContextSizes {
  /** Width of the context; 0, the default, is none. It is put beside what goes into dense layers. */
  readonly contextDim?: number;
  /**
   * What the context is multiplied by on its way in. Default 1, for numbers of about unit scale. A class as one 1 among
   * c zeros is well at √c, which makes it as long as c such numbers: at 1 its weights, which every optimizer here moves
   * at the pace of the others, say little beside a latent's, and models learn it late.
   */
  readonly contextScale?: number;
}

/** Weights that are drawn afterwards need no draw of tfjs' own. */
export const ZEROS = { kernelInitializer: 'zeros', biasInitializer: 'zeros' } as const;

/**
 * A row [width] with the context beside it, and the input that the context comes in by.
 * @throws PushforwardError `usage` for a scale that is not positive.
 */
export function withContext(
  row: layers.SymbolicTensor,
  { contextDim = 0, contextScale = 1 }: ContextSizes,
): { joined: layers.SymbolicTensor; context: layers.SymbolicTensor[] } {
  checkPositive('contextScale', contextScale);
  if (contextDim === 0) return { joined: row, context: [] };
  const context = layers.input({ shape: [contextDim] });
  const scaled = contextScale === 1 ? context : apply(new Affine({ factor: contextScale }), context);
  return { joined: apply(layers.layers.concatenate(), [row, scaled]), context: [context] };
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
