import { layers, type Tensor, tf } from '../../src/tf.js';
import type { GanConfiguration } from './configurations.js';
import { convolutionCosts, innermost, STRIDED, sizeOf } from './images.js';
import type { Network } from './network.js';
import { forward, throughout, training } from './passes.js';
import { adam, apply, countOf, Draws, stack, update, variablesOf } from './train.js';

const { dense, conv2d, conv2dTranspose, batchNormalization, activation, leakyReLU, reshape, flatten } =
  layers.layers;

/**
 * DCGAN (Radford et al. 2016) of images in two steps: batch normalisation after all layers but the first
 * and the last of the critic and the last of the generator, which have biases instead, and the
 * non-saturating loss (Goodfellow et al. 2014). A step is one of the critic and one of the generator,
 * with noise of its own each.
 */
export function gan(configuration: GanConfiguration): Network {
  const { side, channels, latents, batch } = configuration;
  const inner = innermost(configuration);
  const generator = stack(
    dense({ units: sizeOf(inner), useBias: false, inputShape: [latents] }),
    batchNormalization(),
    activation({ activation: 'relu' }),
    reshape({ targetShape: inner }),
    conv2dTranspose({ ...STRIDED, filters: channels[0], useBias: false }),
    batchNormalization(),
    activation({ activation: 'relu' }),
    conv2dTranspose({ ...STRIDED, filters: 1, activation: 'tanh' }),
  );
  const critic = stack(
    conv2d({ ...STRIDED, filters: channels[0], inputShape: [side, side, 1] }),
    leakyReLU({ alpha: 0.2 }),
    conv2d({ ...STRIDED, filters: channels[1], useBias: false }),
    batchNormalization(),
    leakyReLU({ alpha: 0.2 }),
    flatten(),
    dense({ units: 1 }),
  );
  const draws = new Draws();
  const real = draws.uniform([batch, side, side, 1]);
  const [ofCritic, ofGenerator] = [variablesOf(critic), variablesOf(generator)];
  const [criticAdam, generatorAdam] = [adam(), adam()];
  const criticStep = (): Tensor => {
    const fake = apply(generator, draws.normal([batch, latents]));
    return update(criticAdam, ofCritic, () => {
      const ofReal = tf.mean(tf.softplus(tf.neg(apply(critic, real))));
      return tf.add(ofReal, tf.mean(tf.softplus(apply(critic, fake))));
    });
  };
  const generatorStep = (): Tensor => {
    const noise = draws.normal([batch, latents]);
    return update(generatorAdam, ofGenerator, () =>
      tf.mean(tf.softplus(tf.neg(apply(critic, apply(generator, noise))))),
    );
  };
  const [outer, between] = convolutionCosts(configuration);
  const makes = [latents * sizeOf(inner), between, outer];
  const judges = [outer, between, sizeOf(inner)];
  return {
    step: () => [criticStep(), generatorStep()],
    parameters: countOf([...ofCritic, ...ofGenerator]),
    multiplyAdds: batch * (forward(makes) + 2 * training(judges) + training(makes) + throughout(judges)),
    held: [generator, critic, real, criticAdam, generatorAdam],
  };
}
