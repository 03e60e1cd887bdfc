import { PushforwardError } from '../errors.js';
import { type layers, type Tensor, tf, type Variable } from '../tf.js';

/** The numbers a row that a layer's output shape stands for; of several outputs, all of them. */
function widthOf(shape: layers.Shape | layers.Shape[]): number {
  const shapes = (Array.isArray(shape[0]) ? shape : [shape]) as layers.Shape[];
  return shapes.reduce((sum, one) => sum + tf.util.sizeFromShape(one.slice(1).map((size) => size ?? 1)), 0);
}

/**
 * A tf.LayersModel as a function of tensors, whose several outputs, where it has them, are put side by side.
 *
 * Batch normalisation: with `training` it normalises with the statistics of the rows at hand (and moves its
 * running ones towards them), without with the running ones.
 */
export class LayersNetwork {
  readonly model: layers.LayersModel;
  /** Numbers a row that all layers put out, which is what a gradient keeps. */
  readonly activations: number;

  constructor(model: layers.LayersModel) {
    this.model = model;
    this.activations = model.layers.reduce((sum, { outputShape }) => sum + widthOf(outputShape), 0);
  }

  /** What an optimizer may change: not the running statistics of batch normalisation. */
  get variables(): Variable[] {
    return this.model.trainableWeights.map((weight) => weight.read() as Variable);
  }

  /** All that a saved model keeps. */
  get weights(): Variable[] {
    return this.model.weights.map((weight) => weight.read() as Variable);
  }

  /** Rows [n, ...], and their context for a model of two inputs. Differentiable w.r.t. both and the variables. */
  apply(rows: Tensor, context?: Tensor, training = false): Tensor {
    return tf.tidy(() => {
      const given = context === undefined ? rows : [rows, context];
      const outputs = this.model.apply(given, { training }) as Tensor | Tensor[];
      return Array.isArray(outputs) ? tf.concat(outputs, -1) : tf.clone(outputs);
    });
  }

  /**
   * Compares its inputs and outputs, without rows, with those it has to have.
   * @throws PushforwardError `shape` saying which of them is what, and what it should be.
   */
  check(role: string, inputs: readonly (readonly number[])[], output: readonly number[]): void {
    const wrong = (what: string, found: string, wanted: string) =>
      new PushforwardError('shape', `${what} ${found}`, {
        where: role,
        mend: `build the model so that it is ${wanted}`,
      });
    const [found, wanted] = [this.model.inputs.map(({ shape }) => shape.slice(1)), inputs].map(describe);
    if (found !== wanted) throw wrong('takes', found as string, wanted as string);
    const outputs = this.model.outputs.map(({ shape }) => shape.slice(1));
    const last = outputs.reduce((sum, shape) => sum + (shape.at(-1) ?? 0), 0);
    const joined = [...(outputs[0] ?? []).slice(0, -1), last];
    if (joined.join() !== output.join()) throw wrong('puts out', describe(outputs), describe([output]));
  }

  dispose(): void {
    this.model.dispose();
  }
}

function describe(shapes: readonly (readonly (number | null)[])[]): string {
  return shapes.map((shape) => `[rows${shape.map((size) => `, ${size ?? 'any'}`).join('')}]`).join(' and ');
}
