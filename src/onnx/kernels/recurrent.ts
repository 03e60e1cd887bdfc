import type { Attributes } from '../attributes.js';
import type { Conversion, Converters } from './conversion.js';

/** ONNX has sequences step by step, as one of a list of directions. */
const STEPWISE = [1, 0, 2];

/** ONNX's places of an LSTM's gates, i o f c, among those here, i f c o. */
const LSTM_GATES = [0, 3, 1, 2];
const GRU_GATES = [0, 1, 2];

/** Runs of `units` rows of a value in another order. */
function inOrder({ graph }: Conversion, value: string, gates: readonly number[], units: number): string {
  if (gates.every((gate, k) => gate === k)) return value;
  const rows = gates.flatMap((gate) => Array.from({ length: units }, (_, unit) => gate * units + unit));
  return graph.op('Gather', [value, graph.vector('int64', rows)], { axis: 0 });
}

/** One of ONNX's recurrent operators: the last state of each of `state`, and the outputs where they are wanted. */
function recurrent(
  conversion: Conversion,
  op: 'LSTM' | 'GRU',
  gates: readonly number[],
  state: readonly string[],
  own: Attributes = {},
): string[] {
  const { graph, attributes } = conversion;
  const recurrentKernel = conversion.input('recurrentKernel');
  const units = conversion.fixedSize(recurrentKernel, 0);
  const width = gates.length * units;
  const weights = (name: string) => {
    const transposed = graph.op('Transpose', [conversion.input(name).value], { perm: [1, 0] });
    return graph.unsqueeze(inOrder(conversion, transposed, gates, units), 0);
  };
  const bias = conversion.input('bias');
  // Two biases are what ONNX wants; it adds them, but for a GRU's where the reset comes after the product.
  const biases =
    bias.sizes.length === 2
      ? graph.reshape(bias.value, [1, 2 * width])
      : graph.unsqueeze(
          graph.op(
            'Concat',
            [
              inOrder(conversion, bias.value, gates, units),
              graph.vector('float32', new Array<number>(width).fill(0)),
            ],
            { axis: 0 },
          ),
          0,
        );
  const isHard = attributes.recurrentActivation === 'hardSigmoid';
  const [outputs, ...last] = graph.builder.nodeOutputs(
    1 + state.length,
    op,
    [
      graph.op('Transpose', [conversion.input('x').value], { perm: STEPWISE }),
      weights('kernel'),
      weights('recurrentKernel'),
      biases,
      '',
      ...state.map((name) => graph.unsqueeze(conversion.input(name).value, 0)),
    ],
    {
      hidden_size: units,
      direction: conversion.boolean('reverse') ? 'reverse' : 'forward',
      activations: [isHard ? 'HardSigmoid' : 'Sigmoid', ...state.map(() => 'Tanh')],
      ...(isHard ? { activation_alpha: { floats: [0.2] }, activation_beta: { floats: [0.5] } } : {}),
      ...own,
    },
  ) as [string, ...string[]];
  const squeezed = (value: string, axis: number) =>
    graph.op('Squeeze', [value, graph.vector('int64', [axis])]);
  const written = last.map((value) => squeezed(value, 0));
  if (!conversion.boolean('sequences')) return written;
  return [...written, graph.op('Transpose', [squeezed(outputs, 1)], { perm: STEPWISE })];
}

export const recurrence: Converters = {
  PushforwardLstm: (conversion) => recurrent(conversion, 'LSTM', LSTM_GATES, ['h', 'c']),
  PushforwardGru: (conversion) => {
    const resetAfter = conversion.input('bias').sizes.length === 2;
    return recurrent(conversion, 'GRU', GRU_GATES, ['h'], { linear_before_reset: resetAfter ? 1 : 0 });
  },
};
