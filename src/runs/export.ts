import { join, resolve } from 'node:path';
import { isGivenBack, type TableCodec } from '../data/codec.js';
import type { ColumnSchema } from '../data/types.js';
import { PushforwardError } from '../errors.js';
import { writeFileAtomic } from '../files.js';
import { GraphBuilder } from '../onnx/graph.js';
import { type OnnxMetadata, writeMetadata } from '../onnx/metadata.js';
import type { TableModel } from '../tables/model.js';
import { columnElement } from '../tables/onnx/columnType.js';
import { writeDensityGraph } from '../tables/onnx/densityGraph.js';
import { writeGeneratorGraph } from '../tables/onnx/generatorGraph.js';
import { libraryVersion, type RunConfig } from './config.js';
import { checkParity } from './parity.js';
import type { Evaluation, ExportReport } from './types.js';

/** What is exported, and what is known of it. */
export interface Exported {
  readonly codec: TableCodec;
  readonly model: TableModel;
  readonly config: RunConfig;
  readonly evaluation: Evaluation;
}

/**
 * Writes `generator.onnx` and `density.onnx` to the folder, after ONNX Runtime has reproduced the model
 * with both.
 * @throws PushforwardError `disagreement` when it does not, to a relative 1e-4; nothing is then written.
 */
export async function exportRun(exported: Exported, folder: string): Promise<ExportReport> {
  const start = performance.now();
  const target = resolve(folder);
  const generator = buildGenerator(exported);
  const density = buildDensity(exported);
  const onnx = await checkParity(exported, { generator, density });
  const files = [join(target, 'generator.onnx'), join(target, 'density.onnx')] as const;
  try {
    await writeFileAtomic(files[0], generator);
    await writeFileAtomic(files[1], density);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PushforwardError('usage', `cannot be written to (${reason})`, {
      where: target,
      mend: 'give another folder',
      cause,
    });
  }
  return { folder: target, files, onnx, seconds: (performance.now() - start) / 1000 };
}

function buildGenerator(exported: Exported): Uint8Array {
  const { codec, model } = exported;
  const builder = new GraphBuilder(libraryVersion);
  writeGeneratorGraph(builder, codec, model);
  const columns = codec.schema.columns.filter(
    (column) => column.dropped === undefined || isGivenBack(column),
  );
  writeMetadata(builder, metadataOf(exported, 'generator', columns));
  return builder.finish();
}

function buildDensity(exported: Exported): Uint8Array {
  const { codec, model } = exported;
  const builder = new GraphBuilder(libraryVersion);
  writeDensityGraph(builder, codec, model);
  const columns = codec.schema.columns.filter(({ dropped }) => dropped === undefined);
  writeMetadata(builder, metadataOf(exported, 'density', columns));
  return builder.finish();
}

function metadataOf(
  { codec, model, config, evaluation }: Exported,
  role: OnnxMetadata['role'],
  columns: readonly ColumnSchema[],
): OnnxMetadata {
  return {
    version: 1,
    role,
    model: evaluation.model,
    latent: model.latentDim,
    columns: columns.map((column) => ({
      name: column.name,
      type: columnElement(column),
      ...(column.type === 'datetime' ? { datetime: true } : {}),
    })),
    seed: config.settings.seed,
    heldOut: {
      rows: evaluation.rows,
      logLikelihood: evaluation.logLikelihood,
      gaussian: evaluation.baselines.gaussian,
      independent: evaluation.baselines.independent,
    },
    schema: codec.schema,
  };
}
