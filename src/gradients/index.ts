/**
 * Mends of the gradients of tfjs, made when this module is loaded. They are of kernels, whichever
 * backend runs them, and of the engine that all copies of tfjs share; made twice, by two copies of
 * this library, they are the same.
 */
import { registerActivationGradients } from './activations.js';
import { reduceBroadcastGradients } from './broadcasts.js';
import { registerComparisonGradients } from './comparisons.js';
import { registerConvolutionGradients } from './convolution.js';
import { composeSoftmaxCrossEntropy, registerCrossEntropyGradient } from './crossEntropy.js';
import { mendCumulativeSumGradient } from './cumulativeSum.js';
import { fuseInsideGradients, registerFusedGradients } from './fused.js';
import { replaceBatchNormGradient } from './normalisation.js';
import { listCotangentsOfPieces } from './pieces.js';
import { registerPoolingGradients } from './pooling.js';
import { replaceReductionGradients } from './reductions.js';
import { registerResizeGradients } from './resize.js';
import { mendTape } from './tape.js';

mendTape();
mendGradients();
composeSoftmaxCrossEntropy();
fuseInsideGradients();

/**
 * The mends in the registry of gradients, which all copies of tfjs share: one that is loaded later
 * registers its own over them.
 */
export function mendGradients(): void {
  registerComparisonGradients();
  registerActivationGradients();
  reduceBroadcastGradients();
  registerConvolutionGradients();
  registerCrossEntropyGradient();
  registerFusedGradients();
  registerPoolingGradients();
  registerResizeGradients();
  replaceBatchNormGradient();
  replaceReductionGradients();
  mendCumulativeSumGradient();
  listCotangentsOfPieces();
}
