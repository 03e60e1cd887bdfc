import test from 'ava';
import '../../src/backend/index.js';
import { Gan } from '../../src/gan/gan.js';
import { convolutionalGanNetworks } from '../../src/gan/networks.js';
import { Random } from '../../src/random.js';
import { tf } from '../../src/tf.js';
import { difference } from '../flows/laws.js';

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

test('the critic of pixels in (0, 1) is that of pixels in (−1, 1), behind 2x − 1', (t) => {
  const shape = [8, 8, 1];
  const [unit, symmetric] = (['sigmoid', 'tanh'] as const).map((pixels) => {
    const networks = convolutionalGanNetworks({ shape, latentDim: 2, seed: 0 }, { channels: [3], pixels });
    return new Gan({ ...networks, shape, latentDim: 2 });
  }) as [Gan, Gan];
  tf.tidy(() => {
    const x = tf.tensor(new Random(4).uniform(new Float32Array(5 * 64)), [5, ...shape]);
    t.true(difference(unit.judge(x), symmetric.judge(tf.sub(tf.mul(x, 2), 1))) < 1e-6);
  });
  unit.dispose();
  symmetric.dispose();
});
