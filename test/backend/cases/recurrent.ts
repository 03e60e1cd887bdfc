/** Calls of the kernels for whole sequences, which tfjs itself has none of. */
import { type Input, type KernelCase, normals } from './inputs.js';

/** [n, steps, channels, units]: around what vectors, panels and blocks of rows have as edges. */
const SIZES: readonly (readonly [number, number, number, number])[] = [
  [1, 1, 1, 1],
  [2, 3, 5, 7],
  [13, 2, 17, 16],
  [33, 5, 20, 40],
  [3, 4, 300, 70],
  [101, 2, 3, 33],
];

const OPTIONS = [
  { recurrentActivation: 'sigmoid', reverse: false, sequences: true },
  { recurrentActivation: 'hardSigmoid', reverse: true, sequences: false },
];

/** What a layer with so many gates takes; the weights keep its sums at the size of 1. */
export function recurrentInputs(
  gates: number,
  [n, steps, channels, units]: readonly [number, number, number, number],
  bias: readonly number[] = [gates * units],
): Record<string, Input> {
  return {
    x: normals([n, steps, channels], 1),
    kernel: scaled(normals([channels, gates * units], 2), 1 / Math.sqrt(channels)),
    recurrentKernel: scaled(normals([units, gates * units], 3), 1 / Math.sqrt(units)),
    bias: normals([...bias], 4),
    h: normals([n, units], 5),
    ...(gates === 4 ? { c: normals([n, units], 6) } : {}),
  };
}

function scaled(input: Input, factor: number): Input {
  return { ...input, values: (input.values as Float32Array).map((x) => factor * x) };
}

export const RECURRENT: readonly KernelCase[] = SIZES.flatMap((sizes) =>
  OPTIONS.flatMap((attrs) => {
    const units = sizes[3];
    const tolerance = { relative: 1e-5, absolute: 2e-6 };
    return [
      { kernel: 'PushforwardLstm', inputs: recurrentInputs(4, sizes), attrs, tolerance },
      { kernel: 'PushforwardGru', inputs: recurrentInputs(3, sizes), attrs, tolerance },
      { kernel: 'PushforwardGru', inputs: recurrentInputs(3, sizes, [2, 3 * units]), attrs, tolerance },
    ];
  }),
);
