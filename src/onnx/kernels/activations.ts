import type { Conversion, Converters } from './conversion.js';
import { log1p, onFloat } from './unary.js';

/** Constants of the self-normalising unit as tfjs has them (Klambauer et al. 2017). */
const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

function relu({ graph }: Conversion, x: string): string {
  return graph.op('Relu', [x]);
}

function relu6({ graph }: Conversion, x: string): string {
  return graph.op('Clip', [x, graph.scalar('float32', 0), graph.scalar('float32', 6)]);
}

function leakyRelu({ graph }: Conversion, x: string, alpha: number): string {
  return graph.op('LeakyRelu', [x], { alpha: { float: alpha } });
}

function prelu({ graph }: Conversion, x: string, alpha: string): string {
  const negative = graph.op('Less', [x, graph.scalar('float32', 0)]);
  return graph.op('Where', [negative, graph.op('Mul', [x, alpha]), x]);
}

/** log(1 + exp(x)) = max(x, 0) + log1p(exp(−|x|)), which neither overflows nor loses the left tail. */
function softplus(conversion: Conversion, x: string): string {
  const { graph } = conversion;
  const decay = graph.op('Exp', [graph.op('Neg', [graph.op('Abs', [x])])]);
  return graph.op('Add', [graph.op('Relu', [x]), log1p(conversion, decay)]);
}

/** 1 where x > 0, `alpha` elsewhere, NaN where x is NaN. */
function step({ graph }: Conversion, x: string, alpha: number): string {
  const positive = graph.op('Greater', [x, graph.scalar('float32', 0)]);
  const stepped = graph.op('Where', [positive, graph.scalar('float32', 1), graph.scalar('float32', alpha)]);
  return graph.op('Where', [graph.op('IsNaN', [x]), x, stepped]);
}

/** The activation that a fused kernel applies, by tfjs's name for it. */
export function activation(conversion: Conversion, x: string): string {
  const name = conversion.attributes.activation ?? 'linear';
  switch (name) {
    case 'linear':
      return x;
    case 'relu':
      return relu(conversion, x);
    case 'relu6':
      return relu6(conversion, x);
    case 'elu':
      return conversion.graph.op('Elu', [x]);
    case 'sigmoid':
      return conversion.graph.op('Sigmoid', [x]);
    case 'leakyrelu':
      return leakyRelu(conversion, x, conversion.number('leakyreluAlpha'));
    case 'prelu':
      return prelu(conversion, x, conversion.input('preluActivationWeights').value);
    default:
      return conversion.unsupported(`its activation is ${String(name)}`);
  }
}

export const activations: Converters = {
  Relu: (conversion) => onFloat(conversion, (x) => relu(conversion, x)),
  Relu6: (conversion) => onFloat(conversion, (x) => relu6(conversion, x)),
  Elu: (conversion) => onFloat(conversion, (x) => conversion.graph.op('Elu', [x])),
  Selu: (conversion) =>
    onFloat(conversion, (x) =>
      conversion.graph.op('Selu', [x], { alpha: { float: SELU_ALPHA }, gamma: { float: SELU_SCALE } }),
    ),
  LeakyRelu: (conversion) => onFloat(conversion, (x) => leakyRelu(conversion, x, conversion.number('alpha'))),
  Prelu: (conversion) => {
    const [x, alpha] = conversion.broadcast(conversion.input('x'), conversion.input('alpha')) as [
      string,
      string,
    ];
    return prelu(conversion, x, alpha);
  },
  Sigmoid: (conversion) => onFloat(conversion, (x) => conversion.graph.op('Sigmoid', [x])),
  Tanh: (conversion) => onFloat(conversion, (x) => conversion.graph.op('Tanh', [x])),
  Softplus: (conversion) => onFloat(conversion, (x) => softplus(conversion, x)),
  Step: (conversion) => onFloat(conversion, (x) => step(conversion, x, conversion.number('alpha'))),
};
