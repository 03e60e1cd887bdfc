import type { Gan } from '../gan/gan.js';
import { writeCriticGraph, writeGeneratorGraph } from '../gan/graphs.js';
import { pack } from '../gan/packing.js';
import type { NetworkMetadata } from '../onnx/metadata.js';
import { rowName, toGraphRows } from '../onnx/rowPorts.js';
import { Random, streamOf } from '../random.js';
import { type Tensor2D, tf } from '../tf.js';
import {
  type CheckedGraph,
  type ExportOptions,
  feedsOf,
  type NetworkExportReport,
  valuesByName,
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
  return writeCheckedGraphs(graphsOf(gan, options), folder);
}

/** Both graphs with inputs, drawn from the model, and what the model makes of these. */
function graphsOf(gan: Gan, { heldOut = {}, ...named }: ExportOptions): CheckedGraph[] {
  const { shape, latentDim, contextDim, objective } = gan;
  const metadataOf = (role: NetworkMetadata['role']): NetworkMetadata => ({
    version: 1,
    kind: 'network',
    role,
    model: gan.kind,
    shape,
    latent: latentDim,
    latentLaw: objective.latent,
    context: contextDim,
    pac: objective.pac,
    heldOut,
    ...named,
  });
  const random = new Random(0, streamOf('parity'));
  const rows = PACKS * objective.pac;
  const row = rowName(shape);
  const graphs: CheckedGraph[] = [];
  tf.tidy(() => {
    const z = gan.latent(rows, random);
    const values = random.normal(new Float32Array(rows * contextDim));
    const context = contextDim === 0 ? undefined : tf.tensor2d(values, [rows, contextDim]);
    const made = gan.generate(z, context);
    graphs.push({
      metadata: metadataOf('generator'),
      write: (builder) => writeGeneratorGraph(builder, gan),
      inputs: feedsOf({ z, ...(context === undefined ? {} : { context }) }),
      expected: valuesByName({ [row]: toGraphRows(made) }),
    });
    const packs = pack(made, objective.pac);
    const contexts = context && (pack(context, objective.pac) as Tensor2D);
    graphs.push({
      metadata: metadataOf('critic'),
      write: (builder) => writeCriticGraph(builder, gan),
      inputs: feedsOf({
        [row]: toGraphRows(packs),
        ...(contexts === undefined ? {} : { context: contexts }),
      }),
      expected: valuesByName({ score: gan.judgePacks(packs, contexts) }),
    });
  });
  return graphs;
}
