import type { TraceType } from '../recorder.js';
import type { Conversion, Converters } from './conversion.js';

interface Reduction {
  readonly axes: number[];
  readonly keepdims: 0 | 1;
}

function reduction(conversion: Conversion, axisName: string): Reduction {
  const rank = conversion.input('x').sizes.length;
  return { axes: conversion.axes(axisName, rank), keepdims: conversion.boolean('keepDims') ? 1 : 0 };
}

/** A reduction in another type than the operand's, back in the type of the result. */
function reduceIn(type: TraceType, op: string, axisName: string) {
  return (conversion: Conversion) => {
    const { graph, result } = conversion;
    const { value, dtype } = conversion.input('x');
    const { axes, keepdims } = reduction(conversion, axisName);
    const reduced = graph.op(op, [graph.cast(value, dtype, type)], { axes, keepdims });
    return graph.cast(reduced, type, result.dtype);
  };
}

/** A reduction in the type of the result, which is float32 or int32. */
function reduce(op: string, axisName = 'axis') {
  return (conversion: Conversion) => {
    const type = conversion.result.dtype === 'float32' ? 'float32' : 'int32';
    return reduceIn(type, op, axisName)(conversion);
  };
}

/**
 * Greatest or least element. ONNX Runtime passes over NaN where tfjs gives NaN, so rows that hold one are
 * looked for.
 */
function extreme(op: string, axisName: string) {
  return (conversion: Conversion) => {
    const { graph } = conversion;
    const { value, dtype } = conversion.input('x');
    const reduced = reduce(op, axisName)(conversion);
    if (dtype !== 'float32') return reduced;
    const { axes, keepdims } = reduction(conversion, axisName);
    const gaps = graph.op('ReduceMax', [graph.cast(graph.op('IsNaN', [value]), 'bool', 'int32')], {
      axes,
      keepdims,
    });
    return graph.op('Where', [
      graph.cast(gaps, 'int32', 'bool'),
      graph.scalar('float32', Number.NaN),
      reduced,
    ]);
  };
}

/** ReduceSum is the one reduction that takes its axes as an input at opset 17. */
function sum(conversion: Conversion): string {
  const { graph, result } = conversion;
  const { value, dtype } = conversion.input('x');
  const { axes, keepdims } = reduction(conversion, 'axis');
  const x = graph.cast(value, dtype, result.dtype);
  if (axes.length === 0) return x;
  return graph.op('ReduceSum', [x, graph.vector('int64', axes)], { keepdims });
}

/** The first index of the extreme value along one axis. */
function argument(op: string) {
  return (conversion: Conversion) => {
    const { graph } = conversion;
    const { value, dtype, sizes } = conversion.input('x');
    const [axis] = conversion.axes('axis', sizes.length);
    const x = dtype === 'bool' ? graph.cast(value, dtype, 'int32') : value;
    return graph.plainCast(graph.op(op, [x], { axis: axis ?? 0, keepdims: 0 }), 'int32');
  };
}

function cumulativeSum(conversion: Conversion): string {
  const { graph, result } = conversion;
  const { value, dtype, sizes } = conversion.input('x');
  const [axis] = conversion.axes('axis', sizes.length);
  return graph.op(
    'CumSum',
    [graph.cast(value, dtype, result.dtype), graph.vector('int64', [axis ?? 0], [])],
    { exclusive: conversion.boolean('exclusive') ? 1 : 0, reverse: conversion.boolean('reverse') ? 1 : 0 },
  );
}

export const reductions: Converters = {
  Sum: sum,
  Mean: reduceIn('float32', 'ReduceMean', 'axis'),
  Max: extreme('ReduceMax', 'reductionIndices'),
  Min: extreme('ReduceMin', 'axis'),
  Prod: reduce('ReduceProd'),
  All: reduceIn('int32', 'ReduceMin', 'axis'),
  Any: reduceIn('int32', 'ReduceMax', 'axis'),
  ArgMax: argument('ArgMax'),
  ArgMin: argument('ArgMin'),
  Cumsum: cumulativeSum,
  Softmax: (conversion) => {
    const { value, sizes } = conversion.input('logits');
    const [axis] = conversion.axes('dim', sizes.length);
    return conversion.graph.op('Softmax', [value], { axis: axis ?? 0 });
  },
};
