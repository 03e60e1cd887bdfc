import { join, resolve } from 'node:path';
import { isGivenBack, type TableCodec } from '../data/codec.js';
import type { ColumnSchema } from '../data/types.js';
import { writeFileAtomic } from '../files.js';
import { GraphBuilder } from '../onnx/graph.js';
import { type OnnxMetadata, writeMetadata } from '../onnx/metadata.js';
import type { TableModel } from '../tables/model.js';
import { writeCriticGraph, writeDensityGraph, writeEncoderGraph } from '../tables/onnx/columnGraphs.js';
import { columnElement } from '../tables/onnx/columnType.js';
import { writeRowsGraph } from '../tables/onnx/rowsGraph.js';
import { libraryVersion, type RunConfig } from './config.js';
import { checkParity, type TableFiles } from './parity.js';
import type { Evaluation, ExportReport } from './types.js';

/** What is exported, and what is known of it. */
export interface Exported {
  readonly codec: TableCodec;
  readonly model: TableModel;
  readonly config: RunConfig;
  readonly evaluation: Evaluation;
}

/**
 * Writes the ONNX files of the model to the folder, after ONNX Runtime has reproduced it with each: `generator.onnx`,
 * `density.onnx` where the density is computed without draws, `encoder.onnx` and `decoder.onnx` where rows have codes,
 * `critic.onnx` where the model has one.
 * @throws PushforwardError `disagreement` when it does not, to a relative 1e-4; nothing is then written;
 * `input` when the system refuses to write.
 */
export async function exportRun(exported: Exported, folder: string): Promise<ExportReport> {
  const start = performance.now();
  const target = resolve(folder);
  const files = buildFiles(exported);
  const onnx = await checkParity(exported, files);
  const written: string[] = [];
  for (const [role, bytes] of Object.entries(files)) {
    const path = join(target, `${role}.onnx`);
    await writeFileAtomic(path, bytes);
    written.push(path);
  }
  return { folder: target, files: written, onnx, seconds: (performance.now() - start) / 1000 };
}

function buildFiles(exported: Exported): TableFiles {
  const { codec, model } = exported;
  const { columns } = codec.schema;
  const known = columns.filter(({ dropped }) => dropped === undefined);
  const given = columns.filter((column) => column.dropped === undefined || isGivenBack(column));
  const build = (
    role: OnnxMetadata['role'],
    ofColumns: readonly ColumnSchema[],
    latent: number,
    write: (builder: GraphBuilder) => void,
  ): Uint8Array => {
    const builder = new GraphBuilder(libraryVersion);
    write(builder);
    writeMetadata(builder, metadataOf(exported, role, ofColumns, latent));
    return builder.finish();
  };
  const { density, coder, critic, latentDim } = model;
  const codeDim = coder?.codeDim ?? 0;
  return {
    generator: build('generator', given, latentDim, (builder) =>
      writeRowsGraph(builder, codec, latentDim, (z) => model.push(z)),
    ),
    ...(density === null || density.samples !== null
      ? {}
      : {
          density: build('density', known, latentDim, (builder) =>
            writeDensityGraph(builder, codec, density),
          ),
        }),
    ...(coder === null
      ? {}
      : {
          encoder: build('encoder', known, codeDim, (builder) => writeEncoderGraph(builder, codec, coder)),
          decoder: build('decoder', given, codeDim, (builder) =>
            writeRowsGraph(builder, codec, codeDim, (z) => coder.decode(z)),
          ),
        }),
    ...(critic === null
      ? {}
      : {
          critic: build('critic', known, latentDim, (builder) => writeCriticGraph(builder, codec, critic)),
        }),
  };
}

function metadataOf(
  { codec, model, config, evaluation }: Exported,
  role: OnnxMetadata['role'],
  columns: readonly ColumnSchema[],
  latent: number,
): OnnxMetadata {
  const { rows, logLikelihood, baselines } = evaluation;
  return {
    version: 1,
    role,
    model: evaluation.model,
    latent,
    ...(role === 'critic' && model.critic !== null ? { pac: model.critic.pac } : {}),
    columns: columns.map((column) => ({
      name: column.name,
      type: columnElement(column),
      ...(column.type === 'datetime' ? { datetime: true } : {}),
    })),
    seed: config.settings.seed,
    heldOut: { rows, ...(logLikelihood === null ? {} : { logLikelihood }), ...baselines },
    schema: codec.schema,
  };
}
