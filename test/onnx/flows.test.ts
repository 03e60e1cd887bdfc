import test from 'ava';
import { glow } from '../../src/flows/presets/glow.js';
import { type Interval, registry } from '../../src/flows/registry.js';
import { type Tensor, type Tensor2D, tf } from '../../src/tf.js';
import { type Argument, compare, exportFunction, floats, openSession, scrambled } from './support.js';

/** Greatest relative errors, for kinds whose rounding has room to grow. */
const tolerances: Readonly<Record<string, number>> = {
  // Knots are rounded to floats of the size of the bound, which narrow bins and the quadratic equation
  // of the inverse make more of.
  rationalQuadraticCoupling: 3e-5,
  maskedSpline: 3e-5,
  inverseSpline: 3e-5,
  // Sums of tens of products three layers deep, in another order, times a gain of up to exp(3 · 0.4).
  convolutionalCoupling: 5e-6,
};

test.before(() => tf.setBackend('cpu'));

for (const { name, build, domain, range } of registry) {
  test.serial(`${name}: forward, inverse and log-determinant`, async (t) => {
    const { bijection, dim, contextDim } = build();
    const tolerance = tolerances[bijection.kind] ?? 1e-6;
    const parameters = bijection.parameters.map(({ shape }, index) => {
      const size = shape.reduce((product, one) => product * one, 1);
      const values = Float32Array.from({ length: size }, (_, i) => 0.8 * (scrambled(i, index + 1) - 0.5));
      return tf.tensor(values, [...shape]);
    });
    const context = (tensors: readonly Tensor[]) => (contextDim === 0 ? undefined : (tensors[1] as Tensor2D));
    const argumentsIn = ([least, most]: Interval = [-3, 3]): Argument[] => {
      const rows = floats(['batch', dim], Math.max(least, -3), Math.min(most, 3));
      return contextDim === 0 ? [rows] : [rows, floats(['batch', contextDim], -1, 1, 9)];
    };
    const forward = (...tensors: Tensor[]) => {
      const { y, logDet } = bijection.forward(tensors[0] as Tensor2D, parameters, context(tensors));
      return [y, logDet];
    };
    const inverse = (...tensors: Tensor[]) => {
      const { x, logDet } = bijection.inverse(tensors[0] as Tensor2D, parameters, context(tensors));
      return [x, logDet];
    };
    for (const [fn, args] of [
      [forward, argumentsIn(domain)],
      [inverse, argumentsIn(range)],
    ] as const) {
      const session = await openSession(exportFunction(fn, args));
      for (const rows of [1, 7, 100]) {
        const { problem } = await compare(fn, args, session, rows, tolerance);
        t.is(problem, undefined, `${rows} rows`);
      }
    }
    tf.dispose(parameters);
  });
}

test.serial('a Glow of two levels: densities and images', async (t) => {
  const flow = glow({
    height: 4,
    width: 8,
    channels: 1,
    contextDim: 2,
    levels: 2,
    steps: 2,
    hiddenChannels: 4,
  });
  flow.parameters.assign(flow.parameters.values().map((value, i) => value + 0.2 * (scrambled(i) - 0.5)));
  const args = [floats(['batch', 32]), floats(['batch', 2], -1, 1, 9)];
  const density = (...[x, context]: Tensor[]) => flow.logProb(x as Tensor2D, context as Tensor2D);
  const images = (...[z, context]: Tensor[]) => flow.inverse(z as Tensor2D, context as Tensor2D).x;
  for (const fn of [density, images]) {
    const session = await openSession(exportFunction(fn, args));
    const { problem } = await compare(fn, args, session, 5, 1e-5);
    t.is(problem, undefined);
  }
  flow.dispose();
});
