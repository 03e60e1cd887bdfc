import type { Conversion, Converters } from './conversion.js';

/** A float32 operator on an operand of any type, back in the type that tfjs gives the result. */
export function onFloat(conversion: Conversion, write: (x: string) => string): string {
  const { graph, result } = conversion;
  const operand = conversion.input('x');
  if (operand.dtype === 'float32') return write(operand.value);
  return graph.cast(write(graph.cast(operand.value, operand.dtype, 'float32')), 'float32', result.dtype);
}

function direct(op: string) {
  return (conversion: Conversion) => onFloat(conversion, (x) => conversion.graph.op(op, [x]));
}

/**
 * log(1 + x) without losing small x. With u = 1 + x rounded, log(u) · x / (u − 1) undoes the rounding
 * (Kahan); where u − 1 gives x back (x = −1, 0, large, infinite) the quotient is 1, and where u is 1, x
 * itself is the answer.
 */
export function log1p({ graph }: Conversion, x: string): string {
  const one = graph.scalar('float32', 1);
  const u = graph.op('Add', [x, one]);
  const difference = graph.op('Sub', [u, one]);
  const exact = graph.op('Equal', [difference, x]);
  const quotient = graph.op('Where', [exact, one, graph.op('Div', [x, difference])]);
  const product = graph.op('Mul', [graph.op('Log', [u]), quotient]);
  return graph.op('Where', [graph.op('Equal', [u, one]), x, product]);
}

/** exp(x) − 1 = tanh(x / 2) · (exp(x) + 1), which keeps small x and both infinities. */
function expm1({ graph }: Conversion, x: string): string {
  const half = graph.op('Tanh', [graph.op('Mul', [x, graph.scalar('float32', 0.5)])]);
  return graph.op('Mul', [half, graph.op('Add', [graph.op('Exp', [x]), graph.scalar('float32', 1)])]);
}

/** Keeps int32 as it is and runs float32 through the operator. */
function onNumbers(op: string) {
  return (conversion: Conversion) => {
    const { dtype, value } = conversion.input('x');
    return dtype === 'bool'
      ? onFloat(conversion, (x) => conversion.graph.op(op, [x]))
      : conversion.graph.op(op, [value]);
  };
}

/** An operator that changes nothing in whole numbers. */
function rounding(op: string) {
  return (conversion: Conversion) => {
    const { dtype, value } = conversion.input('x');
    return dtype === 'float32' ? conversion.graph.op(op, [value]) : value;
  };
}

export const unary: Converters = {
  Abs: onNumbers('Abs'),
  Neg: onNumbers('Neg'),
  Sign: (conversion) =>
    conversion.input('x').dtype === 'int32'
      ? onNumbers('Sign')(conversion)
      : onFloat(conversion, (x) => sign(conversion, x)),
  Exp: direct('Exp'),
  Expm1: (conversion) => onFloat(conversion, (x) => expm1(conversion, x)),
  Log: direct('Log'),
  Log1p: (conversion) => onFloat(conversion, (x) => log1p(conversion, x)),
  Sqrt: direct('Sqrt'),
  Rsqrt: (conversion) => onFloat(conversion, (x) => reciprocal(conversion, conversion.graph.op('Sqrt', [x]))),
  Square: (conversion) => {
    const { value } = conversion.input('x');
    return conversion.graph.op('Mul', [value, value]);
  },
  Reciprocal: (conversion) => onFloat(conversion, (x) => reciprocal(conversion, x)),
  Sin: direct('Sin'),
  Cos: direct('Cos'),
  Tan: direct('Tan'),
  Asin: direct('Asin'),
  Acos: direct('Acos'),
  Atan: direct('Atan'),
  Sinh: direct('Sinh'),
  Cosh: direct('Cosh'),
  Asinh: direct('Asinh'),
  Acosh: direct('Acosh'),
  Atanh: direct('Atanh'),
  Erf: direct('Erf'),
  Floor: rounding('Floor'),
  Ceil: rounding('Ceil'),
  Round: rounding('Round'),
  IsNan: (conversion) => onFloat(conversion, (x) => conversion.graph.op('IsNaN', [x])),
  IsInf: (conversion) => onFloat(conversion, (x) => conversion.graph.op('IsInf', [x])),
  IsFinite: (conversion) =>
    onFloat(conversion, (x) => {
      const { graph } = conversion;
      return graph.op('Less', [graph.op('Abs', [x]), graph.scalar('float32', Number.POSITIVE_INFINITY)]);
    }),
};

function reciprocal({ graph }: Conversion, x: string): string {
  return graph.op('Reciprocal', [x]);
}

/** The sign, and 0 for NaN as in tfjs. */
function sign({ graph }: Conversion, x: string): string {
  return graph.op('Where', [graph.op('IsNaN', [x]), graph.scalar('float32', 0), graph.op('Sign', [x])]);
}
