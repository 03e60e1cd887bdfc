import { overwrite } from '../ops/variableStore.js';
import { Random } from '../random.js';
import { type layers, tf, type Variable } from '../tf.js';
import { initialScales } from './activations.js';

/**
 * Gives the weights of a model's dense and (transposed) convolutional layers first values that are a function
 * of the seed: normal, with the deviations of `initialScales` for layers that bend at 0. tfjs-layers draws its
 * own from a generator that nobody can seed in one place. Other layers keep what they have.
 * @param deviation of all weights in place of those, with biases of 0.
 */
export function seedWeights(
  model: layers.LayersModel,
  seed: number,
  stream: number,
  deviation?: number,
): void {
  const random = new Random(seed, stream);
  for (const layer of model.layers) {
    const kind = layer.getClassName();
    if (kind !== 'Dense' && kind !== 'Conv2D' && kind !== 'Conv2DTranspose') continue;
    const [kernel, bias] = layer.weights.map((weight) => weight.read() as Variable);
    if (kernel === undefined) continue;
    const { weights, biases } =
      deviation === undefined
        ? initialScales('relu', fanIn(kernel.shape, kind))
        : { weights: deviation, biases: 0 };
    draw(kernel, weights, random);
    if (bias !== undefined) draw(bias, biases, random);
  }
}

/** Adds `outputs`, given for the last axis of what a model puts out, to the biases of its last layer. */
export function shiftOutputs(model: layers.LayersModel, outputs: readonly number[]): void {
  const bias = model.trainableWeights.at(-1)?.read() as Variable;
  overwrite(
    bias,
    bias.dataSync<'float32'>().map((value, i) => value + (outputs[i % outputs.length] as number)),
  );
}

/**
 * How many inputs an output is a sum over; of a transposed convolution, as PyTorch counts, how many outputs an input
 * goes to. A generator's last layer, of one channel or three, so starts with images of full contrast. Counted by its
 * inputs they start grey, and the critic of a DCGAN has won before the generator gets anywhere.
 */
function fanIn(shape: readonly number[], kind: string): number {
  return tf.util.sizeFromShape(kind === 'Conv2DTranspose' ? shape.slice(0, 3) : shape.slice(0, -1));
}

function draw(variable: Variable, scale: number, random: Random): void {
  const values = random.normal(new Float32Array(variable.size));
  overwrite(
    variable,
    values.map((value) => value * scale),
  );
}
