import type { TraceType } from '../recorder.js';
import type { Conversion, Converter, Converters } from './conversion.js';

function operands(conversion: Conversion): [string, string] {
  return conversion.broadcast(conversion.input('a'), conversion.input('b')) as [string, string];
}

/** An operator that ONNX has for float32 and int32; truth values count as 0 and 1. */
function arithmetic(write: (conversion: Conversion, a: string, b: string) => string): Converter {
  return (conversion) => {
    const { graph, result } = conversion;
    const { dtype } = conversion.input('a');
    const [a, b] = operands(conversion);
    if (dtype !== 'bool') return write(conversion, a, b);
    const written = write(conversion, graph.cast(a, 'bool', 'int32'), graph.cast(b, 'bool', 'int32'));
    return graph.cast(written, 'int32', result.dtype);
  };
}

function direct(op: string): Converter {
  return arithmetic(({ graph }, a, b) => graph.op(op, [a, b]));
}

/** Operands as float64, which holds every float32 and int32. */
function inDouble(conversion: Conversion): [string, string] {
  const [a, b] = operands(conversion);
  return [conversion.graph.plainCast(a, 'float64'), conversion.graph.plainCast(b, 'float64')];
}

/** Division as tfjs does it: in float64 for whole numbers, and truncated; x / 0 is then 0. */
function divide(conversion: Conversion): string {
  const { graph } = conversion;
  if (conversion.input('a').dtype === 'float32') return graph.op('Div', operands(conversion));
  return graph.truncate(graph.op('Div', inDouble(conversion)), 'float64');
}

/** ⌊a / b⌋ as int32, from a quotient in float64 as tfjs takes it; where that is not finite, 0. */
function floorDivide(conversion: Conversion): string {
  const { graph } = conversion;
  return graph.truncate(graph.op('Floor', [graph.op('Div', inDouble(conversion))]), 'float64');
}

/**
 * The remainder with the sign of b. Between signs tfjs takes ((a rem b) + b) rem b, otherwise a rem b,
 * where rem has the sign of a. Whole numbers go through float64, because the remainder of a division by
 * 0 would stop the process; it is 0 in tfjs.
 */
function modulo(conversion: Conversion): string {
  const { graph } = conversion;
  const whole = conversion.input('a').dtype !== 'float32';
  const type = whole ? 'float64' : 'float32';
  const [a, b] = whole ? inDouble(conversion) : operands(conversion);
  const zero = graph.scalar(type, 0);
  const remainder = graph.op('Mod', [a, b], { fmod: 1 });
  const shifted = graph.op('Mod', [graph.op('Add', [remainder, b]), b], { fmod: 1 });
  const bothNegative = graph.op('And', [graph.op('Less', [a, zero]), graph.op('Less', [b, zero])]);
  const neitherNegative = graph.op('And', [
    graph.op('GreaterOrEqual', [a, zero]),
    graph.op('GreaterOrEqual', [b, zero]),
  ]);
  const result = graph.op('Where', [graph.op('Or', [bothNegative, neitherNegative]), remainder, shifted]);
  return whole ? graph.truncate(result, 'float64') : result;
}

/** A comparison; truth values are compared as 0 and 1. */
function comparison(op: string): Converter {
  return (conversion) => {
    const { dtype } = conversion.input('a');
    const [a, b] = operands(conversion).map((value) => asNumbers(conversion, value, dtype)) as [
      string,
      string,
    ];
    return conversion.graph.op(op, [a, b]);
  };
}

function asNumbers({ graph }: Conversion, value: string, dtype: TraceType): string {
  return dtype === 'bool' ? graph.cast(value, 'bool', 'int32') : value;
}

function logical(op: string): Converter {
  return (conversion) => {
    const { graph } = conversion;
    const [a, b] = operands(conversion);
    const { dtype: typeA } = conversion.input('a');
    const { dtype: typeB } = conversion.input('b');
    return graph.op(op, [graph.cast(a as string, typeA, 'bool'), graph.cast(b as string, typeB, 'bool')]);
  };
}

/** The sum of any number of tensors of one shape. ONNX's Sum takes no whole numbers, so they are added in turn. */
function addAll(conversion: Conversion): string {
  const values = [...conversion.inputs.values()].map(({ value }) => value);
  if (conversion.result.dtype === 'float32') return conversion.graph.op('Sum', values);
  return values.reduce((sum, value) => conversion.graph.op('Add', [sum, value]));
}

export const binary: Converters = {
  Add: direct('Add'),
  AddN: addAll,
  Sub: direct('Sub'),
  Multiply: direct('Mul'),
  RealDiv: divide,
  FloorDiv: floorDivide,
  Mod: modulo,
  Maximum: direct('Max'),
  Minimum: direct('Min'),
  Pow: direct('Pow'),
  SquaredDifference: arithmetic(({ graph }, a, b) => {
    const difference = graph.op('Sub', [a, b]);
    return graph.op('Mul', [difference, difference]);
  }),
  Equal: comparison('Equal'),
  NotEqual: (conversion) => conversion.graph.op('Not', [comparison('Equal')(conversion) as string]),
  Greater: comparison('Greater'),
  GreaterEqual: comparison('GreaterOrEqual'),
  Less: comparison('Less'),
  LessEqual: comparison('LessOrEqual'),
  LogicalAnd: logical('And'),
  LogicalOr: logical('Or'),
  LogicalNot: (conversion) => {
    const { value, dtype } = conversion.input('x');
    return conversion.graph.op('Not', [conversion.graph.cast(value, dtype, 'bool')]);
  },
};
