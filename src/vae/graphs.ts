import { PushforwardError } from '../errors.js';
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
import type { Vae } from './vae.js';

/**
 * Writes q(z | x) into a graph: inputs `image` float32 [batch, channels, height, width], or `x` [batch, ...shape]
 * for rows that are no images, and `context` [batch, c] where the model takes it; outputs `mean` and `log_variance`
 * [batch, latent], natural logarithms, and with a flow on top of the posterior `code` [batch, latent], the mean
 * pushed through it.
 */
export function writeEncoderGraph(builder: GraphBuilder, vae: Vae): void {
  const { shape, latentDim, latentModel } = vae;
  const { flow } = latentModel.posterior;
  const outputs = trace(
    builder,
    (...tensors) => {
      const [x, context] = tensors as [Tensor, Tensor2D?];
      const moments = latentModel.moments(fromGraphRows(x), context);
      const code = flow === null ? [] : [latentModel.posterior.centre(moments)];
      return [moments.mean, moments.logVariance, ...code];
    },
    [
      floatArgument(builder, rowName(shape), rowDimensions(shape)),
      ...contextArguments(builder, latentModel.contextDim),
    ],
  );
  ['mean', 'log_variance', 'code'].slice(0, outputs.length).forEach((name, i) => {
    builder.output(outputs[i] as string, name, 'float32', ['batch', latentDim]);
  });
}

/**
 * Writes E[x | z] into a graph: input `z` float32 [batch, latent], and `context` where the model takes it;
 * output `image` [batch, channels, height, width], or `x` [batch, ...shape] for rows that are no images.
 */
export function writeDecoderGraph(builder: GraphBuilder, vae: Vae): void {
  writeRows(builder, vae, vae.latentDim, (z) => z);
}

/**
 * The same with the prior before it, so that standard normal `z` [batch, n] gives rows that the model draws; n is
 * the latent's size but for priors that a draw takes more noise from, a mixture say.
 * @throws PushforwardError `unsupported` for a prior that is no map of standard normals.
 */
export function writeGeneratorGraph(builder: GraphBuilder, vae: Vae): void {
  const { prior } = vae.latentModel;
  if (prior.noiseDim === null) {
    throw new PushforwardError('unsupported', `the prior ${prior.kind} is no map of standard normals`, {
      mend: 'export the decoder, and draw its z elsewhere',
    });
  }
  writeRows(builder, vae, prior.noiseDim, (noise, context) => prior.fromNormal(noise, context));
}

function writeRows(
  builder: GraphBuilder,
  vae: Vae,
  width: number,
  latent: (z: Tensor2D, context: Tensor2D | undefined) => Tensor2D,
): void {
  const { shape, latentModel } = vae;
  const [rows] = trace(
    builder,
    (...tensors) => {
      const [z, context] = tensors as [Tensor2D, Tensor2D?];
      return toGraphRows(latentModel.mean(latent(z, context), context));
    },
    [floatArgument(builder, 'z', ['batch', width]), ...contextArguments(builder, latentModel.contextDim)],
  );
  builder.output(rows as string, rowName(shape), 'float32', rowDimensions(shape));
}
