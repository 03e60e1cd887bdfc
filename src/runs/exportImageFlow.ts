import type { Flow } from '../flows/flow.js';
import type { GraphBuilder } from '../onnx/graph.js';
import {
  contextArguments,
  floatArgument,
  fromGraphRows,
  rowDimensions,
  rowName,
  toGraphRows,
} from '../onnx/rowPorts.js';
import type { Dimension } from '../onnx/tensor.js';
import { trace } from '../onnx/trace.js';
import { Random, streamOf } from '../random.js';
import { type Tensor, type Tensor2D, tf } from '../tf.js';
import {
  type CheckedGraph,
  checkedGraph,
  type ExportOptions,
  type NetworkExportReport,
  writeCheckedGraphs,
} from './checkedGraphs.js';

/** Images that both runtimes compute. */
const ROWS = 16;

/**
 * Writes `generator.onnx` and `density.onnx` of a flow of images, whose rows are images [height, width, channels] one
 * after the other, to a folder, after ONNX Runtime has reproduced the flow with each; see `NetworkMetadata`, and
 * `loadOnnxNetwork`, which opens them. The flow's base law is N(0, I). The density is of continuous pixels, by the
 * rows that the flow was fitted to.
 * @throws PushforwardError `disagreement` when ONNX Runtime differs, to 1e-4; nothing is then written.
 */
export async function exportImageFlow(
  flow: Flow,
  about: { readonly name: string; readonly shape: readonly number[] },
  folder: string,
  options: ExportOptions = {},
): Promise<NetworkExportReport> {
  return writeCheckedGraphs(graphsOf(flow, about), folder, options);
}

function graphsOf(
  flow: Flow,
  { name, shape }: { readonly name: string; readonly shape: readonly number[] },
): CheckedGraph[] {
  const { dim: latent, contextDim } = flow;
  const facts = { model: name, shape, latent, latentLaw: 'normal', context: contextDim, pac: 1 } as const;
  const images = (rows: Tensor) => tf.reshape(rows, [-1, ...shape]);
  const generate = (z: Tensor, context?: Tensor) =>
    toGraphRows(images(flow.inverse(z as Tensor2D, context as Tensor2D | undefined).x));
  const logProb = (x: Tensor, context?: Tensor) =>
    flow.logProb(tf.reshape(fromGraphRows(x), [-1, flow.dim]), context as Tensor2D | undefined);
  const write =
    (input: string, output: string, compute: (tensor: Tensor, context?: Tensor) => Tensor) =>
    (builder: GraphBuilder) => {
      const [from, to] = [input, output].map((port) => dimensionsOf(port, shape, flow.dim));
      const [value] = trace(builder, (...tensors) => compute(...(tensors as [Tensor, Tensor?])), [
        floatArgument(builder, input, from ?? []),
        ...contextArguments(builder, flow.contextDim),
      ]);
      builder.output(value as string, output, 'float32', to ?? []);
    };
  const row = rowName(shape);
  const graphs: CheckedGraph[] = [];
  tf.tidy(() => {
    const random = new Random(0, streamOf('parity'));
    const normals = (width: number) =>
      tf.tensor2d(random.normal(new Float32Array(ROWS * width)), [ROWS, width]);
    const z = normals(latent);
    const given: { context?: Tensor } = contextDim === 0 ? {} : { context: normals(contextDim) };
    const drawn = generate(z, given.context);
    graphs.push(
      checkedGraph(
        { ...facts, role: 'generator' },
        write('z', row, generate),
        { z, ...given },
        { [row]: drawn },
      ),
      checkedGraph(
        { ...facts, role: 'density' },
        write(row, 'log_prob', logProb),
        { [row]: drawn, ...given },
        { log_prob: logProb(drawn, given.context) },
      ),
    );
  });
  return graphs;
}

function dimensionsOf(port: string, shape: readonly number[], dim: number): Dimension[] {
  if (port === 'log_prob') return ['batch'];
  return port === 'z' ? ['batch', dim] : rowDimensions(shape);
}
