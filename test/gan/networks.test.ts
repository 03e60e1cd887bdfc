import test from 'ava';
import '../../src/backend/index.js';
import { Gan } from '../../src/gan/gan.js';
import { convolutionalGanNetworks } from '../../src/gan/networks.js';
import { Random } from '../../src/random.js';
import { tf } from '../../src/tf.js';

test.before(() => tf.ready());

for (const channels of [1, 3]) {
  test(`a generator of images of ${channels} channels starts with contrast`, (t) => {
    const shape = [28, 28, channels];
    const networks = convolutionalGanNetworks({ shape, latentDim: 2, seed: 0 });
    const gan = new Gan({ ...networks, shape, latentDim: 2 });
    const deviation = tf.tidy(() => {
      const pixels = gan.generate(gan.latent(64, new Random(0, 0)), undefined, true);
      return tf.sqrt(tf.moments(pixels).variance).dataSync<'float32'>()[0] as number;
    });
    // A uniform law on (0, 1) has 0.29, digits about 0.31.
    t.true(deviation > 0.12 && deviation < 0.35, `pixels deviate by ${deviation}`);
    gan.dispose();
  });
}
