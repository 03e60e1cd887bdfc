import type { Gan } from '../gan/gan.js';
import { writeCriticGraph, writeGeneratorGraph } from '../gan/graphs.js';
import { pack } from '../gan/packing.js';
import { rowName, toGraphRows } from '../onnx/rowPorts.js';
import { Random, streamOf } from '../random.js';
import { type Tensor2D, tf } from '../tf.js';
import {
  type CheckedGraph,
  checkedGraph,
  type ExportOptions,
  type NetworkExportReport,
  writeCheckedGraphs,
} from './checkedGraphs.js';

/** Packs that both runtimes compute. */
const PACKS = 32;

/**
 * Writes `generator.onnx` and `critic.onnx` of a GAN to a folder, after ONNX Runtime has reproduced the model with
 * each. Images are [batch, channels, height, width] in them; see `NetworkMetadata`, and `loadOnnxNetwork`, which opens
 * them. Batch normalisation goes by running statistics in both: those of a critic are of real and generated rows
 * alike, so that its scores are not those of training.
 * @throws PushforwardError `disagreement` when it does not, to 1e-4; nothing is then written.
 */
export async function exportGan(
  gan: Gan,
  folder: string,
  options: ExportOptions = {},
): Promise<NetworkExportReport> {
  return writeCheckedGraphs(graphsOf(gan), folder, options);
}

/** Both graphs with inputs, drawn from the model, and what the model makes of these. */
function graphsOf(gan: Gan): CheckedGraph[] {
  const { kind: model, shape, latentDim: latent, contextDim, objective } = gan;
  const { pac, latent: latentLaw } = objective;
  const facts = { model, shape, latent, latentLaw, context: contextDim, pac };
  const random = new Random(0, streamOf('parity'));
  const rows = PACKS * pac;
  const row = rowName(shape);
  const graphs: CheckedGraph[] = [];
  tf.tidy(() => {
    const z = gan.latent(rows, random);
    const values = random.normal(new Float32Array(rows * contextDim));
    const context = contextDim === 0 ? undefined : tf.tensor2d(values, [rows, contextDim]);
    const made = gan.generate(z, context);
    graphs.push(
      checkedGraph(
        { ...facts, role: 'generator' },
        (builder) => writeGeneratorGraph(builder, gan),
        { z, ...(context && { context }) },
        { [row]: toGraphRows(made) },
      ),
    );
    const packs = pack(made, pac);
    const contexts = context && (pack(context, pac) as Tensor2D);
    graphs.push(
      checkedGraph(
        { ...facts, role: 'critic' },
        (builder) => writeCriticGraph(builder, gan),
        { [row]: toGraphRows(packs), ...(contexts && { context: contexts }) },
        { score: gan.judgePacks(packs, contexts) },
      ),
    );
  });
  return graphs;
}
