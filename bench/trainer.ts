import type { Flow } from '../src/flows/flow.js';
import { adamStep } from '../src/ops/adam.js';

/** One update from rows x [n·dim] and context [n·contextDim] or null. */
export type TrainingStep = (x: Float32Array, context: Float32Array | null, learningRate: number) => void;

/**
 * A fit's update of a flow whose parameters are `values`: the gradient of the mean negative
 * log-likelihood, fused Adam, and the new values put in place.
 */
export function trainer(flow: Flow, values: Float32Array, clipNorm = Number.POSITIVE_INFINITY): TrainingStep {
  const gradient = new Float32Array(values.length);
  const m = new Float32Array(values.length);
  const v = new Float32Array(values.length);
  let step = 0;
  return (x, context, learningRate) => {
    flow.negativeLogLikelihoodAndGradient(x, context, gradient);
    step += 1;
    adamStep(values, gradient, m, v, {
      learningRate,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weightDecay: 0,
      step,
      clipNorm,
    });
    flow.parameters.assign(values);
  };
}
