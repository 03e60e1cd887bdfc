import test from 'ava';
import { loadAddon } from '../../src/native/index.js';
import { adamStep, adamStepReference } from '../../src/ops/adam.js';
import { Random } from '../../src/random.js';

const options = {
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.1,
  step: 1,
  clipNorm: 1,
};

test('the addon and the plain loop make the same updates', (t) => {
  if (loadAddon() === null) t.log('the addon is not built: the plain loop is compared with itself');
  const count = 1003;
  const random = new Random(3, 1);
  const start = random.normal(new Float32Array(count));
  interface State {
    parameters: Float32Array;
    m: Float32Array;
    v: Float32Array;
  }
  const [fast, plain] = [0, 1].map(() => ({
    parameters: start.slice(),
    m: new Float32Array(count),
    v: new Float32Array(count),
  })) as [State, State];
  for (let step = 1; step <= 20; step++) {
    const gradient = random.normal(new Float32Array(count));
    const norms = [
      adamStep(fast.parameters, gradient, fast.m, fast.v, { ...options, step }),
      adamStepReference(plain.parameters, gradient, plain.m, plain.v, { ...options, step }),
    ] as const;
    t.true(Math.abs(norms[0] / norms[1] - 1) < 1e-5);
  }
  for (let i = 0; i < count; i++) {
    t.true(Math.abs((fast.parameters[i] as number) - (plain.parameters[i] as number)) < 1e-5);
  }
});

test('the first step moves every coordinate by the learning rate against its gradient', (t) => {
  const parameters = new Float32Array([1, 1]);
  const free = { ...options, weightDecay: 0, clipNorm: Number.POSITIVE_INFINITY };
  adamStepReference(parameters, new Float32Array([5, -0.01]), new Float32Array(2), new Float32Array(2), free);
  t.true(Math.abs((parameters[0] as number) - 0.99) < 1e-6);
  t.true(Math.abs((parameters[1] as number) - 1.01) < 1e-6);
});

test('a gradient that is not finite changes nothing', (t) => {
  for (const update of [adamStep, adamStepReference]) {
    const parameters = new Float32Array([1, 2]);
    const m = new Float32Array(2);
    const v = new Float32Array(2);
    const norm = update(parameters, new Float32Array([Number.NaN, 1]), m, v, options);
    t.false(Number.isFinite(norm));
    t.deepEqual([...parameters, ...m, ...v], [1, 2, 0, 0, 0, 0]);
  }
});
