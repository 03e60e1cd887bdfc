import { layers, tf } from '../../src/tf.js';
import type { PerceptronConfiguration } from './configurations.js';
import type { Network } from './network.js';
import { training } from './passes.js';
import { adam, apply, countOf, Draws, stack, update, variablesOf } from './train.js';

export function perceptron({ widths, batch }: PerceptronConfiguration): Network {
  const [inputs, classes] = [widths[0] as number, widths.at(-1) as number];
  const last = widths.length - 1;
  const model = stack(
    ...widths.slice(1).map((units, i) =>
      layers.layers.dense({
        units,
        ...(i === 0 ? { inputShape: [inputs] } : {}),
        ...(i + 1 === last ? {} : { activation: 'relu' as const }),
      }),
    ),
  );
  const x = new Draws().normal([batch, inputs]);
  const indices = tf.tensor1d(
    Array.from({ length: batch }, (_, i) => i % classes),
    'int32',
  );
  const labels = tf.oneHot(indices, classes, 1, 0, 'float32');
  const variables = variablesOf(model);
  const optimizer = adam();
  return {
    step: () => [update(optimizer, variables, () => tf.losses.softmaxCrossEntropy(labels, apply(model, x)))],
    parameters: countOf(variables),
    multiplyAdds: batch * training(widths.slice(1).map((units, i) => units * (widths[i] as number))),
    held: [model, x, indices, labels, optimizer],
  };
}
