import { type Tensor, tf } from '../tf.js';
import type { LayersNetwork } from './layersNetwork.js';

/** How many numbers one call may keep: 64 MB of float32. */
const MOST_ACTIVATIONS = 2 ** 24;
const MOST_ROWS = 8192;

/** Rows that fit into memory together with all activations of the networks. */
export function rowsAtOnce(...networks: LayersNetwork[]): number {
  const width = networks.reduce((sum, { activations }) => sum + activations, 0);
  return Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_ACTIVATIONS / width)));
}

/** Rows [n, ...shape], of which `make` makes `count` from the row `first` on, at most `size` at a time. */
export function inBlocks(
  n: number,
  size: number,
  shape: readonly number[],
  make: (first: number, count: number) => Tensor,
): Tensor {
  return tf.tidy(() => {
    const blocks: Tensor[] = [];
    for (let first = 0; first < n; first += size) {
      blocks.push(tf.tidy(() => make(first, Math.min(size, n - first))));
    }
    return blocks.length === 0 ? tf.zeros([0, ...shape]) : tf.concat(blocks, 0);
  });
}
