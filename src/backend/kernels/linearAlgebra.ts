import { LU_FACTOR, LU_SOLVE, TRIANGULAR_SOLVE } from '../hostKernels.js';
import { floatOperand, type KernelCall, type KernelReplacement, type Operand, operand } from '../kernel.js';

/** The last dimension. */
function width({ shape }: Operand): number {
  return shape[shape.length - 1] as number;
}

const luFactor: KernelReplacement = {
  kernelName: LU_FACTOR,
  run: (call) => {
    const a = floatOperand(call, call.inputs.a);
    if (a === null) return null;
    const { backend, native } = call;
    const n = width(a);
    const batch = a.values.length / (n * n);
    const lu = backend.allocate('float32', a.values.length);
    const order = backend.allocate('int32', batch * n);
    const sign = backend.allocate('float32', batch);
    const logAbsDet = backend.allocate('float32', batch);
    native.tensorLuFactor(a.values, lu, order, sign, logAbsDet, n);
    return [
      backend.adopt(lu, a.shape, 'float32'),
      backend.adopt(order, a.shape.slice(0, -1), 'int32'),
      backend.adopt(sign, a.shape.slice(0, -2), 'float32'),
      backend.adopt(logAbsDet, a.shape.slice(0, -2), 'float32'),
    ];
  },
};

/** An array for the solutions and, when `solve` has filled it, the tensor. */
function solutions(
  { backend }: KernelCall,
  b: Operand<Float32Array>,
  solve: (x: Float32Array) => void,
): ReturnType<KernelReplacement['run']> {
  const x = backend.allocate('float32', b.values.length);
  solve(x);
  return backend.adopt(x, b.shape, 'float32');
}

const luSolve: KernelReplacement = {
  kernelName: LU_SOLVE,
  run: (call) => {
    const { inputs, attrs, native } = call;
    const lu = floatOperand(call, inputs.lu);
    const order = operand(call, inputs.order);
    const b = floatOperand(call, inputs.b);
    if (lu === null || !(order?.values instanceof Int32Array) || b === null) return null;
    const { values } = order;
    return solutions(call, b, (x) => {
      native.tensorLuSolve(lu.values, values, b.values, x, width(lu), width(b), attrs.transpose === true);
    });
  },
};

const triangularSolve: KernelReplacement = {
  kernelName: TRIANGULAR_SOLVE,
  run: (call) => {
    const { inputs, attrs, native } = call;
    const t = floatOperand(call, inputs.t);
    const b = floatOperand(call, inputs.b);
    if (t === null || b === null) return null;
    return solutions(call, b, (x) => {
      native.tensorTriangularSolve(
        t.values,
        b.values,
        x,
        width(t),
        width(b),
        attrs.lower === true,
        attrs.unitDiagonal === true,
        attrs.transpose === true,
      );
    });
  },
};

export const linearAlgebraKernels: readonly KernelReplacement[] = [luFactor, luSolve, triangularSolve];
