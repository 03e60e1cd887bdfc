import { PushforwardError } from '../errors.js';
import { Random, streamOf } from '../random.js';
import { type layers, type Tensor, type Tensor2D, tf, type Variable } from '../tf.js';
import { everyLayer, type Layer } from './everyLayer.js';

/** What a layer reads a weight by. */
type LayerWeight = Layer['weights'][number];

/** Layers whose first weight is a kernel [..., outputs]. */
const NORMALISED = ['Dense', 'Conv1D', 'Conv2D', 'Conv3D'];

interface NormalisedKernel {
  readonly weight: LayerWeight;
  /** Unit vectors [inputs, 1] and [outputs, 1]: the first singular pair as far as power iteration has come. */
  readonly left: Variable;
  readonly right: Variable;
}

/**
 * Spectral normalisation (Miyato et al. 2018, algorithm 1): the kernels W of a model's dense and convolutional
 * layers (not of transposed or depthwise ones), as matrices [all else, outputs], are used as W / σ(W), where
 * σ = uᵀ W v is the greatest singular value by one step of power iteration for each `update`; u and v are constants for the gradient. The weights themselves are
 * left as they are. It works for any tf.LayersModel, with models among its layers too.
 */
export class SpectralNormalisation {
  readonly #kernels: readonly NormalisedKernel[];

  /**
   * @param seed of the first directions.
   * @throws PushforwardError `usage` for a model that has no such kernel.
   */
  constructor(model: layers.LayersModel, seed: number) {
    const random = new Random(seed, streamOf('spectral normalisation'));
    const normalised = everyLayer(model).filter((layer) => NORMALISED.includes(layer.getClassName()));
    if (normalised.length === 0) {
      throw new PushforwardError(
        'usage',
        'spectral normalisation of a model without dense or convolutional layers',
        {
          mend: 'leave spectralNormalisation out, or build the model of such layers',
        },
      );
    }
    this.#kernels = normalised.map((layer) => {
      const weight = layer.weights[0] as LayerWeight;
      const outputs = weight.shape.at(-1) as number;
      const inputs = weight.read().size / outputs;
      const values = random.normal(new Float32Array(outputs));
      const variable = (vector: () => Tensor2D) => tf.tidy(() => tf.variable(vector(), false));
      const left = variable(() => tf.zeros([inputs, 1]));
      return { weight, left, right: variable(() => tf.tensor2d(values, [outputs, 1])) };
    });
    // One step from a random start may see a tenth of the norm only, and make W ten times too large.
    for (let k = 0; k < FIRST_STEPS; k++) this.update();
  }

  /** What has to be saved to go on. */
  get state(): readonly Variable[] {
    return this.#kernels.flatMap(({ left, right }) => [left, right]);
  }

  /** One step of power iteration for the weights as they are. */
  update(): void {
    for (const { weight, left, right } of this.#kernels) {
      tf.tidy(() => {
        const matrix = matrixOf(weight.read());
        left.assign(unit(tf.matMul(matrix, right as Tensor2D)));
        right.assign(unit(tf.matMul(matrix, left as Tensor2D, true)));
      });
    }
  }

  /** Runs `body` with the normalised kernels in the layers; differentiable w.r.t. the weights. */
  within<T extends tf.TensorContainer>(body: () => T): T {
    return tf.tidy(() => {
      for (const { weight, left, right } of this.#kernels) {
        const kernel = weight.read();
        const norm = tf.sum(tf.mul(left, tf.matMul(matrixOf(kernel), right as Tensor2D)));
        const normalised = tf.div(kernel, norm);
        weight.read = () => normalised;
      }
      try {
        return body();
      } finally {
        // The method of the class shows again.
        for (const { weight } of this.#kernels) Reflect.deleteProperty(weight, 'read');
      }
    });
  }

  dispose(): void {
    for (const variable of this.state) variable.dispose();
  }
}

const FIRST_STEPS = 10;

function matrixOf(kernel: Tensor): Tensor2D {
  return tf.reshape(kernel, [-1, kernel.shape.at(-1) as number]);
}

function unit(vector: Tensor2D): Tensor2D {
  return tf.div(vector, tf.maximum(tf.norm(vector), 1e-12));
}
