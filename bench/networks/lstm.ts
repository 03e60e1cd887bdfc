import { layers, tf } from '../../src/tf.js';
import type { LstmConfiguration } from './configurations.js';
import type { Network } from './network.js';
import { trainingThroughout } from './passes.js';
import { adam, apply, countOf, Draws, stack, update, variablesOf } from './train.js';

/** Mean squared error of a linear map of the last state. */
export function lstm({ inputs, units, steps, batch }: LstmConfiguration): Network {
  const model = stack(
    layers.layers.lstm({
      units,
      inputShape: [steps, inputs],
      recurrentActivation: 'sigmoid',
      // The orthogonal one, which is the default, takes a decomposition in JavaScript.
      recurrentInitializer: 'glorotUniform',
    }),
    layers.layers.dense({ units: 1 }),
  );
  const draws = new Draws();
  const x = draws.normal([batch, steps, inputs]);
  const y = draws.normal([batch, 1]);
  const variables = variablesOf(model);
  const optimizer = adam();
  // The first state is zero: it has no product to differentiate, nor has the data.
  const ofData = 4 * units * inputs * steps;
  const ofStates = 4 * units * units;
  return {
    step: () => [update(optimizer, variables, () => tf.mean(tf.squaredDifference(apply(model, x), y)))],
    parameters: countOf(variables),
    multiplyAdds: batch * (2 * ofData + 3 * ofStates * (steps - 1) + trainingThroughout([units])),
    held: [model, x, y, optimizer],
  };
}
