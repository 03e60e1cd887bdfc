import { join, resolve } from 'node:path';
import { PushforwardError } from '../errors.js';
import { writeFileAtomic } from '../files.js';
import { maxRelativeError } from '../onnx/compare.js';
import { GraphBuilder } from '../onnx/graph.js';
import { type NetworkMetadata, writeMetadata } from '../onnx/metadata.js';
import { OnnxRunner, type RunTensors } from '../onnx/session.js';
import type { Tensor } from '../tf.js';
import { libraryVersion } from './config.js';

export interface NetworkExportReport {
  /** Paths of the files. */
  readonly files: readonly string[];
  /** Greatest difference between ONNX Runtime and the model, relative to values above 1 and absolute below. */
  readonly maxRelativeError: number;
}

/** What an exported file says of itself beside what the model knows. */
export interface ExportOptions {
  /** Measures on rows the fit never saw, by name. */
  readonly heldOut?: Readonly<Record<string, number>>;
  /** Names of the classes, for a context that is one 1 among zeros. */
  readonly classes?: readonly string[];
}

/** What a network says of itself beside what all files of an export say. */
export type NetworkFacts = Omit<NetworkMetadata, 'version' | 'kind' | keyof ExportOptions>;

/** One network as a graph, with inputs and what the model makes of these. */
export interface CheckedGraph {
  /** Its file is `ROLE.onnx`. */
  readonly facts: NetworkFacts;
  readonly write: (builder: GraphBuilder) => void;
  readonly inputs: RunTensors;
  readonly expected: Readonly<Record<string, Float32Array>>;
}

type Tensors = Readonly<Record<string, Tensor>>;

/** A graph with the values that tensors have now, by the names of its ports. */
export function checkedGraph(
  facts: NetworkFacts,
  write: CheckedGraph['write'],
  inputs: Tensors,
  expected: Tensors,
): CheckedGraph {
  return { facts, write, inputs: mapped(inputs, feedOf), expected: mapped(expected, valuesOf) };
}

const TOLERANCE = 1e-4;

/**
 * Writes graphs to a folder, after ONNX Runtime has reproduced the model with each.
 * @throws PushforwardError `disagreement` when it does not, to 1e-4; nothing is then written; `input` when the
 * system refuses to write.
 */
export async function writeCheckedGraphs(
  graphs: readonly CheckedGraph[],
  folder: string,
  { heldOut = {}, ...named }: ExportOptions,
): Promise<NetworkExportReport> {
  const written: [string, Uint8Array][] = [];
  let worst = 0;
  for (const graph of graphs) {
    const name = `${graph.facts.role}.onnx`;
    const builder = new GraphBuilder(libraryVersion);
    graph.write(builder);
    writeMetadata(builder, { version: 1, kind: 'network', ...graph.facts, heldOut, ...named });
    const bytes = builder.finish();
    worst = Math.max(worst, await disagreement(name, bytes, graph));
    written.push([join(resolve(folder), name), bytes]);
  }
  for (const [path, bytes] of written) await writeFileAtomic(path, bytes);
  return { files: written.map(([path]) => path), maxRelativeError: worst };
}

async function disagreement(
  name: string,
  bytes: Uint8Array,
  { inputs, expected }: CheckedGraph,
): Promise<number> {
  const runner = await OnnxRunner.open(bytes, { threads: 2 });
  try {
    const results = await runner.run(inputs);
    let worst = 0;
    for (const [output, values] of Object.entries(expected)) {
      const error = maxRelativeError(results[output]?.data as Float32Array, values);
      if (!(error <= TOLERANCE)) {
        throw new PushforwardError('disagreement', `ONNX Runtime differs by ${error.toExponential(1)}`, {
          where: `${name}, ${output}`,
          mend: 'nothing was written; report this with the model',
        });
      }
      worst = Math.max(worst, error);
    }
    return worst;
  } finally {
    await runner.close();
  }
}

function mapped<T>(tensors: Tensors, one: (tensor: Tensor) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, one(tensor)]));
}

function feedOf(tensor: Tensor): RunTensors[string] {
  return { type: 'float32', dims: tensor.shape, data: valuesOf(tensor) };
}

function valuesOf(tensor: Tensor): Float32Array {
  return Float32Array.from(tensor.dataSync());
}
