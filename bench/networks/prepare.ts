import { tf } from '../../src/tf.js';
import type { Prepared } from '../serve.js';
import { autoencoder } from './autoencoder.js';
import type { NetworkConfiguration, ProductConfiguration } from './configurations.js';
import { gan } from './gan.js';
import { lstm } from './lstm.js';
import type { Network } from './network.js';
import { perceptron } from './perceptron.js';
import { Draws } from './train.js';

/** The configuration built of TensorFlow.js' layers, on the backend in use. */
export function networkOf(configuration: NetworkConfiguration): Network {
  switch (configuration.network) {
    case 'perceptron':
      return perceptron(configuration);
    case 'gan':
      return gan(configuration);
    case 'autoencoder':
      return autoencoder(configuration);
    case 'lstm':
      return lstm(configuration);
    case 'matrixProduct':
      return matrixProduct(configuration);
  }
}

function matrixProduct({ batch, inner, columns }: ProductConfiguration): Network {
  const draws = new Draws();
  const [a, b] = [draws.normal([batch, inner]), draws.normal([inner, columns])];
  return {
    step: () => [tf.matMul(a, b)],
    parameters: 0,
    multiplyAdds: batch * inner * columns,
    held: [a, b],
  };
}

/** A step of a network as a task of the benchmark. */
export function prepareNetwork(configuration: NetworkConfiguration): Prepared {
  const { step, parameters, multiplyAdds, held } = networkOf(configuration);
  return {
    run: () => {
      tf.tidy(() => {
        step();
      });
    },
    parameters,
    multiplyAdds,
    dispose: () => {
      for (const each of held) each.dispose();
    },
  };
}
