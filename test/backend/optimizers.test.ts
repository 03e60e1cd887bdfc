import type { ExecutionContext } from 'ava';
import type { NativeBackend } from '../../src/backend/backend.js';
import { NATIVE_BACKEND } from '../../src/backend/index.js';
import { Random } from '../../src/random.js';
import { layers, type Tensor, tf, type Variable } from '../../src/tf.js';
import { nativeTest } from '../native/support.js';

/** Some too small to be pooled, some large enough for several threads. */
const SHAPES = [[1], [7], [33, 5], [300, 113]];

type Optimizer = ReturnType<typeof tf.train.adam>;

class Run {
  readonly variables: Variable[];
  readonly #random = new Random(5, 1);

  constructor(
    readonly backend: string,
    readonly optimizer: Optimizer,
  ) {
    void tf.setBackend(backend);
    this.variables = SHAPES.map((shape) => tf.variable(this.normals(shape)));
  }

  normals(shape: number[]): Tensor {
    return tf.tensor(this.#random.normal(new Float32Array(tf.util.sizeFromShape(shape))), shape);
  }

  /** Makes a step whose gradients are random, but for those left out. */
  step(leftOut: readonly number[] = []): void {
    const gradients = this.variables.map((variable, i) => {
      const tensor = this.normals(variable.shape);
      return { name: variable.name, tensor: leftOut.includes(i) ? (null as unknown as Tensor) : tensor };
    });
    this.optimizer.applyGradients(gradients);
    tf.dispose(gradients.map(({ tensor }) => tensor));
  }

  get values(): number[] {
    return this.variables.flatMap((variable) => [...variable.dataSync()]);
  }

  dispose(): void {
    this.optimizer.dispose();
    tf.dispose(this.variables);
  }
}

function useNative(): NativeBackend {
  void tf.setBackend(NATIVE_BACKEND);
  return tf.backend() as NativeBackend;
}

function greatestDifference(a: readonly number[], b: readonly number[]): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0);
}

/** Both take the same steps; the parameters are of the size of 1. */
function holdTogether(t: ExecutionContext, make: () => Optimizer, steps: (run: Run) => void): void {
  const [native, cpu] = [NATIVE_BACKEND, 'cpu'].map((backend) => {
    const run = new Run(backend, make());
    steps(run);
    const { values } = run;
    run.dispose();
    return values;
  }) as [number[], number[]];
  t.true(greatestDifference(native, cpu) < 3e-6, `${greatestDifference(native, cpu)}`);
}

for (const [name, make] of Object.entries({
  'of default rates': () => tf.train.adam(0.01),
  'of its own rates': () => tf.train.adam(0.02, 0.5, 0.9, 1e-3),
  'without moments': () => tf.train.adam(0.01, 0, 0, 1e-8),
})) {
  nativeTest(`an Adam ${name} takes the steps it takes on the CPU backend`, (t) => {
    holdTogether(t, make, (run) => {
      for (let i = 0; i < 25; i++) run.step();
    });
  });
}

nativeTest('a variable without a gradient stays, and so do its moments', (t) => {
  holdTogether(
    t,
    () => tf.train.adam(0.01),
    (run) => {
      for (let i = 0; i < 10; i++) run.step(i % 3 === 1 ? [1, 3] : []);
    },
  );
});

nativeTest('a gradient by name, of a variable itself, and one that is not finite', (t) => {
  holdTogether(
    t,
    () => tf.train.adam(0.01),
    (run) => {
      const [a, b] = run.variables as [Variable, Variable];
      for (let i = 0; i < 5; i++) run.optimizer.applyGradients({ [a.name]: a, [b.name]: b });
    },
  );
  useNative();
  const variable = tf.variable(tf.tensor1d([1, 2]));
  const optimizer = tf.train.adam(0.1);
  for (const bad of [0, 0, Number.NaN]) {
    optimizer.applyGradients([{ name: variable.name, tensor: tf.tensor1d([1, bad]) }]);
  }
  const [first, second] = variable.dataSync() as Float32Array;
  t.true(Number.isFinite(first));
  t.true(Number.isNaN(second));
  variable.dispose();
});

nativeTest('its state goes out and into another one', async (t) => {
  const run = new Run(NATIVE_BACKEND, tf.train.adam(0.01));
  for (let i = 0; i < 4; i++) run.step();
  const start = run.variables.map((variable) => tf.clone(variable));
  const weights = (await run.optimizer.getWeights()).map(({ name, tensor }) => ({
    name,
    tensor: tf.tensor(tensor.dataSync().slice(), tensor.shape),
  }));
  const gradients = run.variables.map(({ shape }) => run.normals(shape));
  const steps = (optimizer: Optimizer): number[] => {
    for (let i = 0; i < 3; i++) {
      optimizer.applyGradients(
        run.variables.map(({ name }, k) => ({ name, tensor: gradients[k] as Tensor })),
      );
    }
    return run.values;
  };
  const straight = steps(run.optimizer);
  for (const [i, variable] of run.variables.entries()) variable.assign(start[i] as Tensor);
  const other = tf.train.adam(0.01);
  await other.setWeights(weights);
  t.true(greatestDifference(steps(other), straight) < 1e-6);
});

nativeTest('what was read or cloned of a variable stays as it was', (t) => {
  const run = new Run(NATIVE_BACKEND, tf.train.adam(0.1));
  run.step();
  run.step();
  const read = run.variables.map((variable) => variable.dataSync());
  const clones = run.variables.map((variable) => tf.clone(variable));
  const kept = read.map((values) => values.slice());
  run.step();
  t.deepEqual(read, kept);
  t.deepEqual(
    clones.map((clone) => clone.dataSync()),
    kept,
  );
  t.false(run.values.every((value, i) => value === kept.flatMap((values) => [...values])[i]));
  run.dispose();
});

nativeTest('a step updates in place what nobody else sees, and leaves no tensor behind', (t) => {
  const backend = useNative();
  const run = new Run(NATIVE_BACKEND, tf.train.adam(0.1));
  for (let i = 0; i < 3; i++) run.step();
  const arrays = () => run.variables.map((variable) => backend.stored(variable));
  const [before, counts] = [arrays(), [backend.numDataIds(), tf.memory().numTensors, tf.memory().numBytes]];
  for (let i = 0; i < 3; i++) run.step();
  t.true(arrays().every((array, i) => array === before[i]));
  t.deepEqual([backend.numDataIds(), tf.memory().numTensors, tf.memory().numBytes], counts);
  run.dispose();
});

nativeTest('the same bits on 1, 2 and 3 threads', (t, addon) => {
  const [alone, ...shared] = [1, 2, 3].map((threads) => {
    addon.setThreads(threads);
    const run = new Run(NATIVE_BACKEND, tf.train.adam(0.01));
    for (let i = 0; i < 5; i++) run.step();
    const { values } = run;
    run.dispose();
    return values;
  });
  for (const values of shared) t.deepEqual(values, alone);
});

nativeTest(
  'a LayersModel that compiles with adam trains to the losses it has on the CPU backend',
  async (t) => {
    const losses: number[][] = [];
    for (const backend of [NATIVE_BACKEND, 'cpu']) {
      void tf.setBackend(backend);
      const random = new Random(9, 1);
      const x = tf.tensor2d(random.normal(new Float32Array(64 * 12)), [64, 12]);
      const y = tf.tidy(() => tf.oneHot(tf.argMax(tf.slice(x, [0, 0], [64, 3]), 1), 3));
      const model = layers.sequential();
      const kernelInitializer = (seed: number) => layers.initializers.glorotUniform({ seed });
      model.add(
        layers.layers.dense({
          units: 32,
          activation: 'relu',
          inputShape: [12],
          kernelInitializer: kernelInitializer(1),
        }),
      );
      model.add(
        layers.layers.dense({ units: 3, activation: 'softmax', kernelInitializer: kernelInitializer(2) }),
      );
      model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
      const own: number[] = [];
      for (let step = 0; step < 15; step++) own.push((await model.trainOnBatch(x, y)) as number);
      losses.push(own);
      model.dispose();
      tf.dispose([x, y]);
    }
    const [native, cpu] = losses as [number[], number[]];
    t.true(greatestDifference(native, cpu) < 1e-5);
    t.true((native[14] as number) < (native[0] as number));
  },
);
