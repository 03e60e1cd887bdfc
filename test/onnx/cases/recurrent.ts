import { gru, lstm } from '../../../src/ops/recurrent.js';
import { layers, type Tensor, type Tensor2D } from '../../../src/tf.js';
import { floats } from '../support.js';
import { type Case, testCase } from './case.js';

const [STEPS, CHANNELS, UNITS] = [5, 3, 4];

/** Sequences, the weights of layers with so many gates, and two states. */
function args(gates: number, bias: readonly number[]) {
  return [
    floats(['batch', STEPS, CHANNELS], -2, 2),
    floats([CHANNELS, gates * UNITS], -1, 1, 1),
    floats([UNITS, gates * UNITS], -1, 1, 2),
    floats(bias, -1, 1, 3),
    floats(['batch', UNITS], -1, 1, 4),
    floats(['batch', UNITS], -1, 1, 5),
  ];
}

const OPTIONS = [
  { name: '', options: {} },
  { name: ', hard gates', options: { recurrentActivation: 'hardSigmoid' } },
  { name: ', reverse', options: { reverse: true } },
] as const;

/** What tfjs-layers' own layers make of the rows, with weights that are constants of the graph. */
function stack(x: Tensor): Tensor {
  const constants = { kernelInitializer: 'ones', recurrentInitializer: 'ones' } as const;
  const below = layers.layers.lstm({ units: 2, returnSequences: true, ...constants });
  const above = layers.layers.gru({ units: 3, goBackwards: true, ...constants });
  return above.apply(below.apply(x) as Tensor) as Tensor;
}

export const recurrent: readonly Case[] = [
  ...OPTIONS.flatMap(({ name, options }) => [
    testCase(
      `lstm${name}`,
      (x, kernel, recurrentKernel, bias, h, c) => {
        const initialState = { h: h as Tensor2D, c: c as Tensor2D };
        const { outputs, state } = lstm(x, { kernel, recurrentKernel, bias } as Parameters<typeof lstm>[1], {
          ...options,
          initialState,
        });
        return [outputs, state.h, state.c];
      },
      ...args(4, [4 * UNITS]),
    ),
    ...[[3 * UNITS], [2, 3 * UNITS]].map((bias) =>
      testCase(
        `gru, bias [${bias}]${name}`,
        (x, kernel, recurrentKernel, bias, h) => {
          const weights = { kernel, recurrentKernel, bias } as Parameters<typeof gru>[1];
          const { outputs, state } = gru(x, weights, { ...options, initialState: h as Tensor2D });
          return [outputs, state];
        },
        ...args(3, bias).slice(0, 5),
      ),
    ),
  ]),
  testCase(
    'lstm from zero, one step',
    (x, kernel, recurrentKernel) =>
      lstm(x, { kernel, recurrentKernel } as Parameters<typeof lstm>[1]).outputs,
    floats(['batch', 1, CHANNELS]),
    ...args(4, [4 * UNITS]).slice(1, 3),
  ),
  testCase('layers of tfjs-layers, one on the other', stack, floats(['batch', STEPS, CHANNELS])),
];
