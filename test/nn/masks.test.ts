import test from 'ava';
import { autoregressiveMasks } from '../../src/nn/masks.js';

/** Which outputs a change of each input can reach: the product of the masks along every path. */
function reach(masks: readonly Float32Array[], sizes: readonly number[]): boolean[][] {
  const width = sizes[0] as number;
  return Array.from({ length: width }, (_, input) => {
    let alive = Array.from({ length: width }, (_, i) => i === input);
    masks.forEach((mask, k) => {
      const columns = sizes[k + 1] as number;
      alive = Array.from({ length: columns }, (_, j) =>
        alive.some((on, i) => on && mask[i * columns + j] === 1),
      );
    });
    return alive;
  });
}

const cases = [
  { cardinalities: [2, 3, 1, 4], hidden: [16, 12] },
  { cardinalities: [3], hidden: [5, 5] },
  { cardinalities: [1, 1], hidden: [4] },
  { cardinalities: [2, 2, 2], hidden: [] },
  { cardinalities: [2, 5, 3, 2, 2, 2], hidden: [40, 40] },
];

for (const { cardinalities, hidden } of cases) {
  test(`variables of ${cardinalities} through ${hidden.join(' and ') || 'nothing'} see those before them`, (t) => {
    const variable = cardinalities.flatMap((m, k) => new Array<number>(m).fill(k));
    const { weights, direct } = autoregressiveMasks(cardinalities, hidden);
    const paths = reach(weights, [variable.length, ...hidden, variable.length]);
    variable.forEach((from, i) => {
      variable.forEach((to, j) => {
        // Not only none that it must not, but every one that it may.
        t.is(paths[i]?.[j], from < to, `input ${i} to output ${j}`);
        t.is(direct[i * variable.length + j] === 1, from < to);
      });
    });
  });
}
