import { activations } from './activations.js';
import { binary } from './binary.js';
import type { Converters } from './conversion.js';
import { convolutions } from './convolution.js';
import { gathering } from './gather.js';
import { generators } from './generators.js';
import { imageKernels } from './images.js';
import { matrixProducts } from './matmul.js';
import { padding } from './padding.js';
import { recurrence } from './recurrent.js';
import { reductions } from './reductions.js';
import { selection } from './select.js';
import { shapes } from './shapes.js';
import { slices } from './slices.js';
import { unary } from './unary.js';

/** The converter of every tfjs kernel that can go into a graph, by the kernel's name. */
export const converters: Converters = {
  ...unary,
  ...activations,
  ...binary,
  ...selection,
  ...matrixProducts,
  ...convolutions,
  ...imageKernels,
  ...recurrence,
  ...reductions,
  ...shapes,
  ...slices,
  ...gathering,
  ...padding,
  ...generators,
};
