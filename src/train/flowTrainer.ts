import type { Flow } from '../flows/flow.js';
import { adamStep } from '../ops/adam.js';

/**
 * One update from rows x [n·dim] and context [n·contextDim] or null: gives their mean negative log-likelihood before
 * it, in nats.
 */
export type FlowTrainingStep = (
  x: Float32Array,
  context: Float32Array | null,
  learningRate: number,
) => number;

/**
 * Plain training, by hand-made batches and rates: the gradient of the mean negative log-likelihood, fused Adam, and
 * the new values put in place.
 * @param values the flow's parameters, which the step moves; whoever moves the flow's otherwise moves these too.
 */
export function flowTrainer(
  flow: Flow,
  values = flow.parameters.values(),
  clipNorm = Number.POSITIVE_INFINITY,
): FlowTrainingStep {
  const [gradient, m, v] = [values, values, values].map(({ length }) => new Float32Array(length)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm };
  let step = 0;
  return (x, context, learningRate) => {
    const loss = flow.negativeLogLikelihoodAndGradient(x, context, gradient);
    step += 1;
    adamStep(values, gradient, m, v, { ...adam, learningRate, step });
    flow.parameters.assign(values);
    return loss;
  };
}
