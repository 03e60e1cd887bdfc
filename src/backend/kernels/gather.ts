import type { Elements } from '../../native/tensorKernels.js';
import { tf } from '../../tf.js';
import { converting, floatOperand, integerOperand, type KernelReplacement, operand } from '../kernel.js';

/** Slices along an axis; an index that leads out is refused by the CPU kernel, in the words of tfjs. */
const gatherV2: KernelReplacement = {
  kernelName: tf.GatherV2,
  run: (call) => {
    const x = operand(call, call.inputs.x);
    const indices = integerOperand(call, call.inputs.indices);
    if (x === null || indices === null) return null;
    const axis = tf.util.parseAxisParam(call.attrs.axis as number, x.shape)[0] as number;
    const dim = x.shape[axis] as number;
    for (const index of indices.values) if (index < 0 || index >= dim) return null;
    const batchDims = (call.attrs.batchDims ?? 0) as number;
    const { batchSize, outerSize, sliceSize, outputShape } =
      tf.backend_util.segment_util.collectGatherOpShapeInfo(
        call.inputs.x as tf.TensorInfo,
        call.inputs.indices as tf.TensorInfo,
        axis,
        batchDims,
      );
    const count = indices.values.length / batchSize;
    const out = call.backend.allocate(x.dtype, batchSize * outerSize * count * sliceSize);
    const sizes = Int32Array.of(batchSize, outerSize, dim, count, sliceSize);
    call.native.tensorGather<Elements>(x.values, indices.values, out, sizes);
    return call.backend.adopt(out, outputShape, x.dtype);
  },
};

/** Sums over the first dimension by its numbers, a list; they are float32 of any type. */
const unsortedSegmentSum: KernelReplacement = {
  kernelName: tf.UnsortedSegmentSum,
  run: (call) => {
    const x = floatOperand(call, call.inputs.x);
    const numbers = integerOperand(call, call.inputs.segmentIds);
    const segments = call.attrs.numSegments as number;
    if (x === null || numbers === null || segments < 1) return null;
    if (numbers.shape.length !== 1 || numbers.shape[0] !== x.shape[0]) return null;
    const slice = x.values.length / numbers.values.length;
    const out = call.backend.allocate('float32', segments * slice);
    call.native.tensorSegmentSum(x.values, numbers.values, out, slice);
    return call.backend.adopt(out, [segments, ...x.shape.slice(1)], 'float32');
  },
};

export const gatherKernels: readonly KernelReplacement[] = [gatherV2, converting(unsortedSegmentSum, 'x')];
