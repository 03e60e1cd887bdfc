import test from 'ava';
import '../../src/backend/index.js';
import { Bernoulli } from '../../src/distributions/likelihoods/bernoulli.js';
import { DiscretisedLogistic } from '../../src/distributions/likelihoods/discretisedLogistic.js';
import { PushforwardError } from '../../src/errors.js';
import { refreshBatchStatistics } from '../../src/nn/batchStatistics.js';
import { VariableStore } from '../../src/ops/variableStore.js';
import { Random } from '../../src/random.js';
import { type Tensor, tf } from '../../src/tf.js';
import { buildVae } from '../../src/vae/config.js';
import {
  type ConvolutionalNetworkOptions,
  convolutionalNetworks,
} from '../../src/vae/convolutionalNetworks.js';
import { mlpNetworks } from '../../src/vae/mlpNetworks.js';
import { Vae } from '../../src/vae/vae.js';
import { difference, directionalError, leavesNoTensors, normalMatrix, normals } from '../flows/laws.js';

test.before(() => tf.ready());

const shape = [8, 8, 2];

function imageVae(options: ConvolutionalNetworkOptions = {}, contextDim = 0): Vae {
  const likelihood = new DiscretisedLogistic({ levels: 16 });
  const sizes = { shape, latentDim: 3, contextDim, encoderOutputs: 6, decoderOutputs: [8, 8, 4], seed: 4 };
  const networks = convolutionalNetworks(sizes, { channels: [3, 4], ...options });
  return new Vae({ ...networks, shape, latentDim: 3, contextDim, likelihood });
}

function images(n: number): Tensor {
  const levels = normals(n * 128, 5).map(
    (value) => Math.max(0, Math.min(15, Math.round(8 + 4 * value))) / 15,
  );
  return tf.tensor(levels, [n, ...shape]);
}

test.serial('convolutional networks have gradients for batches as they train on them', (t) => {
  for (const [options, contextDim] of [
    [{}, 0],
    [{ residualBlocks: 1, denseUnits: 5 }, 2],
    [{ batchNormalisation: false }, 0],
  ] as const) {
    const vae = imageVae(options, contextDim);
    leavesNoTensors(t, () => {
      const store = new VariableStore(vae.variables);
      const context = contextDim === 0 ? {} : { context: normalMatrix(4, contextDim, 3) };
      const loss = () => vae.losses(images(4), { seed: 2, training: true, ...context }).loss;
      const gradient = new Float32Array(store.count);
      store.addGradient(loss, gradient);
      const f = (at: Float32Array) => {
        store.assign(at);
        return tf.tidy(() => loss().dataSync()[0] as number);
      };
      t.true(directionalError(f, store.values(), gradient, 16) < 5e-3);
    });
    vae.dispose();
  }
});

test.serial('first weights are of their seed, and codes small', (t) => {
  const make = (seed: number) =>
    mlpNetworks(
      { shape: [2, 3], latentDim: 2, encoderOutputs: 4, decoderOutputs: [2, 3], seed },
      { hidden: [7] },
    );
  const weights = [make(1), make(1), make(2)].map(({ encoder, decoder }) =>
    [...encoder.getWeights(), ...decoder.getWeights()].map((weight) => Array.from(weight.dataSync())),
  );
  t.deepEqual(weights[0], weights[1]);
  t.notDeepEqual(weights[0], weights[2]);
  const vae = imageVae();
  leavesNoTensors(t, () => {
    const codes = vae.encode(images(5)).dataSync<'float32'>();
    t.true(codes.every((code) => Math.abs(code) < 3) && codes.some((code) => code !== 0));
    t.deepEqual(vae.decode(tf.zeros([2, 3])).shape, [2, ...shape]);
  });
  vae.dispose();
});

test.serial('a scale of the context is as good as a longer context', async (t) => {
  for (const networks of [
    { kind: 'mlp', hidden: [6] },
    { kind: 'convolutional', channels: [3], denseUnits: 5 },
  ] as const) {
    const config = { shape: [4, 4, 1], latentDim: 2, contextDim: 3, networks, seed: 5 } as const;
    const [plain, scaled] = await Promise.all(
      [{}, { contextScale: 3 }].map((scale) =>
        buildVae({ ...config, ...scale, likelihood: { kind: 'bernoulli' } }),
      ),
    );
    if (plain === undefined || scaled === undefined) return t.fail();
    const [x, z, context] = [tf.randomUniform([2, 4, 4, 1]), normalMatrix(2, 2, 1), normalMatrix(2, 3, 2)];
    const longer: tf.Tensor2D = tf.mul(context, 3);
    for (const of of [plain, scaled].map((vae) => (given: tf.Tensor2D) => [
      vae.encode(x, given),
      vae.decode(z, given),
    ])) {
      t.true(difference(of(context)[0] as Tensor, of(longer)[0] as Tensor) > 1e-3);
    }
    t.true(difference(scaled.encode(x, context), plain.encode(x, longer)) < 1e-6);
    t.true(difference(scaled.decode(z, context), plain.decode(z, longer)) < 1e-6);
    plain.dispose();
    scaled.dispose();
  }
});

test.serial('a VAE of colour images starts near the uniform code', async (t) => {
  const channels = 3;
  const size = [8, 8, channels];
  const pixels = 8 * 8 * channels;
  for (const networks of [
    { kind: 'convolutional', channels: [8, 16] },
    { kind: 'mlp', hidden: [32] },
  ] as const) {
    const vae = await buildVae({
      shape: size,
      latentDim: 4,
      likelihood: { kind: 'discretisedLogistic' },
      networks,
    });
    leavesNoTensors(t, () => {
      const levels = new Random(3)
        .uniform(new Float32Array(64 * pixels))
        .map((u) => Math.floor(256 * u) / 255);
      const { reconstruction } = vae.losses(tf.tensor(levels, [64, ...size]), { training: true });
      const bits = (reconstruction.dataSync()[0] as number) / pixels / Math.LN2;
      t.true(bits > 7.9 && bits < 12, `${networks.kind}: ${bits} bits a number`);
    });
    vae.dispose();
  }
});

test.serial('running statistics are made those of the rows, batch by batch', (t) => {
  const vae = imageVae();
  const { decoder, encoder } = vae.latentModel;
  leavesNoTensors(t, () => {
    const z = tf.tensor2d(normals(12, 6), [4, 3]);
    const batches = [tf.slice(z, [0, 0], [2, -1]), tf.slice(z, [2, 0], [2, -1])];
    const refresh = (rows: readonly Tensor[]) =>
      refreshBatchStatistics([encoder.model, decoder.model], rows.length, (k) =>
        tf.tidy(() => decoder.apply(rows[k] as Tensor, undefined, true)),
      );
    const statistics = () =>
      decoder.model.nonTrainableWeights.map((weight) => Float32Array.from(weight.read().dataSync()));
    refresh([z]);
    t.true(difference(decoder.apply(z), decoder.apply(z, undefined, true)) < 1e-5, 'one batch');
    refresh(batches.slice(0, 1));
    const first = statistics();
    refresh(batches.slice(1));
    const second = statistics();
    refresh(batches);
    statistics().forEach((values, i) => {
      const mean = values.map((_, k) => ((first[i]?.[k] as number) + (second[i]?.[k] as number)) / 2);
      t.true(difference(values, mean) < 1e-5, 'two batches');
    });
    // Whatever they were before: after a step that went astray they may be anything.
    const wanted = statistics();
    for (const astray of [Number.NaN, Number.POSITIVE_INFINITY, 1e30]) {
      tf.tidy(() => {
        for (const weight of decoder.model.nonTrainableWeights)
          weight.write(tf.fill(weight.shape as number[], astray));
      });
      refresh(batches);
      t.deepEqual(statistics(), wanted, `${astray}`);
    }
    // The momentum of training is back.
    const before = statistics()[0] as Float32Array;
    tf.tidy(() => decoder.apply(tf.mul(z, 5), undefined, true));
    const moved = statistics()[0] as Float32Array;
    tf.tidy(() => decoder.apply(tf.mul(z, 5), undefined, true));
    const again = statistics()[0] as Float32Array;
    const share =
      ((again[0] as number) - (moved[0] as number)) / ((moved[0] as number) - (before[0] as number));
    t.true(Math.abs(share - 0.9) < 1e-3, `${share}`);
  });
  vae.dispose();
});

test('images that cannot be halved are refused', (t) => {
  const sizes = { latentDim: 2, encoderOutputs: 4, decoderOutputs: [6, 8, 1], seed: 0 };
  for (const wrong of [[6, 8, 1], [8], [8, 8]]) {
    const error = t.throws(() => convolutionalNetworks({ ...sizes, shape: wrong }), {
      instanceOf: PushforwardError,
    });
    t.regex(error.message, /multiples of 4/);
  }
  t.throws(() => convolutionalNetworks({ ...sizes, shape: [8, 8, 1] }, { channels: [] }));
});

test.serial('a model with images of zeros and ones has a finite bound', (t) => {
  const sizes = { shape: [4, 4, 1], latentDim: 2, encoderOutputs: 4, decoderOutputs: [4, 4, 1], seed: 0 };
  const networks = convolutionalNetworks(sizes, { channels: [2] });
  const vae = new Vae({ ...networks, shape: [4, 4, 1], latentDim: 2, likelihood: new Bernoulli() });
  leavesNoTensors(t, () => {
    const x = tf.tensor(
      normals(32, 2).map((value) => (value > 0 ? 1 : 0)),
      [2, 4, 4, 1],
    );
    t.true(
      vae
        .elbo(x)
        .elbo.dataSync()
        .every((value) => value < 0 && value > -100),
    );
  });
  vae.dispose();
});
