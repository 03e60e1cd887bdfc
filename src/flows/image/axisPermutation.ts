import { PushforwardError } from '../../errors.js';
import { checkImageShape, type ImageShape } from '../../imageShape.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../../tf.js';
import type { Bijection, LayerSpec, ParameterSlice } from '../bijection.js';
import { sameForRows } from '../rows.js';

/**
 * A permutation of the columns that comes from a regular pattern: each row is taken for an array of
 * `sizes`, whose axes are put in another order. As a transposition it is cheap where a gather by
 * index is not. The native plan runs it as the permutation that it is.
 */
export class AxisPermutation implements Bijection {
  readonly contextDim = 0;
  readonly parameters = [];
  readonly dim: number;
  readonly #from: readonly number[];
  readonly #to: readonly number[];
  readonly #axes: readonly number[];
  readonly #inverse: readonly number[];

  /** Axis i of what comes out is axis `axes[i]` of what goes in. */
  constructor(
    readonly kind: string,
    sizes: readonly number[],
    axes: readonly number[],
  ) {
    this.dim = tf.util.sizeFromShape([...sizes]);
    this.#from = sizes;
    this.#to = axes.map((axis) => sizes[axis] as number);
    this.#axes = axes;
    this.#inverse = axes.map((_, axis) => axes.indexOf(axis));
  }

  forward(x: Tensor2D, _parameters: readonly Tensor[]): { y: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => ({
      y: transposeRows(x, this.#from, this.#axes),
      logDet: sameForRows(x, tf.scalar(0)),
    }));
  }

  inverse(y: Tensor2D, _parameters: readonly Tensor[]): { x: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => ({
      x: transposeRows(y, this.#to, this.#inverse),
      logDet: sameForRows(y, tf.scalar(0)),
    }));
  }

  spec(slices: readonly ParameterSlice[]): LayerSpec {
    return { kind: 'permutation', order: this.#order(), parameters: slices };
  }

  /** Which column of x each column of y is. */
  #order(): number[] {
    const steps = this.#from.map((_, axis) => tf.util.sizeFromShape(this.#from.slice(axis + 1)));
    return this.#axes.reduce<number[]>(
      (starts, axis) =>
        starts.flatMap((start) =>
          Array.from({ length: this.#from[axis] as number }, (_, i) => start + i * (steps[axis] as number)),
        ),
      [0],
    );
  }
}

function transposeRows(x: Tensor2D, sizes: readonly number[], axes: readonly number[]): Tensor2D {
  const [n, dim] = x.shape;
  const arrays = tf.reshape(x, [n, ...sizes]);
  return tf.reshape(tf.transpose(arrays, [0, ...axes.map((axis) => axis + 1)]), [n, dim]);
}

/**
 * Space to depth: each square of 2 x 2 pixels becomes one pixel of four times the channels (Dinh,
 * Sohl-Dickstein and Bengio 2017, section 3.6). Channel 4 c + 2 i + j of the result is channel c of the
 * square's pixel (i, j), so that the first half of the channels holds the first half of those there were.
 *
 * @throws PushforwardError `usage` when the height or the width is odd.
 */
export function squeeze(shape: ImageShape): AxisPermutation {
  checkImageShape(shape);
  const { height, width, channels } = shape;
  if (height % 2 === 1 || width % 2 === 1) {
    throw new PushforwardError('usage', `${height} x ${width} pixels do not part into squares of 2 x 2`, {
      mend: 'pad or crop the images to an even height and width',
    });
  }
  return new AxisPermutation('squeeze', [height / 2, 2, width / 2, 2, channels], [0, 2, 4, 1, 3]);
}

/** The shape of the images that `squeeze` makes. */
export function squeezedShape({ height, width, channels }: ImageShape): ImageShape {
  return { height: height / 2, width: width / 2, channels: channels * 4 };
}

/**
 * Takes the first half of the channels, an image of its own, to the first half of the columns, and the
 * other half to the columns after it: so the levels of a multiscale flow go on with leading columns
 * (Dinh, Sohl-Dickstein and Bengio 2017, section 3.6; see LeadingColumns).
 *
 * @throws PushforwardError `usage` when the number of channels is odd.
 */
export function splitChannels(shape: ImageShape): AxisPermutation {
  checkImageShape(shape);
  const { height, width, channels } = shape;
  if (channels % 2 === 1) {
    throw new PushforwardError('usage', `${channels} channels have no halves`, {
      mend: 'squeeze the image first, which makes four channels of each',
    });
  }
  return new AxisPermutation('splitChannels', [height * width, 2, channels / 2], [1, 0, 2]);
}
