import { nestedGradients } from '../gradients/nested.js';
import { layers, type Tensor, tf } from '../tf.js';
import { NativeBackend } from './backend.js';
import { MOMENTS, NORMALISE_GRADIENT } from './kernels/normalise.js';

/** A variable of tfjs-layers. */
interface LayerVariable {
  read(): Tensor;
  write(value: Tensor): void;
}

/** What tfjs-layers' BatchNormalization has, most of it outside of its types. */
interface Layer {
  readonly axis: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly gamma?: LayerVariable;
  readonly beta?: LayerVariable;
  readonly movingMean: LayerVariable;
  readonly movingVariance: LayerVariable;
}

type Prototype = Pick<InstanceType<typeof layers.layers.Layer>, 'call'>;

/** Shared by all copies of this library. */
const FUSED = Symbol.for('pushforward.fusedBatchNormalization');

/**
 * Has tfjs-layers' batch normalisation go through a batch once for its moments, and in training twice for
 * its gradient, in place of the twenty operations that tfjs makes of them. What the layer computes and
 * keeps is the same but for rounding; on other backends nothing changes.
 */
export function fuseBatchNormalization(): void {
  const prototype = Object.getPrototypeOf(layers.layers.batchNormalization()) as Prototype & {
    [FUSED]?: true;
  };
  if (prototype[FUSED]) return;
  const { call } = prototype;
  prototype.call = function (inputs, kwargs) {
    const layer = this as unknown as Layer;
    const x = Array.isArray(inputs) && inputs.length === 1 ? inputs[0] : inputs;
    const { gamma, beta } = layer;
    const isFused =
      kwargs?.training === true &&
      x instanceof tf.Tensor &&
      takes(layer, x) &&
      gamma !== undefined &&
      beta !== undefined;
    return isFused ? train(layer, x, gamma.read(), beta.read()) : call.call(this, inputs, kwargs);
  };
  prototype[FUSED] = true;
}

/** Whether a batch has its channels last, as the kernels want them, and is on this backend. */
function takes({ axis }: Layer, x: Tensor): boolean {
  const isLast = axis === -1 || axis === x.rank - 1;
  const isBatch = x.dtype === 'float32' && x.rank >= 2 && x.rank <= 4 && x.size > 0;
  const backend = tf.backend();
  if (!(isLast && isBatch && backend instanceof NativeBackend)) return false;
  return backend.stored(x) instanceof Float32Array;
}

function train(layer: Layer, x: Tensor, gamma: Tensor, beta: Tensor): Tensor {
  return tf.tidy(() => {
    const moments = tf.engine().runKernel(MOMENTS, { x }) as unknown as [tf.Tensor1D, tf.Tensor1D];
    const output = normalised(x, gamma, beta, moments, layer.epsilon);
    const [mean, variance] = moments;
    follow(layer.movingMean, mean, layer.momentum);
    follow(layer.movingVariance, variance, layer.momentum);
    return output;
  });
}

function follow(variable: LayerVariable, value: Tensor, momentum: number): void {
  tf.tidy(() => {
    const before = variable.read();
    variable.write(tf.sub(before, tf.mul(tf.sub(before, value), 1 - momentum)));
  });
}

/** (x − mean) · gamma / √(variance + ε) + beta, as a function of x whose moments these are. */
function normalised(
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  [mean, variance]: readonly [tf.Tensor1D, tf.Tensor1D],
  epsilon: number,
): Tensor {
  const op = tf.customGrad((...args) => {
    const [at, scale, offset, save] = args as [Tensor, tf.Tensor1D, tf.Tensor1D, tf.GradSaveFunc];
    save([at, scale, offset, mean, variance]);
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
      // A gradient that is differentiated itself is made of tfjs' own operations.
      if (tf.engine().isTapeOn()) return nestedGradients(fromMoments(epsilon), saved.slice(0, 3), dy);
      const [input, factor, , centre, spread] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor];
      const all = { x: input, dy, mean: centre, variance: spread, scale: factor };
      return tf.engine().runKernel(NORMALISE_GRADIENT, all, { epsilon }) as unknown as Tensor[];
    };
    return { value: tf.batchNorm(at, mean, variance, offset, scale, epsilon), gradFunc };
  });
  return op(x, gamma, beta);
}

/** The same as tfjs has it. */
function fromMoments(epsilon: number): (...inputs: Tensor[]) => Tensor {
  return (...inputs) => {
    const [x, gamma, beta] = inputs as [Tensor, tf.Tensor1D, tf.Tensor1D];
    const axes = Array.from({ length: x.rank - 1 }, (_, axis) => axis);
    const { mean, variance } = tf.moments(x, axes);
    return tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D, beta, gamma, epsilon);
  };
}
