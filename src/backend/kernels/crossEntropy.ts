import { CROSS_ENTROPY, CROSS_ENTROPY_GRADIENT } from '../../gradients/crossEntropy.js';
import { tf } from '../../tf.js';
import { type KernelAddition, type KernelCall, storedFloats } from '../kernel.js';

function floatsOf(call: KernelCall, name: string): Float32Array {
  return storedFloats(call, call.inputs[name] as tf.TensorInfo);
}

const crossEntropy: KernelAddition = {
  kernelName: CROSS_ENTROPY,
  run: (call) => {
    const { backend, inputs, native } = call;
    const shape = (inputs.logits as tf.TensorInfo).shape.slice(0, -1);
    const out = backend.allocate('float32', tf.util.sizeFromShape(shape));
    native.tensorCrossEntropy(floatsOf(call, 'labels'), floatsOf(call, 'logits'), out);
    return backend.adopt(out, shape, 'float32');
  },
};

const crossEntropyGradient: KernelAddition = {
  kernelName: CROSS_ENTROPY_GRADIENT,
  run: (call) => {
    const { backend, inputs, native } = call;
    const { shape } = inputs.logits as tf.TensorInfo;
    const out = backend.allocate('float32', tf.util.sizeFromShape(shape));
    const [labels, logits, dy] = [floatsOf(call, 'labels'), floatsOf(call, 'logits'), floatsOf(call, 'dy')];
    native.tensorCrossEntropyGradient(labels, logits, dy, out);
    return backend.adopt(out, shape, 'float32');
  },
};

export const crossEntropyAdditions: readonly KernelAddition[] = [crossEntropy, crossEntropyGradient];
