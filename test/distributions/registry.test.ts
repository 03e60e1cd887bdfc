import test, { type ExecutionContext } from 'ava';
import '../../src/backend/index.js';
import type { BaseDistribution } from '../../src/distributions/base.js';
import { baseRegistry } from '../../src/distributions/registry.js';
import { PushforwardError } from '../../src/errors.js';
import { type Tensor, type Tensor2D, tf } from '../../src/tf.js';
import { addonOrSkip, difference, directionalError, leavesNoTensors, normalMatrix } from '../flows/laws.js';
import { contextOf, integrate, kolmogorovSmirnov, parametersOf, weightedLogProb } from './laws.js';

/** Agreement of the gradients of a scalar of `inputs` with finite differences, whichever input moves. */
function gradientsAgree(
  t: ExecutionContext,
  inputs: readonly Tensor[],
  value: (inputs: readonly Tensor[]) => tf.Scalar,
  names: readonly string[],
): void {
  inputs.forEach((input, i) => {
    const at = (moved: Tensor) => value(inputs.map((other, k) => (k === i ? moved : other)));
    const gradient = tf.grad(at)(input).dataSync<'float32'>();
    const f = (values: Float32Array) =>
      tf.tidy(() => at(tf.tensor(values, input.shape)).dataSync()[0] as number);
    for (const stream of [11, 12]) {
      const error = directionalError(f, input.dataSync<'float32'>(), gradient, stream);
      t.true(error < 2e-3, `${names[i]}: ${error}`);
    }
  });
}

function namesOf(law: BaseDistribution): string[] {
  return law.parameters.map(({ name }) => name);
}

for (const entry of baseRegistry) {
  const isMap = entry.build().noiseDim !== null;
  const isUniform = entry.build().kind === 'uniform';

  if (entry.build().dim <= 2) {
    test.serial(`${entry.name}: the density integrates to 1, and draws have it`, (t) => {
      const law = entry.build();
      leavesNoTensors(t, () => {
        const parameters = parametersOf(law);
        const { mass, meanLogProb, marginals } = integrate(entry, law, parameters);
        t.true(Math.abs(mass - 1) < 1e-4, `${mass}`);
        const n = 5000;
        const context = contextOf(law, n);
        const draws = law.sample(n, { parameters, context, seed: 4 });
        const values = [...draws.dataSync<'float32'>()];
        marginals.forEach((marginal, j) => {
          const distance = kolmogorovSmirnov(
            values.filter((_, i) => i % law.dim === j),
            marginal,
          );
          // A right sampler passes 1.95 / √n once in a thousand seeds.
          t.true(distance < 1.95 / Math.sqrt(n), `column ${j}: ${distance}`);
        });
        const logProb = law.logProb(draws, parameters, context).dataSync<'float32'>();
        const mean = logProb.reduce((sum, value) => sum + value, 0) / n;
        const deviation = Math.sqrt(logProb.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n);
        t.true(
          Math.abs(mean - meanLogProb) < 1e-4 + (4 * deviation) / Math.sqrt(n),
          `${mean}, ${meanLogProb}`,
        );
      });
    });
  }

  test.serial(`${entry.name}: gradients agree with finite differences`, (t) => {
    const law = entry.build();
    leavesNoTensors(t, () => {
      const parameters = parametersOf(law);
      const context = law.contextDim > 0 ? normalMatrix(5, law.contextDim, 31) : undefined;
      const z = law.sample(5, { parameters, context });
      const inputs = [z, ...parameters, ...(context === undefined ? [] : [context])];
      const count = parameters.length;
      const value = (at: readonly Tensor[]) =>
        weightedLogProb(
          law,
          at[0] as Tensor2D,
          at.slice(1, count + 1),
          at[count + 1] as Tensor2D | undefined,
        );
      gradientsAgree(t, inputs, value, ['z', ...namesOf(law), 'context']);
      if (law.noiseDim === null) return;
      const noise = normalMatrix(5, law.noiseDim, 32);
      const weights = normalMatrix(5, law.dim, 33);
      const drawn = (at: readonly Tensor[]): tf.Scalar =>
        tf.sum(tf.mul(law.fromNormal(noise, at.slice(0, count), at[count] as Tensor2D | undefined), weights));
      gradientsAgree(
        t,
        inputs.slice(1),
        drawn,
        [...namesOf(law), 'context'].map((name) => `${name} of draws`),
      );
    });
  });

  test.serial(`${entry.name}: draws are a function of the seed, and a prefix of longer ones`, (t) => {
    const law = entry.build();
    leavesNoTensors(t, () => {
      const parameters = parametersOf(law);
      const draw = (n: number, seed: number, temperature = 1) =>
        law.sample(n, { parameters, context: contextOf(law, n), seed, temperature });
      const short = draw(7, 1);
      t.deepEqual(short.shape, [7, law.dim]);
      t.deepEqual(draw(7, 1).dataSync(), short.dataSync());
      t.deepEqual(draw(150, 1).dataSync().slice(0, short.size), short.dataSync());
      t.true(difference(draw(7, 2), short) > 1e-2);
      t.deepEqual(draw(0, 1).shape, [0, law.dim]);
      for (const bad of [() => draw(1.5, 1), () => draw(2, -1), () => draw(2, 1, -1)]) {
        t.is(t.throws(bad, { instanceOf: PushforwardError }).code, 'usage');
      }
      if (law.contextDim > 0) {
        const noise = normalMatrix(7, law.noiseDim ?? law.dim, 33);
        const narrow = normalMatrix(7, law.contextDim + 1, 32);
        for (const context of [undefined, contextOf(law, 8), narrow]) {
          for (const bad of [
            () => law.logProb(short, parameters, context),
            () => law.fromNormal(noise, parameters, context),
            () => law.sample(7, { parameters, context }),
          ]) {
            t.is(t.throws(bad, { instanceOf: PushforwardError })?.code, 'shape');
          }
        }
      }
      if (isUniform) {
        t.is(t.throws(() => draw(2, 1, 0.5), { instanceOf: PushforwardError }).code, 'usage');
        return;
      }
      const still = draw(7, 1, 0);
      t.true(still.dataSync().every(Number.isFinite));
      if (isMap) {
        const half = tf.add(still, tf.mul(tf.sub(short, still), 0.5));
        t.true(difference(draw(7, 1, 0.5), half) < 1e-5, 'half the deviation');
      } else {
        t.true(tf.max(tf.abs(tf.sub(draw(500, 3, 0.1), draw(500, 3, 0)))).dataSync()[0] !== 0);
      }
    });
  });

  test.serial(`${entry.name}: takes no rows, one row, far rows and NaN`, (t) => {
    const law = entry.build();
    leavesNoTensors(t, () => {
      const parameters = parametersOf(law);
      const logProb = (z: Tensor2D) => law.logProb(z, parameters, contextOf(law, z.shape[0]));
      for (const n of [0, 1]) t.deepEqual(logProb(tf.zeros([n, law.dim])).shape, [n]);
      const far = tf.tensor2d([new Array<number>(law.dim).fill(1e4), new Array<number>(law.dim).fill(-1e4)]);
      const values = logProb(far).dataSync();
      t.true(values.every(isUniform ? (value) => value === -Infinity : Number.isFinite));
      const slopes = tf.grads((...inputs) =>
        tf.sum(law.logProb(inputs[0] as Tensor2D, inputs.slice(1), contextOf(law, 2))),
      )([far, ...parameters]);
      slopes.forEach((slope) => {
        t.true(slope.dataSync().every(Number.isFinite));
      });
      const clean = law.sample(3, { parameters, context: contextOf(law, 3) });
      const spoilt = clean.dataSync().slice();
      spoilt[law.dim] = Number.NaN;
      const expected = logProb(clean).dataSync();
      const found = logProb(tf.tensor2d(spoilt, [3, law.dim])).dataSync();
      t.deepEqual([found[0], found[2]], [expected[0], expected[2]]);
      t.true(Number.isNaN(found[1]));
    });
  });

  test.serial(`${entry.name}: the native backend gives what the portable one gives`, async (t) => {
    if (addonOrSkip(t) === null) return;
    const law = entry.build();
    const run = (): Float32Array[] =>
      tf.tidy(() => {
        const parameters = parametersOf(law);
        const context = contextOf(law, 40);
        const z = law.sample(40, { parameters, context, seed: 6 });
        const gradient = (input: Tensor) => weightedLogProb(law, input as Tensor2D, parameters, context);
        return [z, law.logProb(z, parameters, context), tf.grad(gradient)(z)].map((tensor) =>
          tensor.dataSync<'float32'>().slice(),
        );
      });
    const found = run();
    await tf.setBackend('cpu');
    const expected = run();
    await tf.setBackend('native');
    found.forEach((values, i) => {
      t.true(difference(values, expected[i] as Float32Array) < 1e-4);
    });
  });
}
