import { fromBinary } from '@bufbuild/protobuf';
import test from 'ava';
import ort from 'onnxruntime-node';
import '../../src/backend/index.js';
import { maxRelativeError } from '../../src/onnx/compare.js';
import { GraphBuilder } from '../../src/onnx/graph.js';
import { ModelProtoSchema } from '../../src/onnx/proto/onnx_pb.js';
import { type Tensor, type Tensor2D, tf } from '../../src/tf.js';
import { buildVae, type VaeConfig } from '../../src/vae/config.js';
import { writeDecoderGraph, writeEncoderGraph, writeGeneratorGraph } from '../../src/vae/graphs.js';
import type { Vae } from '../../src/vae/vae.js';
import { normalMatrix, normals } from '../flows/laws.js';
import { openSession } from '../onnx/support.js';

test.before(() => tf.ready());

const image = { shape: [8, 8, 2], latentDim: 3 } as const;
const configurations: Record<string, VaeConfig> = {
  perceptrons: {
    shape: [5],
    latentDim: 2,
    networks: { kind: 'mlp', hidden: [6, 4] },
    likelihood: { kind: 'gaussian', scale: 'perOutput' },
  },
  'perceptrons of images, a mixture': {
    shape: [3, 2, 1],
    latentDim: 2,
    networks: { kind: 'mlp', hidden: [6], activation: 'tanh' },
    likelihood: { kind: 'categorical', levels: 4 },
    prior: { kind: 'gaussianMixture', components: 3 },
  },
  convolutions: {
    ...image,
    networks: { kind: 'convolutional', channels: [4, 6] },
    likelihood: { kind: 'bernoulli' },
  },
  'residual convolutions, context': {
    ...image,
    contextDim: 2,
    networks: { kind: 'convolutional', channels: [4, 6], residualBlocks: 2 },
    likelihood: { kind: 'discretisedLogistic' },
    prior: { kind: 'flow', flow: { preset: 'realNvp', layers: 2, hidden: [5] } },
    posteriorFlow: { preset: 'iaf', layers: 1, hidden: [5], contextDim: 2 },
  },
  'continuous Bernoulli, VampPrior': {
    ...image,
    networks: { kind: 'convolutional', channels: [4] },
    likelihood: { kind: 'continuousBernoulli' },
    prior: { kind: 'vampPrior', components: 4 },
  },
};

/** What a file gives for inputs by name. */
async function run(
  write: (builder: GraphBuilder, vae: Vae) => void,
  vae: Vae,
  inputs: Record<string, Tensor>,
) {
  const builder = new GraphBuilder('test');
  write(builder, vae);
  const file = builder.finish();
  const session = await openSession(file);
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, tensor]) => [
      name,
      new ort.Tensor('float32', tensor.dataSync<'float32'>().slice(), tensor.shape),
    ]),
  );
  return { results: await session.run(feeds), file };
}

for (const [name, config] of Object.entries(configurations)) {
  test.serial(
    `${name}: encoder, decoder and generator give in ONNX Runtime what they give here`,
    async (t) => {
      const vae = await buildVae(config);
      for (const [i, weight] of [...vae.latentModel.weights.values()].entries()) {
        const moves = normals(weight.size, 50 + i, 0.2).map(Math.abs);
        tf.tidy(() => weight.assign(tf.add(weight, tf.tensor(moves, weight.shape))));
      }
      const isImage = config.shape.length === 3;
      for (const n of [1, 5]) {
        const context =
          config.contextDim === undefined ? {} : { context: normalMatrix(n, config.contextDim, 3) };
        const given = Object.values(context)[0];
        const x = vae.sample(n, { seed: 2, observationNoise: true, ...context });
        const close = (found: ort.Tensor | undefined, expected: Tensor, what: string) => {
          t.deepEqual([...(found?.dims ?? [])], expected.shape, what);
          const error = maxRelativeError(found?.data as Float32Array, expected.dataSync<'float32'>());
          t.true(error < 2e-5, `${what}, ${n} rows: ${error}`);
        };
        const first = (rows: Tensor) => (isImage ? tf.transpose(rows, [0, 3, 1, 2]) : tf.clone(rows));
        const rowName = isImage ? 'image' : 'x';
        const encoded = await run(writeEncoderGraph, vae, { [rowName]: first(x), ...context });
        const moments = vae.latentModel.moments(x, given);
        close(encoded.results.mean, moments.mean, 'mean');
        close(encoded.results.log_variance, moments.logVariance, 'log-variance');
        t.is('code' in encoded.results, config.posteriorFlow !== undefined);
        if (encoded.results.code !== undefined) close(encoded.results.code, vae.encode(x, given), 'code');
        const z = normalMatrix(n, config.latentDim, 4);
        const decoded = await run(writeDecoderGraph, vae, { z, ...context });
        close(decoded.results[rowName], first(vae.decode(z, given)), 'decoder');
        const { prior } = vae.latentModel;
        const noise = normalMatrix(n, prior.noiseDim as number, 5);
        const generated = await run(writeGeneratorGraph, vae, { z: noise, ...context });
        close(
          generated.results[rowName],
          first(vae.decode(prior.fromNormal(noise) as Tensor2D, given)),
          'generator',
        );
        if (config.networks.kind === 'convolutional') {
          const operators = [encoded, decoded].map(({ file }) =>
            fromBinary(ModelProtoSchema, file).graph?.node.filter(({ opType }) => opType === 'Transpose'),
          );
          // One before the encoder's dense layer and one after the decoder's; images come and go as they are inside.
          // A decoder's first residual block takes rows both ways, and has some more.
          const most = config.networks.residualBlocks === undefined ? 1 : 5;
          t.true(operators.every((nodes) => (nodes?.length ?? 9) <= most));
        }
      }
      vae.dispose();
    },
  );
}
