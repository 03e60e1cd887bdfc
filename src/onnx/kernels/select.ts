import { sameSizes } from '../dimensions.js';
import type { Conversion, Converters, Operand } from './conversion.js';

/**
 * Where. The three operands have one shape: `tf.where` broadcasts them itself. ONNX Runtime has no Where
 * for truth values, so those are chosen by logic.
 */
function select(conversion: Conversion): string {
  const { graph, result } = conversion;
  const [condition, t, e] = ['condition', 't', 'e'].map((name) => conversion.input(name)) as [
    Operand,
    Operand,
    Operand,
  ];
  if (!sameSizes(condition.sizes, t.sizes)) conversion.unsupported('its condition has another shape');
  const [choice, yes, no] = conversion.broadcast(condition, t, e) as [string, string, string];
  const chosen = graph.cast(choice, condition.dtype, 'bool');
  const [onTrue, onFalse] = [graph.cast(yes, t.dtype, result.dtype), graph.cast(no, e.dtype, result.dtype)];
  if (result.dtype !== 'bool') return graph.op('Where', [chosen, onTrue, onFalse]);
  return graph.op('Or', [
    graph.op('And', [chosen, onTrue]),
    graph.op('And', [graph.op('Not', [chosen]), onFalse]),
  ]);
}

/** Bounds are compared as tfjs does, so that a NaN stays one. */
function clip(conversion: Conversion): string {
  const { graph, result } = conversion;
  const { value, dtype } = conversion.input('x');
  const type = dtype === 'float32' ? 'float32' : 'int32';
  const [minimum, maximum] = ['clipValueMin', 'clipValueMax'].map((name) => conversion.number(name));
  const x = graph.cast(value, dtype, type);
  const clipped = graph.op('Clip', [
    x,
    graph.scalar(type, minimum as number),
    graph.scalar(type, maximum as number),
  ]);
  return graph.cast(clipped, type, result.dtype);
}

export const selection: Converters = {
  Select: select,
  ClipByValue: clip,
  Cast: (conversion) => {
    const { value, dtype } = conversion.input('x');
    return conversion.graph.cast(value, dtype, conversion.result.dtype);
  },
};
