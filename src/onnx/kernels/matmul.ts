import { activation } from './activations.js';
import type { Conversion, Converters, Operand } from './conversion.js';

function transposed({ graph }: Conversion, { value, sizes }: Operand, flip: boolean): string {
  if (!flip) return value;
  const rank = sizes.length;
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return graph.op('Transpose', [value], { perm: [...axes.slice(0, -2), rank - 1, rank - 2] });
}

/** Matrix products over the last two axes; the axes before them broadcast. */
function matMul(conversion: Conversion): string {
  const a = transposed(conversion, conversion.input('a'), conversion.boolean('transposeA'));
  const b = transposed(conversion, conversion.input('b'), conversion.boolean('transposeB'));
  return conversion.graph.op('MatMul', [a, b]);
}

export const matrixProducts: Converters = {
  BatchMatMul: matMul,
  _FusedMatMul: (conversion) => {
    const product = matMul(conversion);
    const bias = conversion.inputs.get('bias');
    return activation(
      conversion,
      bias === undefined ? product : conversion.graph.op('Add', [product, bias.compact]),
    );
  },
};
