import { PushforwardError } from '../errors.js';
import type { NativeFlowPlan } from '../native/addon.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';

/** What a flow's map reads: rows [n, dim], their context [n, c] where the flow takes one, weights [P]. */
export interface FlowInputs {
  readonly rows: Tensor2D;
  readonly context: Tensor2D | undefined;
  readonly flat: Tensor;
}

/** The host arrays of the same, as the plan takes them. */
interface FlowArrays {
  readonly rows: Float32Array;
  readonly context: Float32Array | null;
  readonly flat: Float32Array;
}

/** log p [n] in nats by the plan, differentiable once w.r.t. rows, context and weights. */
export function fusedLogProb(plan: NativeFlowPlan, inputs: FlowInputs): Tensor1D {
  const n = inputs.rows.shape[0];
  const forward = (arrays: FlowArrays): Tensor => {
    const out = new Float32Array(n);
    plan.logProb(arrays.flat, arrays.rows, arrays.context, out);
    return tf.tensor1d(out);
  };
  return differentiable(plan, inputs, forward, (arrays, dy) => {
    // d log p = −z·dz + d logDet, with z computed anew rather than kept for every call without a tape.
    const gz = new Float32Array(arrays.rows.length);
    const logDet = new Float32Array(n);
    plan.forward(arrays.flat, arrays.rows, arrays.context, gz, logDet);
    for (let i = 0; i < n; i++) {
      const weight = dy[i] as number;
      for (let j = 0; j < plan.dim; j++) gz[i * plan.dim + j] = -weight * (gz[i * plan.dim + j] as number);
    }
    return { gz, gLogDet: dy };
  }) as Tensor1D;
}

/**
 * Data to latent by the plan, both results differentiable once w.r.t. rows, context and weights. On a
 * tape they are one op [n, dim + 1], so that a loss of both costs the plan one backward pass.
 */
export function fusedForward(plan: NativeFlowPlan, inputs: FlowInputs): { z: Tensor2D; logDet: Tensor1D } {
  const n = inputs.rows.shape[0];
  const { dim } = plan;
  const run = (arrays: FlowArrays) => {
    const z = new Float32Array(n * dim);
    const logDet = new Float32Array(n);
    plan.forward(arrays.flat, arrays.rows, arrays.context, z, logDet);
    return { z, logDet };
  };
  if (!isRecording()) {
    const { z, logDet } = run(hostArrays(inputs));
    return { z: tf.tensor2d(z, [n, dim]), logDet: tf.tensor1d(logDet) };
  }
  return tf.tidy(() => {
    const joined = differentiable(
      plan,
      inputs,
      (arrays) => {
        const { z, logDet } = run(arrays);
        const values = new Float32Array(n * (dim + 1));
        for (let i = 0, from = 0, to = 0; i < n; i++) {
          for (let j = 0; j < dim; j++) values[to++] = z[from++] as number;
          values[to++] = logDet[i] as number;
        }
        return tf.tensor2d(values, [n, dim + 1]);
      },
      (_, dy) => {
        const gz = new Float32Array(n * dim);
        const gLogDet = new Float32Array(n);
        for (let i = 0, from = 0, to = 0; i < n; i++) {
          for (let j = 0; j < dim; j++) gz[to++] = dy[from++] as number;
          gLogDet[i] = dy[from++] as number;
        }
        return { gz, gLogDet };
      },
    );
    const [z, logDet] = tf.split(joined, [dim, 1], 1) as [Tensor2D, Tensor2D];
    return { z, logDet: tf.reshape(logDet, [n]) };
  });
}

/** Latent to data by the plan: values alone, for where no gradient is recorded (see `isRecording`). */
export function fusedInverse(plan: NativeFlowPlan, inputs: FlowInputs): { x: Tensor2D; logDet: Tensor1D } {
  const n = inputs.rows.shape[0];
  const { flat, rows, context } = hostArrays(inputs);
  const x = new Float32Array(n * plan.dim);
  const logDet = new Float32Array(n);
  plan.inverse(flat, rows, context, x, logDet);
  return { x: tf.tensor2d(x, [n, plan.dim]), logDet: tf.tensor1d(logDet) };
}

/** Rows that `inBlocks` lets through at a time. */
const BLOCK = 16384;

/**
 * What `body` makes of the rows [n], block by block where no gradient is recorded, so that its
 * intermediates do not grow with n.
 */
export function inBlocks(inputs: FlowInputs, body: (inputs: FlowInputs) => Tensor1D): Tensor1D {
  const n = inputs.rows.shape[0];
  if (isRecording() || n <= BLOCK) return body(inputs);
  return tf.tidy(() => {
    const blocks: Tensor1D[] = [];
    for (let start = 0; start < n; start += BLOCK) {
      const size = Math.min(BLOCK, n - start);
      const cut = (tensor: Tensor2D) => tf.slice(tensor, [start, 0], [size, -1]);
      blocks.push(
        tf.tidy(() => {
          const context = inputs.context === undefined ? undefined : cut(inputs.context);
          return body({ ...inputs, rows: cut(inputs.rows), context });
        }),
      );
    }
    return tf.concat(blocks);
  });
}

/**
 * Whether ops are being recorded for a gradient. The plan pulls back cotangents of `forward` alone,
 * so under a tape an inverse has to be the tfjs definition.
 */
export function isRecording(): boolean {
  return tf.engine().isTapeOn();
}

/**
 * `forward` of the inputs as one op of the tape. Its gradient is the plan's `vectorJacobian` of the
 * cotangents that `pull` makes of dy; that gradient is an op in its turn, whose own gradient throws.
 * Without it, tfjs would take the host arrays for constants and second derivatives for zero.
 */
function differentiable(
  plan: NativeFlowPlan,
  inputs: FlowInputs,
  forward: (arrays: FlowArrays) => Tensor,
  pull: (arrays: FlowArrays, dy: Float32Array) => { gz: Float32Array; gLogDet: Float32Array },
): Tensor {
  const tensors = present(inputs);
  const op = tf.customGrad((...args) => {
    (args[tensors.length] as tf.GradSaveFunc)(tensors);
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
      const [rows, ...others] = saved as [Tensor2D, ...Tensor[]];
      const flat = others[others.length - 1] as Tensor;
      const context = others.length > 1 ? (others[0] as Tensor2D) : undefined;
      const arrays = hostArrays({ rows, context, flat });
      const { gz, gLogDet } = pull(arrays, hostValues(dy));
      const gx = new Float32Array(arrays.rows.length);
      const gContext = arrays.context === null ? null : new Float32Array(arrays.context.length);
      const gFlat = new Float32Array(arrays.flat.length);
      plan.vectorJacobian(arrays.flat, arrays.rows, arrays.context, gz, gLogDet, gx, gContext, gFlat);
      const gradients = gContext === null ? [gx, gFlat] : [gx, gContext, gFlat];
      return gradients.map((gradient, i) =>
        onceDifferentiable(gradient, (saved[i] as Tensor).shape, [dy, ...saved]),
      );
    };
    return { value: forward(hostArrays(inputs)), gradFunc };
  });
  return op(...tensors);
}

/** A tensor of these values that counts as a function of `inputs` whose gradient nobody knows. */
function onceDifferentiable(values: Float32Array, shape: number[], inputs: readonly Tensor[]): Tensor {
  const op = tf.customGrad(() => ({
    value: tf.tensor(values, shape),
    gradFunc: () => {
      throw new PushforwardError('unsupported', 'the fused flow has no second derivatives', {
        mend: 'build the flow with `reference: true`, which runs its tfjs definition',
      });
    },
  }));
  return op(...inputs);
}

function present({ rows, context, flat }: FlowInputs): Tensor[] {
  return context === undefined ? [rows, flat] : [rows, context, flat];
}

function hostArrays({ rows, context, flat }: FlowInputs): FlowArrays {
  return {
    rows: hostValues(rows),
    context: context === undefined ? null : hostValues(context),
    flat: hostValues(flat),
  };
}

/**
 * A float32 tensor's values. tfjs casts a boolean to float32 by relabelling its bytes, so the storage
 * of a float32 tensor, a one-hot context say, may be a Uint8Array.
 */
function hostValues(tensor: Tensor): Float32Array {
  const values = tensor.dataSync();
  return values instanceof Float32Array ? values : Float32Array.from(values);
}
