import type { MatMulFinish } from '../../native/tensorKernels.js';
import { tf } from '../../tf.js';
import { floatOperand, type KernelCall, type KernelReplacement, type Operand } from '../kernel.js';
import { broadcast } from '../layout.js';
import { activationOf, perColumn, slopeOf } from './finish.js';

/** What follows the product: a bias for each column, an activation. */
interface Finish {
  readonly activation: MatMulFinish;
  readonly bias: Float32Array | null;
  readonly alpha: number;
}

function product(
  call: KernelCall,
  a: Operand<Float32Array>,
  b: Operand<Float32Array>,
  finish: Finish,
): tf.TensorInfo | null {
  const { backend, native, attrs } = call;
  const transposeA = attrs.transposeA === true;
  const transposeB = attrs.transposeB === true;
  if (a.shape.length < 2 || b.shape.length < 2) return null;
  const [aHeight, aWidth] = a.shape.slice(-2) as [number, number];
  const [bHeight, bWidth] = b.shape.slice(-2) as [number, number];
  const [rows, inner] = transposeA ? [aWidth, aHeight] : [aHeight, aWidth];
  const [depth, columns] = transposeB ? [bWidth, bHeight] : [bHeight, bWidth];
  if (inner !== depth) return null;
  const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2), rows * inner, inner * columns);
  if (batch === null) return null;
  const shape = [...batch.shape, rows, columns];
  const out = backend.allocate('float32', tf.util.sizeFromShape(shape));
  native.tensorMatMul[finish.activation](
    a.values,
    b.values,
    finish.bias,
    out,
    rows,
    columns,
    inner,
    transposeA,
    transposeB,
    batch.layout,
    finish.alpha,
  );
  return backend.adopt(out, shape, 'float32');
}

const batchMatMul: KernelReplacement = {
  kernelName: tf.BatchMatMul,
  run: (call) => {
    const a = floatOperand(call, call.inputs.a);
    const b = floatOperand(call, call.inputs.b);
    return a === null || b === null
      ? null
      : product(call, a, b, { activation: 'linear', bias: null, alpha: 0 });
  },
};

/** Biases of other shapes, and prelu, take the CPU kernel. */
const fusedMatMul: KernelReplacement = {
  kernelName: tf._FusedMatMul,
  run: (call) => {
    const { inputs, attrs } = call;
    const a = floatOperand(call, inputs.a);
    const b = floatOperand(call, inputs.b);
    const activation = activationOf(call);
    if (a === null || b === null || activation === null) return null;
    const columns = b.shape[b.shape.length - (attrs.transposeB === true ? 2 : 1)] as number;
    const bias = perColumn(call, inputs.bias, columns);
    if (bias === undefined) return null;
    return product(call, a, b, { activation, bias, alpha: slopeOf(call) });
  },
};

export const matMulKernels: readonly KernelReplacement[] = [batchMatMul, fusedMatMul];
