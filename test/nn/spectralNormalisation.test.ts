import test from 'ava';
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import '../../src/backend/index.js';
import { PushforwardError } from '../../src/errors.js';
import { SpectralNormalisation } from '../../src/nn/spectralNormalisation.js';
import { Random } from '../../src/random.js';
import { layers, type Tensor, tf, type Variable } from '../../src/tf.js';

test.before(() => tf.ready());

/** Convolutions and a dense layer, those after the first in a model of their own. */
function nested(): layers.LayersModel {
  const { conv1d, conv2d, dense, flatten, reshape } = layers.layers;
  const inner = layers.sequential({
    layers: [
      conv2d({ inputShape: [4, 4, 3], filters: 5, kernelSize: 2 }),
      reshape({ targetShape: [9, 5] }),
      conv1d({ filters: 4, kernelSize: 3 }),
      flatten(),
      dense({ units: 2 }),
    ],
  });
  const image = layers.input({ shape: [4, 4, 1] });
  const first = conv2d({ filters: 3, kernelSize: 3, padding: 'same' }).apply(image) as layers.SymbolicTensor;
  return layers.model({ inputs: image, outputs: inner.apply(first) as layers.SymbolicTensor });
}

const kernelsOf = (model: layers.LayersModel) => model.weights.filter((weight) => weight.shape.length > 1);

function greatestSingularValue(kernel: Tensor): number {
  const outputs = kernel.shape.at(-1) as number;
  const rows = tf.tidy(() => tf.reshape(kernel, [-1, outputs]).arraySync()) as number[][];
  return new SingularValueDecomposition(new Matrix(rows), { autoTranspose: true }).norm2;
}

test.serial('every kernel has norm 1 under it, also those of models among the layers', (t) => {
  const model = nested();
  const kernels = kernelsOf(model);
  const random = new Random(2);
  for (const kernel of kernels) {
    const variable = kernel.read() as Variable;
    const values = random.normal(new Float32Array(variable.size)).map((value) => 3 * value);
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
  }
  const spectral = new SpectralNormalisation(model, 1);
  t.is(spectral.state.length, 2 * kernels.length);
  for (let k = 0; k < 200; k++) spectral.update();
  const before = kernels.map((kernel) => greatestSingularValue(kernel.read()));
  const within = spectral.within(() => kernels.map((kernel) => tf.clone(kernel.read())));
  within.forEach((kernel, i) => {
    t.true((before[i] as number) > 2);
    t.true(Math.abs(greatestSingularValue(kernel) - 1) < 1e-4, `kernel ${i}`);
  });
  t.deepEqual(
    kernels.map((kernel) => greatestSingularValue(kernel.read())),
    before,
    'the layers have their own back',
  );
  tf.dispose(within);
  spectral.dispose();
});

test.serial('one update is one step of power iteration, from what the steps before came to', (t) => {
  const model = layers.sequential({ layers: [layers.layers.dense({ units: 3, inputShape: [4] })] });
  const spectral = new SpectralNormalisation(model, 3);
  const kernel = kernelsOf(model)[0]?.read() as Variable;
  tf.tidy(() => kernel.assign(tf.tensor(new Random(4).normal(new Float32Array(12)), [4, 3])));
  const w = new Matrix(kernel.arraySync() as number[][]);
  const column = (place: number) =>
    Matrix.columnVector(Array.from((spectral.state[place] as Variable).dataSync()));
  const unit = (vector: Matrix) => Matrix.div(vector, vector.norm('frobenius'));
  const left = unit(w.mmul(column(1)));
  const right = unit(w.transpose().mmul(left));
  spectral.update();
  t.true(Matrix.sub(column(0), left).norm('frobenius') < 1e-5);
  t.true(Matrix.sub(column(1), right).norm('frobenius') < 1e-5);
  spectral.dispose();
});

test('a model with nothing to normalise is refused', (t) => {
  const model = layers.sequential({ layers: [layers.layers.flatten({ inputShape: [2, 2] })] });
  const error = t.throws(() => new SpectralNormalisation(model, 0), { instanceOf: PushforwardError });
  t.is(error.code, 'usage');
});
