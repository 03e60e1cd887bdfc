import test from 'ava';
import { baseRegistry } from '../../src/distributions/registry.js';
import { ActNorm } from '../../src/flows/actNorm.js';
import { Flow } from '../../src/flows/flow.js';
import { Permutation } from '../../src/flows/permutation.js';
import { type Tensor, type Tensor2D, tf } from '../../src/tf.js';
import { type Argument, compare, exportFunction, floats, openSession, scrambled } from './support.js';

test.before(() => tf.setBackend('cpu'));

for (const { name, build } of baseRegistry) {
  test.serial(`${name}: log-density and, where there is one, map of normals`, async (t) => {
    const law = build();
    const parameters = law.parameters.map(({ shape }, index) => {
      const size = shape.reduce((product, one) => product * one, 1);
      const values = Float32Array.from({ length: size }, (_, i) => 0.8 * (scrambled(i, index + 1) - 0.5));
      return tf.tensor(values, [...shape]);
    });
    const contexts: Argument[] = law.contextDim > 0 ? [floats(['batch', law.contextDim], -1, 1, 9)] : [];
    const context = (tensors: readonly Tensor[]) => tensors[1] as Tensor2D | undefined;
    const functions: [(...tensors: Tensor[]) => Tensor, number][] = [
      [(...tensors) => law.logProb(tensors[0] as Tensor2D, parameters, context(tensors)), law.dim],
    ];
    if (law.noiseDim !== null) {
      functions.push([
        (...tensors) => law.fromNormal(tensors[0] as Tensor2D, parameters, context(tensors)),
        law.noiseDim,
      ]);
    }
    for (const [fn, width] of functions) {
      const args = [floats(['batch', width]), ...contexts];
      const session = await openSession(exportFunction(fn, args));
      for (const rows of [1, 7, 100]) {
        const { problem } = await compare(fn, args, session, rows, 1e-6);
        t.is(problem, undefined, `${rows} rows`);
      }
    }
    tf.dispose(parameters);
  });

  test.serial(`${name}: log-density of a flow on it`, async (t) => {
    const base = build();
    const { dim, contextDim } = base;
    const flow = new Flow({
      dim,
      contextDim,
      bijections: [new ActNorm(dim), Permutation.reverse(dim)],
      base,
    });
    flow.parameters.assign(flow.parameters.values().map((value, i) => value + 0.8 * (scrambled(i) - 0.5)));
    const args = [
      floats(['batch', dim]),
      ...(contextDim > 0 ? [floats(['batch', contextDim], -1, 1, 9)] : []),
    ];
    const fn = (...tensors: Tensor[]) =>
      flow.logProb(tensors[0] as Tensor2D, tensors[1] as Tensor2D | undefined);
    const session = await openSession(exportFunction(fn, args));
    const { problem } = await compare(fn, args, session, 20, 1e-6);
    t.is(problem, undefined);
    flow.dispose();
  });
}
