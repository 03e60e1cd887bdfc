import { join, resolve } from 'node:path';
import { PushforwardError } from '../errors.js';
import { writeFileAtomic } from '../files.js';
import { maxRelativeError } from '../onnx/compare.js';
import { GraphBuilder } from '../onnx/graph.js';
import { OnnxRunner, type RunTensors } from '../onnx/session.js';
import { Random, streamOf } from '../random.js';
import { type Tensor, type Tensor2D, tf } from '../tf.js';
import { writeDecoderGraph, writeEncoderGraph, writeGeneratorGraph } from '../vae/graphs.js';
import type { Vae } from '../vae/vae.js';
import { libraryVersion } from './config.js';

export interface VaeExportReport {
  /** `encoder.onnx`, `decoder.onnx` and, where the prior is a map of normals, `generator.onnx`. */
  readonly files: readonly string[];
  /** Greatest difference between ONNX Runtime and the model, relative to values above 1 and absolute below. */
  readonly maxRelativeError: number;
}

/** Rows that both runtimes compute. */
const ROWS = 64;
const TOLERANCE = 1e-4;

/**
 * Writes the ONNX files of a VAE to a folder, after ONNX Runtime has reproduced the model with each. Images are
 * [batch, channels, height, width] in them; see `writeEncoderGraph`, `writeDecoderGraph`, `writeGeneratorGraph`.
 * @throws PushforwardError `disagreement` when it does not, to 1e-4; nothing is then written.
 */
export async function exportVae(vae: Vae, folder: string): Promise<VaeExportReport> {
  const graphs = graphsOf(vae);
  const written: [string, Uint8Array][] = [];
  let worst = 0;
  for (const { name, write, inputs, expected } of graphs) {
    const builder = new GraphBuilder(libraryVersion);
    write(builder, vae);
    const bytes = builder.finish();
    const runner = await OnnxRunner.open(bytes, { threads: 2 });
    try {
      const results = await runner.run(inputs);
      for (const [output, values] of Object.entries(expected)) {
        const error = maxRelativeError(results[output]?.data as Float32Array, values);
        if (!(error <= TOLERANCE)) {
          throw new PushforwardError('disagreement', `ONNX Runtime differs by ${error.toExponential(1)}`, {
            where: `${name}.onnx, ${output}`,
            mend: 'nothing was written; report this with the model',
          });
        }
        worst = Math.max(worst, error);
      }
    } finally {
      await runner.close();
    }
    written.push([join(resolve(folder), `${name}.onnx`), bytes]);
  }
  for (const [path, bytes] of written) await writeFileAtomic(path, bytes);
  return { files: written.map(([path]) => path), maxRelativeError: worst };
}

interface CheckedGraph {
  readonly name: string;
  readonly write: (builder: GraphBuilder, vae: Vae) => void;
  readonly inputs: RunTensors;
  readonly expected: Readonly<Record<string, Float32Array>>;
}

/** The graphs with inputs, drawn from the model, and what the model makes of these. */
function graphsOf(vae: Vae): CheckedGraph[] {
  let graphs: CheckedGraph[] = [];
  tf.tidy(() => {
    const { latentModel, latentDim, shape } = vae;
    const { contextDim, prior } = latentModel;
    const random = new Random(0, streamOf('parity'));
    const normal = (width: number) =>
      tf.tensor2d(random.normal(new Float32Array(ROWS * width)), [ROWS, width]) as Tensor2D;
    const context = contextDim === 0 ? undefined : normal(contextDim);
    const given = context === undefined ? {} : { context };
    const isImage = shape.length === 3;
    const row = isImage ? 'image' : 'x';
    const first = (rows: Tensor): Tensor => (isImage ? tf.transpose(rows, [0, 3, 1, 2]) : rows);
    const checked = (
      name: string,
      write: CheckedGraph['write'],
      inputs: Record<string, Tensor>,
      expected: Record<string, Tensor>,
    ): CheckedGraph => ({
      name,
      write,
      inputs: Object.fromEntries(
        Object.entries({ ...inputs, ...given }).map(([key, tensor]) => [
          key,
          { type: 'float32', dims: tensor.shape, data: valuesOf(tensor) },
        ]),
      ),
      expected: Object.fromEntries(Object.entries(expected).map(([key, tensor]) => [key, valuesOf(tensor)])),
    });
    const x = vae.sample(ROWS, { observationNoise: true, ...given });
    const { mean, logVariance } = latentModel.moments(x, context);
    const z = normal(latentDim);
    graphs = [
      checked('encoder', writeEncoderGraph, { [row]: first(x) }, { mean, log_variance: logVariance }),
      checked('decoder', writeDecoderGraph, { z }, { [row]: first(vae.decode(z, context)) }),
    ];
    if (prior.noiseDim === null) return;
    const noise = normal(prior.noiseDim);
    const drawn = first(vae.decode(prior.fromNormal(noise, context), context));
    graphs.push(checked('generator', writeGeneratorGraph, { z: noise }, { [row]: drawn }));
  });
  return graphs;
}

function valuesOf(tensor: Tensor): Float32Array {
  return Float32Array.from(tensor.dataSync());
}
