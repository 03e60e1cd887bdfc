import type { MatMulFinish } from '../../native/tensorKernels.js';
import type { tf } from '../../tf.js';
import { floatOperand, type KernelCall } from '../kernel.js';

const ACTIVATIONS: readonly string[] = [
  'linear',
  'relu',
  'relu6',
  'elu',
  'leakyrelu',
  'sigmoid',
] satisfies MatMulFinish[];

/** The activation that a fused kernel is asked for; null for one that the addon has not. */
export function activationOf({ attrs }: KernelCall): MatMulFinish | null {
  const name = (attrs.activation ?? 'linear') as string;
  return ACTIVATIONS.includes(name) ? (name as MatMulFinish) : null;
}

/** The slope below zero of a fused leaky relu. */
export function slopeOf({ attrs }: KernelCall): number {
  return (attrs.leakyreluAlpha ?? 0) as number;
}

/**
 * The numbers of a fused kernel's bias or slopes where they are one for each column (or channel) of the
 * result, null where there are none; undefined for another shape or type.
 */
export function perColumn(
  call: KernelCall,
  given: tf.TensorInfo | undefined,
  columns: number,
): Float32Array | null | undefined {
  if (given === undefined || given === null) return null;
  const found = floatOperand(call, given);
  if (found === null || found.shape.length === 0 || found.values.length !== columns) return undefined;
  return found.shape.slice(0, -1).every((dim) => dim === 1) ? found.values : undefined;
}
