import { createHash } from 'node:crypto';
import { PushforwardError } from '../../errors.js';
import { overwrite } from '../../ops/variableStore.js';
import type { Variable } from '../../tf.js';

/**
 * Gives weights the values of others of the same shapes, in their order.
 * @throws PushforwardError `shape` when they are not of the same shapes.
 */
export function copyWeights(from: Iterable<Variable>, to: Iterable<Variable>): void {
  const [sources, targets] = [[...from], [...to]];
  const [given, wanted] = [sources, targets].map((list) => list.map(({ shape }) => `[${shape}]`).join(', '));
  if (given !== wanted) {
    throw new PushforwardError('shape', `a start from weights ${given} for ${wanted}`, {
      mend: 'start from a VAE of the same networks',
    });
  }
  sources.forEach((source, i) => {
    overwrite(targets[i] as Variable, source.dataSync<'float32'>());
  });
}

/** A digest of weights, in their order: what a checkpoint of a run that starts from them is known by. */
export function weightsDigest(weights: Iterable<Variable>): string {
  const hash = createHash('sha256');
  for (const weight of weights) {
    const { buffer, byteOffset, byteLength } = weight.dataSync<'float32'>();
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}
