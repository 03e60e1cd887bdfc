import type { GraphBuilder } from '../onnx/graph.js';
import {
  contextArguments,
  floatArgument,
  fromGraphRows,
  rowDimensions,
  rowName,
  toGraphRows,
} from '../onnx/rowPorts.js';
import { trace } from '../onnx/trace.js';
import type { Tensor, Tensor2D } from '../tf.js';
import type { Gan } from './gan.js';

/**
 * Writes g(z) into a graph: input `z` float32 [batch, latent], of the law that the objective names, and `context`
 * [batch, c] where the model takes it; output `image` [batch, channels, height, width], or `x` [batch, ...shape] for
 * rows that are no images.
 */
export function writeGeneratorGraph(builder: GraphBuilder, gan: Gan): void {
  const { shape, latentDim, contextDim } = gan;
  const [rows] = trace(
    builder,
    (...tensors) => {
      const [z, context] = tensors as [Tensor2D, Tensor2D?];
      return toGraphRows(gan.generate(z, context));
    },
    [floatArgument(builder, 'z', ['batch', latentDim]), ...contextArguments(builder, contextDim)],
  );
  builder.output(rows as string, rowName(shape), 'float32', rowDimensions(shape));
}

/**
 * Writes the critic into a graph: input `image` or `x`, packs of rows side by side in their channels or last axis, and
 * `context` [batch, pac·c] where the model takes it; output `score` [batch, 1], logits, or values for losses that
 * have none. Kernels are normalised where the objective wants it, batches by running statistics.
 */
export function writeCriticGraph(builder: GraphBuilder, gan: Gan): void {
  const { packedShape, contextDim, objective } = gan;
  const [scores] = trace(
    builder,
    (...tensors) => {
      const [packs, context] = tensors as [Tensor, Tensor2D?];
      return gan.judgePacks(fromGraphRows(packs), context);
    },
    [
      floatArgument(builder, rowName(packedShape), rowDimensions(packedShape)),
      ...contextArguments(builder, objective.pac * contextDim),
    ],
  );
  builder.output(scores as string, 'score', 'float32', ['batch', 1]);
}
