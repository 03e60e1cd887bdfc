import type { GraphBuilder } from '../onnx/graph.js';
import { rowName, toGraphRows } from '../onnx/rowPorts.js';
import { Random, streamOf } from '../random.js';
import { type Tensor, tf } from '../tf.js';
import { normalNoise } from '../vae/elbo.js';
import { writeDecoderGraph, writeEncoderGraph, writeGeneratorGraph } from '../vae/graphs.js';
import type { Vae } from '../vae/vae.js';
import {
  type CheckedGraph,
  checkedGraph,
  type ExportOptions,
  type NetworkExportReport,
  type NetworkFacts,
  writeCheckedGraphs,
} from './checkedGraphs.js';

/** Rows that both runtimes compute. */
const ROWS = 64;

/**
 * Writes the ONNX files of a VAE to a folder, after ONNX Runtime has reproduced the model with each: `encoder.onnx`,
 * `decoder.onnx` and, where the prior is a map of normals, `generator.onnx`. Images are [batch, channels, height,
 * width] in them; see `NetworkMetadata`, and `loadOnnxNetwork`, which opens them.
 * @throws PushforwardError `disagreement` when it does not, to 1e-4; nothing is then written.
 */
export async function exportVae(
  vae: Vae,
  folder: string,
  options: ExportOptions = {},
): Promise<NetworkExportReport> {
  return writeCheckedGraphs(graphsOf(vae), folder, options);
}

/** The graphs with inputs, drawn from the model, and what the model makes of these. */
function graphsOf(vae: Vae): CheckedGraph[] {
  const { kind: model, latentModel, latentDim, shape } = vae;
  const { contextDim, prior, posterior } = latentModel;
  const random = new Random(0, streamOf('parity'));
  const graphs: CheckedGraph[] = [];
  tf.tidy(() => {
    const context = contextDim === 0 ? undefined : normalNoise(random, ROWS, contextDim);
    const given = context === undefined ? {} : { context };
    const row = rowName(shape);
    const add = (
      role: NetworkFacts['role'],
      latent: number,
      write: (builder: GraphBuilder, vae: Vae) => void,
      inputs: Record<string, Tensor>,
      expected: Record<string, Tensor>,
    ): void => {
      const facts = { role, model, shape, latent, latentLaw: 'normal', context: contextDim, pac: 1 } as const;
      graphs.push(checkedGraph(facts, (builder) => write(builder, vae), { ...inputs, ...given }, expected));
    };
    const x = vae.sample(ROWS, { observationNoise: true, ...given });
    const moments = latentModel.moments(x, context);
    const code = posterior.flow === null ? {} : { code: posterior.centre(moments) };
    add(
      'encoder',
      latentDim,
      writeEncoderGraph,
      { [row]: toGraphRows(x) },
      {
        mean: moments.mean,
        log_variance: moments.logVariance,
        ...code,
      },
    );
    const z = normalNoise(random, ROWS, latentDim);
    add('decoder', latentDim, writeDecoderGraph, { z }, { [row]: toGraphRows(vae.decode(z, context)) });
    if (prior.noiseDim === null) return;
    const noise = normalNoise(random, ROWS, prior.noiseDim);
    const drawn = toGraphRows(vae.decode(prior.fromNormal(noise, context), context));
    add('generator', prior.noiseDim, writeGeneratorGraph, { z: noise }, { [row]: drawn });
  });
  return graphs;
}
