import { layers, type Tensor, tf } from '../../src/tf.js';
import type { AutoencoderConfiguration } from './configurations.js';
import { convolutionCosts, innermost, STRIDED, sizeOf } from './images.js';
import type { Network } from './network.js';
import { training, trainingThroughout } from './passes.js';
import { adam, apply, countOf, Draws, stack, update, variablesOf } from './train.js';

const { dense, conv2d, conv2dTranspose, reshape, flatten } = layers.layers;

/** A variational autoencoder (Kingma and Welling 2014) of images with Bernoulli pixels. */
export function autoencoder(configuration: AutoencoderConfiguration): Network {
  const { side, channels, latents, batch } = configuration;
  const inner = innermost(configuration);
  const encoder = stack(
    conv2d({ ...STRIDED, filters: channels[0], activation: 'relu', inputShape: [side, side, 1] }),
    conv2d({ ...STRIDED, filters: channels[1], activation: 'relu' }),
    flatten(),
    dense({ units: 2 * latents }),
  );
  const decoder = stack(
    dense({ units: sizeOf(inner), activation: 'relu', inputShape: [latents] }),
    reshape({ targetShape: inner }),
    conv2dTranspose({ ...STRIDED, filters: channels[0], activation: 'relu' }),
    conv2dTranspose({ ...STRIDED, filters: 1 }),
  );
  const draws = new Draws();
  const x = draws.uniform([batch, side, side, 1]);
  const variables = [...variablesOf(encoder), ...variablesOf(decoder)];
  const optimizer = adam();
  /** The negative lower bound in nats an image, its expectation from one draw. */
  const loss = (noise: Tensor): Tensor => {
    const [mean, logVariance] = tf.split(apply(encoder, x), 2, 1) as [Tensor, Tensor];
    const logits = apply(decoder, tf.add(mean, tf.mul(noise, tf.exp(tf.mul(logVariance, 0.5)))));
    const reconstruction = tf.sum(tf.sub(tf.softplus(logits), tf.mul(x, logits)));
    const variance = tf.sub(tf.sub(tf.exp(logVariance), logVariance), 1);
    const divergence = tf.mul(tf.sum(tf.add(variance, tf.square(mean))), 0.5);
    return tf.div(tf.add(reconstruction, divergence), batch);
  };
  const [outer, between] = convolutionCosts(configuration);
  const encodes = [outer, between, sizeOf(inner) * 2 * latents];
  const decodes = [latents * sizeOf(inner), between, outer];
  return {
    step: () => {
      const noise = draws.normal([batch, latents]);
      return [update(optimizer, variables, () => loss(noise))];
    },
    parameters: countOf(variables),
    multiplyAdds: batch * (training(encodes) + trainingThroughout(decodes)),
    held: [encoder, decoder, x, optimizer],
  };
}
