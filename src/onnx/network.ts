import { checkDraw, type DrawOptions } from '../draw.js';
import { PushforwardError } from '../errors.js';
import { Random, streamOf } from '../random.js';
import { type NetworkMetadata, readNetworkMetadata } from './metadata.js';
import { rowDimensions, rowName } from './rowPorts.js';
import { OnnxRunner, type OnnxRunnerOptions } from './session.js';

export type { NetworkMetadata } from './metadata.js';

/** Numbers in a shape, row-major. */
export interface FloatArray {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

export interface NetworkDrawOptions extends Pick<DrawOptions, 'seed'> {
  /** Conditions [n · context], for a model that takes them. */
  readonly context?: Float32Array;
}

/** Rows of one run of the graph; more are served in parts, so that memory does not grow with them. */
const ROWS_PER_RUN = 256;

/** An exported encoder, decoder, generator, density or critic, run by ONNX Runtime in a thread of its own. */
export class OnnxNetwork {
  readonly #runner: OnnxRunner;

  constructor(
    runner: OnnxRunner,
    readonly metadata: NetworkMetadata,
  ) {
    this.#runner = runner;
  }

  /**
   * What the graph makes of its inputs, all by name; see `NetworkMetadata`. Throws `input` for a missing or unknown
   * input and for shapes that the graph cannot take.
   */
  async run(inputs: Readonly<Record<string, FloatArray>>): Promise<Record<string, FloatArray>> {
    const feeds = Object.entries(inputs).map(([name, { dims, data }]) => {
      const size = dims.reduce((product, one) => product * one, 1);
      if (size === data.length) return [name, { type: 'float32' as const, dims, data }] as const;
      throw new PushforwardError('shape', `${data.length} numbers for [${dims}]`, {
        where: `${this.#runner.source}, input ${name}`,
      });
    });
    const outputs = await this.#runner.run(Object.fromEntries(feeds));
    return Object.fromEntries(
      Object.entries(outputs).map(([name, { dims, data }]) => [name, { dims, data: data as Float32Array }]),
    );
  }

  /**
   * n new rows [n, channels, height, width], or [n, ...shape]: those that the model draws in Node for the same seed.
   * Throws `unsupported` for what is no generator, `usage` for a count or seed that makes no sense,
   * `shape` for a context of another size.
   */
  async sample(n: number, { context, ...options }: NetworkDrawOptions = {}): Promise<FloatArray> {
    const { role, latent, latentLaw, shape } = this.metadata;
    if (role !== 'generator') {
      throw new PushforwardError('unsupported', `this file is of the role ${role}, which draws no rows`, {
        where: this.#runner.source,
        mend: 'load generator.onnx, or use run',
      });
    }
    const { seed } = checkDraw(n, options);
    const width = this.metadata.context;
    if ((context?.length ?? 0) !== n * width) {
      throw new PushforwardError('shape', `a context of ${context?.length ?? 0} numbers for ${n} rows`, {
        where: this.#runner.source,
        mend: width === 0 ? 'give none' : `give ${width} for each`,
      });
    }
    const random = new Random(seed, streamOf('sample'));
    const dims = rowDimensions(shape).slice(1) as number[];
    const size = dims.reduce((product, one) => product * one, 1);
    const rows = new Float32Array(n * size);
    for (let from = 0; from < n; from += ROWS_PER_RUN) {
      const count = Math.min(ROWS_PER_RUN, n - from);
      const z = new Float32Array(count * latent);
      if (latentLaw === 'normal') random.normal(z);
      else
        random.uniform(z).forEach((u, i) => {
          z[i] = 2 * u - 1;
        });
      const results = await this.run({
        z: { dims: [count, latent], data: z },
        ...(context === undefined
          ? {}
          : {
              context: { dims: [count, width], data: context.subarray(from * width, (from + count) * width) },
            }),
      });
      rows.set((results[rowName(shape)] as FloatArray).data, from * size);
    }
    return { dims: [n, ...dims], data: rows };
  }

  /** Ends the thread. A network that is not closed does not keep the process alive either. */
  close(): Promise<void> {
    return this.#runner.close();
  }
}

/**
 * Opens an encoder, decoder, generator, density or critic that this project exported. Throws PushforwardError naming
 * the file: `input` when it cannot be read, is of a table's model or was written by somebody else, `damaged` when it
 * is no ONNX file or not all of one, `unsupported` when it is of a later version.
 */
export async function loadOnnxNetwork(path: string, options: OnnxRunnerOptions = {}): Promise<OnnxNetwork> {
  const runner = await OnnxRunner.open(path, options);
  try {
    const metadata = readNetworkMetadata(runner.header.metadata, path);
    const { inputs, outputs } = portsOf(metadata);
    const names = (ports: readonly { name: string }[]) => ports.map(({ name }) => name).join();
    if (
      names(runner.header.inputs) !== inputs.join() ||
      !names(runner.header.outputs).startsWith(outputs.join())
    ) {
      throw new PushforwardError('damaged', 'the graph does not fit what the file says about it', {
        where: path,
        mend: 'export the model again',
      });
    }
    return new OnnxNetwork(runner, metadata);
  } catch (error) {
    await runner.close();
    throw error;
  }
}

/** The tensors of a role; an encoder may have more outputs. */
function portsOf({ role, shape, context }: NetworkMetadata): { inputs: string[]; outputs: string[] } {
  const row = rowName(shape);
  const given = context === 0 ? [] : ['context'];
  switch (role) {
    case 'encoder':
      return { inputs: [row, ...given], outputs: ['mean', 'log_variance'] };
    case 'decoder':
    case 'generator':
      return { inputs: ['z', ...given], outputs: [row] };
    case 'density':
      return { inputs: [row, ...given], outputs: ['log_prob'] };
    case 'critic':
      return { inputs: [row, ...given], outputs: ['score'] };
  }
}
