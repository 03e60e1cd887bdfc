import { type Tensor, tf } from '../tfjs.js';
import { setGradient } from './register.js';

/** Sums and means, and what their gradients are made of: a tensor repeated. */
export function replaceReductionGradients(): void {
  // One pass over x in place of three: tfjs multiplies by a tensor of ones that it makes for it.
  setGradient(tf.Sum, ['x'], (dy, saved, attrs) => {
    const [x] = saved as [Tensor];
    return { x: () => repeated(dy, x.shape, attrs.axis as number | number[]) };
  });
  setGradient(tf.Mean, ['x'], (dy, saved, attrs) => {
    const [x] = saved as [Tensor];
    const share = dy.size / x.size;
    return { x: () => repeated(tf.mul(dy, share), x.shape, attrs.axis as number | number[]) };
  });
  // One sum; tfjs adds up the repetitions slice by slice, and refuses more than four axes.
  setGradient(tf.Tile, ['x'], (dy, saved, attrs) => {
    const [x] = saved as [Tensor];
    return { x: () => sumOfRepetitions(dy, x.shape, attrs.reps as number[]) };
  });
}

/** What was reduced along axes of a tensor of this shape, everywhere along them. */
function repeated(reduced: Tensor, shape: number[], axis: number | number[]): Tensor {
  // tf.broadcastTo leaves an axis of one entry as it is where none is asked for.
  if (shape.includes(0)) return tf.zeros(shape);
  const axes = tf.util.parseAxisParam(axis, shape);
  const kept = shape.map((dim, i) => (axes.includes(i) ? 1 : dim));
  return tf.broadcastTo(tf.reshape(reduced, kept), shape);
}

function sumOfRepetitions(dy: Tensor, shape: number[], reps: number[]): Tensor {
  // Every axis as its repetitions and itself, without those of one entry.
  const split: number[] = [];
  const axes: number[] = [];
  for (const [i, dim] of shape.entries()) {
    const count = reps[i] as number;
    if (count !== 1) axes.push(split.push(count) - 1);
    if (dim !== 1) split.push(dim);
  }
  return tf.reshape(tf.sum(tf.reshape(dy, split), axes), shape);
}
