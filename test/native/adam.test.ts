import type { AdamOptions } from '../../src/native/index.js';
import { distance, normals } from './flows.js';
import { nativeTest, onEveryLevel } from './support.js';

const options: AdamOptions = {
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.1,
  step: 1,
  clipNorm: Number.POSITIVE_INFINITY,
};

/** AdamW from the definition: moments, bias correction and decay in double, one parameter at a time. */
function exactSteps(start: Float32Array, gradients: Float32Array[], given: AdamOptions): number[] {
  const norms = gradients.map((gradient) => Math.hypot(...gradient));
  return [...start].map((value, i) => {
    let [parameter, m, v] = [value, 0, 0];
    gradients.forEach((gradient, k) => {
      const g = (gradient[i] as number) * Math.min(1, given.clipNorm / (norms[k] as number));
      m = given.beta1 * m + (1 - given.beta1) * g;
      v = given.beta2 * v + (1 - given.beta2) * g ** 2;
      const mHat = m / (1 - given.beta1 ** (k + 1));
      const vHat = v / (1 - given.beta2 ** (k + 1));
      parameter -=
        given.learningRate * (mHat / (Math.sqrt(vHat) + given.epsilon) + given.weightDecay * parameter);
    });
    return parameter;
  });
}

for (const [name, changes] of Object.entries<Partial<AdamOptions>>({
  AdamW: {},
  Adam: { weightDecay: 0 },
  'a clipped gradient': { clipNorm: 0.5 },
  'a gradient too short to clip': { clipNorm: 1e6 },
  'no momentum': { beta1: 0, beta2: 0.5 },
})) {
  nativeTest(`steps are those of the definition: ${name}`, (t, addon) => {
    const given = { ...options, ...changes };
    for (const count of [0, 1, 15, 16, 1003]) {
      const start = normals('start', count);
      const gradients = [1, 2, 3, 4, 5].map((k) => normals(`gradient ${k}`, count));
      const expected = exactSteps(start, gradients, given);
      onEveryLevel(addon, (level) => {
        const [parameters, m, v] = [
          Float32Array.from(start),
          new Float32Array(count),
          new Float32Array(count),
        ];
        gradients.forEach((gradient, k) => {
          const norm = addon.adamStep(parameters, gradient, m, v, { ...given, step: k + 1 });
          t.true(Math.abs(norm - Math.hypot(...gradient)) <= 1e-12 * norm);
        });
        t.true(
          distance(parameters, expected) < 2e-6,
          `${count} on ${level}: ${distance(parameters, expected)}`,
        );
      });
    }
  });
}

nativeTest('a gradient that is not finite changes nothing and says so', (t, addon) => {
  const count = 20_000;
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    for (const place of [0, 17, count - 1]) {
      const [parameters, m, v] = [1, 2, 3].map((value) => new Float32Array(count).fill(value)) as [
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      const gradient = new Float32Array(count).fill(1);
      gradient[place] = bad;
      t.false(Number.isFinite(addon.adamStep(parameters, gradient, m, v, options)));
      t.true([parameters, m, v].every((values, i) => values.every((value) => value === i + 1)));
    }
  }
});

nativeTest('squares beyond float32 still have a norm', (t, addon) => {
  const gradient = new Float32Array(4).fill(1e30);
  const state = () => new Float32Array(4);
  const norm = addon.adamStep(state(), gradient, state(), state(), { ...options, clipNorm: 1 });
  t.true(Math.abs(norm / 2e30 - 1) < 1e-6);
});

nativeTest('the same bits on 1, 2 and 3 threads', (t, addon) => {
  const count = 100_003;
  const step = (threads: number) => {
    addon.setThreads(threads);
    const [parameters, m, v] = [normals('start', count), new Float32Array(count), new Float32Array(count)];
    const norm = addon.adamStep(parameters, normals('gradient', count), m, v, { ...options, clipNorm: 1 });
    return Buffer.concat([parameters, m, v, Float64Array.of(norm)].map((part) => Buffer.from(part.buffer)));
  };
  const alone = step(1);
  t.true(step(2).equals(alone));
  t.true(step(3).equals(alone));
});

nativeTest('bad options and arguments are refused', (t, addon) => {
  const make = () =>
    [1, 1, 1, 1].map((value) => new Float32Array(8).fill(value)) as [
      Float32Array,
      Float32Array,
      Float32Array,
      Float32Array,
    ];
  const inf = Number.POSITIVE_INFINITY;
  const bad: [keyof AdamOptions, unknown[]][] = [
    ['learningRate', [Number.NaN, inf, -1, '1', undefined]],
    ['beta1', [1, -0.1, Number.NaN, undefined]],
    ['beta2', [1, 2, Number.NaN]],
    ['epsilon', [-1, inf, Number.NaN]],
    ['weightDecay', [-1, inf, Number.NaN]],
    ['step', [0, 1.5, -1, inf, Number.NaN]],
    ['clipNorm', [0, -1, Number.NaN, null]],
  ];
  for (const [name, values] of bad) {
    for (const value of values) {
      const [parameters, gradient, m, v] = make();
      t.throws(() => addon.adamStep(parameters, gradient, m, v, { ...options, [name]: value }), {
        instanceOf: TypeError,
        message: new RegExp(`adamStep: options.${name} must be`),
      });
      t.true([parameters, m, v].every((array) => array.every((element) => element === 1)));
    }
  }
  t.throws(() => addon.adamStep(...make(), undefined as unknown as AdamOptions), { message: /options/ });
  ['parameters', 'gradient', 'm', 'v'].forEach((name, index) => {
    for (const value of [null, new Float64Array(8), ...(index > 0 ? [new Float32Array(7)] : [])]) {
      const given = make();
      given[index] = value as Float32Array;
      t.throws(() => addon.adamStep(...given, options), {
        instanceOf: TypeError,
        message: new RegExp(`adamStep: ${name} `),
      });
    }
    for (let other = 0; other < index; other++) {
      const given = make();
      given[index] = given[other] as Float32Array;
      t.throws(() => addon.adamStep(...given, options), { instanceOf: TypeError, message: /overlaps/ });
    }
  });
});

nativeTest('a running mean moves by its share, and takes nothing else', (t, addon) => {
  for (const count of [0, 1, 17, 40_003]) {
    const [start, values] = [normals('mean', count), normals('values', count)] as const;
    onEveryLevel(addon, (level) => {
      for (const share of [0.25, 1]) {
        const mean = Float32Array.from(start);
        addon.runningMean(mean, values, share);
        const expected = [...start].map((before, i) => before + share * ((values[i] as number) - before));
        t.true(distance(mean, expected) < 1e-6, `${count} by ${share} on ${level}`);
      }
    });
  }
  const mean = new Float32Array(8).fill(1);
  for (const share of [0, -1, 1.5, Number.NaN, undefined]) {
    t.throws(() => addon.runningMean(mean, new Float32Array(8), share as number), { message: /share/ });
  }
  t.throws(() => addon.runningMean(mean, new Float32Array(7), 0.5), { message: /values/ });
  t.throws(() => addon.runningMean(mean, mean, 0.5), { message: /overlaps/ });
  t.true(mean.every((value) => value === 1));
});

nativeTest('options that detach a buffer while they are read do no harm', (t, addon) => {
  const [parameters, gradient, m, v] = [1, 2, 3, 4].map(() => new Float32Array(64)) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const memory = m.buffer as ArrayBuffer;
  const treacherous = {
    ...options,
    get step() {
      structuredClone(memory, { transfer: [memory] });
      return 1;
    },
  };
  t.throws(() => addon.adamStep(parameters, gradient, m, v, treacherous), {
    instanceOf: TypeError,
    message: /m is detached/,
  });
});
