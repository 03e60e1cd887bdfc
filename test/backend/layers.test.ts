/** Models of tfjs-layers learn the same on this backend as on the CPU backend. */
import test from 'ava';
import '../../src/backend/index.js';
import { NATIVE_BACKEND } from '../../src/backend/registry.js';
import { addonProblem } from '../../src/native/index.js';
import { Random } from '../../src/random.js';
import { layers, tf } from '../../src/tf.js';

type Layer = InstanceType<typeof layers.layers.Layer>;

interface Model {
  readonly name: string;
  readonly make: () => Layer[];
  readonly input: number[];
  readonly output: number[];
  /** Inputs are whole numbers from 0 to before this one. */
  readonly words?: number;
}

const { layers: make } = layers;

/** The orthogonal matrices that tfjs begins with need its chained methods. */
const RECURRENT = { recurrentInitializer: 'glorotNormal' } as const;

const MODELS: readonly Model[] = [
  {
    name: 'dense layers with normalisation and dropout',
    make: () => [
      make.dense({ units: 12, activation: 'relu', inputShape: [7] }),
      make.batchNormalization(),
      make.dense({ units: 9, activation: 'elu' }),
      make.dropout({ rate: 0.3, seed: 5 }),
      make.dense({ units: 3, activation: 'tanh' }),
    ],
    input: [7],
    output: [3],
  },
  {
    name: 'activations',
    make: () => [
      make.dense({ units: 8, inputShape: [5] }),
      make.leakyReLU({ alpha: 0.2 }),
      make.dense({ units: 8, activation: 'selu' }),
      make.dense({ units: 8, activation: 'softplus' }),
      make.prelu(),
      make.layerNormalization(),
      make.dense({ units: 4, activation: 'softmax' }),
    ],
    input: [5],
    output: [4],
  },
  {
    name: 'convolutions and pooling',
    make: () => [
      make.conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [8, 8, 2] }),
      make.batchNormalization(),
      make.maxPooling2d({ poolSize: 2 }),
      make.depthwiseConv2d({ kernelSize: 3, padding: 'same', depthMultiplier: 2 }),
      make.separableConv2d({ filters: 5, kernelSize: 2, activation: 'elu' }),
      make.averagePooling2d({ poolSize: 2, strides: 1, padding: 'same' }),
      make.flatten(),
      make.dense({ units: 2 }),
    ],
    input: [8, 8, 2],
    output: [2],
  },
  {
    name: 'transposed convolutions and larger images',
    make: () => [
      make.dense({ units: 18, activation: 'relu', inputShape: [6] }),
      make.reshape({ targetShape: [3, 3, 2] }),
      make.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: 'same' }),
      make.batchNormalization(),
      make.leakyReLU({ alpha: 0.1 }),
      make.upSampling2d({ size: [2, 1] }),
      make.conv2d({ filters: 1, kernelSize: 3, strides: [2, 1], padding: 'same', activation: 'sigmoid' }),
    ],
    input: [6],
    output: [6, 6, 1],
  },
  {
    name: 'embedding and long short-term memory',
    make: () => [
      make.embedding({ inputDim: 11, outputDim: 5, inputShape: [6] }),
      make.lstm({ units: 6, returnSequences: true, ...RECURRENT }),
      make.lstm({ units: 4, goBackwards: true, ...RECURRENT }),
      make.dense({ units: 2 }),
    ],
    input: [6],
    output: [2],
    words: 11,
  },
  {
    name: 'gated recurrent units',
    make: () => [
      make.gru({ units: 6, returnSequences: true, inputShape: [5, 3], ...RECURRENT }),
      make.timeDistributed({ layer: make.dense({ units: 4, activation: 'tanh' }) }),
      make.gru({ units: 4, ...RECURRENT }),
      make.dense({ units: 2 }),
    ],
    input: [5, 3],
    output: [2],
  },
];

const ROWS = 24;

function normals(shape: number[], stream: number, scale = 1): Float32Array {
  const values = new Random(3, stream).normal(new Float32Array(tf.util.sizeFromShape(shape)));
  return values.map((value) => scale * value);
}

function wholeNumbers(shape: number[], below: number): Float32Array {
  const values = new Random(3, 0).uniform(new Float32Array(tf.util.sizeFromShape(shape)));
  return values.map((value) => Math.floor(below * value));
}

/** The losses of some epochs, and the weights that they end with. */
async function learn(backend: string, { make: makeLayers, input, output, words }: Model) {
  await tf.setBackend(backend);
  const model = layers.sequential({ layers: makeLayers() });
  const weights = model.getWeights().map(({ shape }, i) => tf.tensor(normals(shape, i, 0.4), shape));
  // Scales and variances begin with one, which the layers themselves know.
  const isDrawn = model.weights.map(({ name }) => /kernel|embeddings/.test(name));
  model.setWeights(model.getWeights().map((weight, i) => (isDrawn[i] ? (weights[i] as tf.Tensor) : weight)));
  // Not Adam, which makes steps of its usual length of the rounding errors of a gradient that is zero,
  // as that of a bias before a normalisation is.
  model.compile({ optimizer: tf.train.momentum(0.03, 0.5), loss: 'meanSquaredError' });
  const shape = [ROWS, ...input];
  const x = tf.tensor(words === undefined ? normals(shape, 100) : wholeNumbers(shape, words), shape);
  const y = tf.tensor(normals([ROWS, ...output], 101, 0.5), [ROWS, ...output]);
  const { history } = await model.fit(x, y, { epochs: 4, batchSize: 8, shuffle: false, verbose: 0 });
  const ends = model.getWeights().map((weight) => weight.dataSync().slice());
  tf.dispose([weights, x, y]);
  model.dispose();
  return { losses: history.loss as number[], ends };
}

for (const given of MODELS) {
  test.serial(`the same losses and weights as on the CPU backend: ${given.name}`, async (t) => {
    if (addonProblem() !== null) {
      t.log(`not tested: ${addonProblem()}`);
      t.pass();
      return;
    }
    const expected = await learn('cpu', given);
    const found = await learn(NATIVE_BACKEND, given);
    t.true((expected.losses.at(-1) as number) < 0.99 * (expected.losses[0] as number), 'nothing is learnt');
    for (const [epoch, loss] of expected.losses.entries()) {
      const difference = Math.abs((found.losses[epoch] as number) - loss) / loss;
      t.true(difference < 1e-5, `loss of epoch ${epoch} differs by ${difference}`);
    }
    for (const [i, weight] of expected.ends.entries()) {
      const differences = Array.from(weight, (value, j) => Math.abs(value - (found.ends[i]?.[j] as number)));
      t.true(Math.max(...differences) < 1e-5, `weight ${i} differs by ${Math.max(...differences)}`);
    }
  });
}
