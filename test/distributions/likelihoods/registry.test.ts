import test from 'ava';
import '../../../src/backend/index.js';
import { buildLikelihood, likelihoodRegistry } from '../../../src/distributions/likelihoods/registry.js';
import { PushforwardError } from '../../../src/errors.js';
import { Random } from '../../../src/random.js';
import { type Tensor, tf } from '../../../src/tf.js';
import { difference, directionalError, leavesNoTensors, normals } from '../../flows/laws.js';
import { firstOutputs, integrationRule, outputsFor, parametersOf } from './laws.js';

test.before(() => tf.ready());

const DRAWS = 4000;

for (const { name, shape, build } of likelihoodRegistry) {
  const isProduct = build().kind === 'product';

  if (!isProduct) {
    test.serial(`${name}: probabilities sum to 1, and mean and draws are theirs`, (t) => {
      const likelihood = build();
      leavesNoTensors(t, () => {
        const parameters = parametersOf(likelihood);
        const { nodes, weights } = integrationRule(likelihood);
        for (const scale of [0, 1, 3]) {
          const one = outputsFor(likelihood, [1], 1, scale);
          const many = (n: number) => tf.tile(one, [n, 1]);
          const x = tf.tensor2d(nodes, [nodes.length, 1]);
          const p = likelihood
            .logProb(x, many(nodes.length), parameters)
            .dataSync<'float32'>()
            .map((value, i) => Math.exp(value) * (weights[i] as number));
          const mass = p.reduce((sum, share) => sum + share, 0);
          t.true(Math.abs(mass - 1) < 1e-4, `mass ${mass}`);
          const mean = p.reduce((sum, share, i) => sum + share * (nodes[i] as number), 0);
          const found = likelihood.mean(one, parameters).dataSync()[0] as number;
          // A mean of levels may be that of the law before it is rounded to them.
          const slack = likelihood.kind === 'discretisedLogistic' ? (likelihood.support?.step ?? 0) / 2 : 0;
          t.true(Math.abs(found - mean) < 1e-3 + slack, `mean ${found}, not ${mean}`);
          const draws = likelihood.sample(many(DRAWS), parameters, new Random(5, 3)).dataSync<'float32'>();
          const sorted = draws.toSorted();
          let cdf = 0;
          let below = 0;
          let worst = 0;
          nodes.forEach((node, i) => {
            cdf += p[i] as number;
            const end = node + (likelihood.support?.step ?? 2 * (weights[i] as number)) / 2 - 1e-9;
            while (below < DRAWS && (sorted[below] as number) <= end) below += 1;
            worst = Math.max(worst, Math.abs(below / DRAWS - cdf));
          });
          t.true(worst < 1.95 / Math.sqrt(DRAWS) + 2e-3, `distance ${worst}`);
        }
      });
    });

    if (build().support?.step !== undefined) {
      test.serial(
        `${name}: a decoder starts by coding uniform levels in little more than log2(levels) bits`,
        (t) => {
          const likelihood = build();
          leavesNoTensors(t, () => {
            const { nodes } = integrationRule(likelihood);
            const first = firstOutputs(likelihood, 1);
            const x = tf.tensor2d(nodes, [nodes.length, 1]);
            const outputs = tf.tile(tf.tensor2d([first]), [nodes.length, 1]);
            const nats = likelihood.logProb(x, outputs, []).dataSync<'float32'>();
            const bits = -nats.reduce((sum, value) => sum + value, 0) / nodes.length / Math.LN2;
            const least = Math.log2(nodes.length);
            t.true(bits > least - 1e-4 && bits < least + 0.5, `${bits} bits for ${nodes.length} levels`);
          });
        },
      );
    }

    test.serial(`${name}: a row is the product of its numbers`, (t) => {
      const likelihood = build();
      leavesNoTensors(t, () => {
        const parameters = parametersOf(likelihood);
        const channels = shape.at(-1) as number;
        const pixels = tf.util.sizeFromShape([...shape]) / channels;
        const outputs = outputsFor(likelihood, shape, 3);
        const x = likelihood.sample(outputs, parameters, new Random(1));
        t.deepEqual(x.shape, [3, ...shape]);
        t.deepEqual(likelihood.mean(outputs, parameters).shape, [3, ...shape]);
        const width = likelihood.outputShape([channels])[0] as number;
        const apart = likelihood.logProb(
          tf.reshape(x, [3 * pixels, channels]),
          tf.reshape(outputs, [3 * pixels, width]),
          parameters,
        );
        const sums = tf.sum(tf.reshape(apart, [3, pixels]), 1);
        t.true(difference(likelihood.logProb(x, outputs, parameters), sums) < 1e-5);
      });
    });
  }

  test(`${name}: there are as many first outputs as outputs`, (t) => {
    const likelihood = build();
    const outputs = likelihood.outputShape(shape).at(-1) as number;
    t.is(firstOutputs(likelihood, shape.at(-1) as number).length, outputs);
  });

  test.serial(`${name}: gradients agree with finite differences`, (t) => {
    const likelihood = build();
    leavesNoTensors(t, () => {
      const inputs = [outputsFor(likelihood, shape, 3), ...parametersOf(likelihood)];
      const x = likelihood.sample(inputs[0] as Tensor, inputs.slice(1), new Random(2));
      const weights = tf.tensor1d(normals(3, 62));
      inputs.forEach((input, i) => {
        const value = (moved: Tensor): tf.Scalar => {
          const [outputs, ...parameters] = inputs.map((other, k) => (k === i ? moved : other));
          return tf.sum(tf.mul(likelihood.logProb(x, outputs as Tensor, parameters), weights));
        };
        const gradient = tf.grad(value)(input).dataSync<'float32'>();
        const f = (values: Float32Array) =>
          tf.tidy(() => value(tf.tensor(values, input.shape)).dataSync()[0] as number);
        const error = directionalError(f, input.dataSync<'float32'>(), gradient, 63 + i);
        t.true(error < 2e-3, `input ${i}: ${error}`);
      });
    });
  });

  test.serial(`${name}: no outputs make a loss or a gradient that is not finite`, (t) => {
    const likelihood = build();
    leavesNoTensors(t, () => {
      const parameters = parametersOf(likelihood);
      const plain = outputsFor(likelihood, shape, 2);
      const x = likelihood.sample(plain, parameters, new Random(3));
      for (const far of [0, 1e-8, 60, -60, 1e4, -1e4]) {
        const outputs = tf.fill(plain.shape, far);
        t.true(likelihood.logProb(x, outputs, parameters).dataSync().every(Number.isFinite), `${far}`);
        const slope = tf.grad((at) => tf.sum(likelihood.logProb(x, at, parameters)))(outputs);
        t.true(slope.dataSync().every(Number.isFinite), `the slope at ${far}`);
        t.true(likelihood.mean(outputs, parameters).dataSync().every(Number.isFinite), `the mean at ${far}`);
        t.true(likelihood.sample(outputs, parameters, new Random(4)).dataSync().every(Number.isFinite));
      }
      const none = tf.zeros([0, ...likelihood.outputShape(shape)]);
      t.deepEqual(likelihood.logProb(tf.zeros([0, ...shape]), none, parameters).shape, [0]);
    });
  });

  test.serial(`${name}: it comes back from its JSON, and draws are of their seed`, (t) => {
    const likelihood = build();
    leavesNoTensors(t, () => {
      const again = buildLikelihood(JSON.parse(JSON.stringify(likelihood.toJSON())));
      const parameters = parametersOf(likelihood);
      const outputs = outputsFor(likelihood, shape, 2);
      const x = likelihood.sample(outputs, parameters, new Random(8));
      t.deepEqual(again.sample(outputs, parameters, new Random(8)).dataSync(), x.dataSync());
      t.true(difference(again.sample(outputs, parameters, new Random(9)), x) > 1e-3);
      t.deepEqual(
        again.logProb(x, outputs, parameters).dataSync(),
        likelihood.logProb(x, outputs, parameters).dataSync(),
      );
    });
  });
}

test('what is no likelihood is refused', (t) => {
  for (const config of [
    { kind: 'poisson' },
    { kind: 'toString' },
    { kind: 'gaussian', scale: 0 },
    { kind: 'gaussian', scale: 'wide' },
    { kind: 'categorical', levels: 1 },
    { kind: 'discretisedLogistic', levels: 1 },
    { kind: 'discretisedLogistic', low: 1, high: 1 },
    { kind: 'product', parts: [] },
  ]) {
    t.is(t.throws(() => buildLikelihood(config), { instanceOf: PushforwardError }).code, 'usage');
  }
});
