import type { Flow } from '../flows/flow.js';
import type { GraphBuilder } from '../onnx/graph.js';
import { floatArgument, fromGraphRows, rowDimensions, rowName, toGraphRows } from '../onnx/rowPorts.js';
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
  const facts = { model: name, shape, latent: flow.dim, latentLaw: 'normal', context: 0, pac: 1 } as const;
  const images = (rows: Tensor) => tf.reshape(rows, [-1, ...shape]);
  const generate = (z: Tensor) => toGraphRows(images(flow.inverse(z as Tensor2D).x));
  const logProb = (x: Tensor) => flow.logProb(tf.reshape(fromGraphRows(x), [-1, flow.dim]));
  const write =
    (input: string, output: string, compute: (tensor: Tensor) => Tensor) => (builder: GraphBuilder) => {
      const [from, to] = [input, output].map((port) => dimensionsOf(port, shape, flow.dim));
      const [value] = trace(builder, (tensor) => [compute(tensor as Tensor)], [
        floatArgument(builder, input, from ?? []),
      ]);
      builder.output(value as string, output, 'float32', to ?? []);
    };
  const row = rowName(shape);
  const graphs: CheckedGraph[] = [];
  tf.tidy(() => {
    const noise = new Random(0, streamOf('parity')).normal(new Float32Array(ROWS * flow.dim));
    const z = tf.tensor2d(noise, [ROWS, flow.dim]);
    const drawn = generate(z);
    graphs.push(
      checkedGraph({ ...facts, role: 'generator' }, write('z', row, generate), { z }, { [row]: drawn }),
      checkedGraph(
        { ...facts, role: 'density' },
        write(row, 'log_prob', logProb),
        { [row]: drawn },
        { log_prob: logProb(drawn) },
      ),
    );
  });
  return graphs;
}

function dimensionsOf(port: string, shape: readonly number[], dim: number): Dimension[] {
  if (port === 'log_prob') return ['batch'];
  return port === 'z' ? ['batch', dim] : rowDimensions(shape);
}
