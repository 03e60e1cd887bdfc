import test from 'ava';
import type { NativeBackend } from '../../src/backend/backend.js';
import { Pool } from '../../src/backend/pool.js';
import { NATIVE_BACKEND } from '../../src/backend/registry.js';
import { addonProblem } from '../../src/native/index.js';
import { Random } from '../../src/random.js';
import { tf } from '../../src/tf.js';
import { nativeTest } from '../native/support.js';
import { allCases } from './cases/index.js';
import { runCase } from './run.js';

/** Large enough for its memory to be used again. */
const LENGTH = 5000;

function useNative(): NativeBackend {
  void tf.setBackend(NATIVE_BACKEND);
  return tf.backend() as NativeBackend;
}

/** Runs operations whose results take up whatever memory of LENGTH floats is free. */
function churn(): void {
  tf.tidy(() => {
    let x: tf.Tensor = tf.fill([LENGTH], 7);
    for (let i = 0; i < 10; i++) x = tf.add(x, 1);
    x.dataSync();
  });
}

function filled(value: number): tf.Tensor1D {
  return tf.tidy(() => tf.add(tf.fill([LENGTH], value), 0) as tf.Tensor1D);
}

const isAll = (values: ArrayLike<number>, value: number): boolean =>
  Array.from(values).every((element) => element === value);

nativeTest('no kernel leaves a tensor behind', (t) => {
  const backend = useNative();
  for (const given of allCases) {
    const before = [backend.numDataIds(), tf.memory().numTensors];
    runCase(NATIVE_BACKEND, given);
    t.deepEqual([backend.numDataIds(), tf.memory().numTensors], before, given.kernel);
  }
});

nativeTest('the memory of a freed tensor that nobody has read is used again', (t) => {
  const backend = useNative();
  const x = filled(1);
  const memory = (backend.stored(x) as Float32Array).buffer;
  x.dispose();
  const again = Array.from({ length: 20 }, () => backend.allocate('float32', LENGTH));
  t.true(again.some(({ buffer }) => buffer === memory));
});

nativeTest('what dataSync gave out stays as it was after its tensor is gone', (t) => {
  useNative();
  const x = filled(3);
  const values = x.dataSync();
  x.dispose();
  churn();
  t.true(isAll(values, 3));
});

nativeTest('a slice of a freed tensor stays as it was', (t) => {
  useNative();
  const x = filled(4);
  const part = tf.slice(x, [10], [LENGTH - 20]);
  x.dispose();
  churn();
  t.true(isAll(part.dataSync(), 4));
  part.dispose();
});

test('what data() gave out stays as it was after its tensor is gone', async (t) => {
  if (addonProblem() === null) useNative();
  const x = filled(8);
  const read = x.data();
  x.dispose();
  churn();
  t.true(isAll(await read, 8));
});

nativeTest('tensors that share storage keep it until the last of them is gone', (t) => {
  useNative();
  const x = filled(5);
  const reshaped = tf.reshape(x, [LENGTH / 2, 2]);
  const clone = tf.clone(x);
  x.dispose();
  clone.dispose();
  churn();
  t.true(isAll(reshaped.dataSync(), 5));
  reshaped.dispose();
});

nativeTest('a variable keeps what was assigned to it', (t) => {
  useNative();
  const variable = tf.variable(tf.zeros([LENGTH]));
  tf.tidy(() => variable.assign(filled(6)));
  churn();
  t.true(isAll(variable.dataSync(), 6));
  variable.dispose();
});

nativeTest('tensors go to the CPU backend and come back', (t) => {
  useNative();
  const x = filled(2);
  void tf.setBackend('cpu');
  const y = tf.square(x);
  void tf.setBackend(NATIVE_BACKEND);
  churn();
  const z = tf.add(x, y);
  t.true(isAll(z.dataSync(), 6));
  tf.dispose([x, y, z]);
});

/** A random program over a few tensors: operations, disposals, reads that are kept. Its reads, joined. */
function randomProgram(backend: string, seed: number): number[] {
  void tf.setBackend(backend);
  const random = new Random(seed, 3);
  const uniform = random.uniform(new Float32Array(4000));
  let next = 0;
  const below = (n: number): number => Math.floor((uniform[next++ % uniform.length] as number) * n);
  const start = tf.tensor2d(random.normal(new Float32Array(64 * 32)), [64, 32]);
  const alive: tf.Tensor[] = [start];
  const kept: Float32Array[] = [];
  const pick = (): tf.Tensor => alive[below(alive.length)] as tf.Tensor;
  const operations: readonly (() => tf.Tensor)[] = [
    () => tf.tanh(pick()),
    () => tf.mul(tf.add(pick(), pick()), 0.5),
    () => tf.relu(tf.sub(pick(), pick())),
    () => tf.reshape(pick(), [64, 32]),
    () => tf.clone(pick()),
    () => tf.slice(tf.concat([pick(), pick()], 0), [below(60), 0], [64, 32]),
    () => tf.reshape(tf.transpose(pick()), [64, 32]),
    () => tf.sigmoid(tf.sub(pick(), tf.mean(pick(), 0))),
    () => tf.sub(pick(), tf.max(pick(), 1, true)),
  ];
  for (let step = 0; step < 400; step++) {
    const made = tf.tidy(() => (operations[below(operations.length)] as () => tf.Tensor)());
    alive.push(made);
    if (below(4) === 0) kept.push(pick().dataSync() as Float32Array);
    while (alive.length > 6) (alive.splice(below(alive.length), 1)[0] as tf.Tensor).dispose();
  }
  tf.dispose(alive);
  return kept.flatMap((values) => [...values]);
}

nativeTest('a random program reads the same as on the CPU backend, however memory was used', (t) => {
  for (const seed of [1, 2, 3]) {
    const native = randomProgram(NATIVE_BACKEND, seed);
    const cpu = randomProgram('cpu', seed);
    t.is(native.length, cpu.length);
    t.true(native.every((value, i) => Math.abs(value - (cpu[i] as number)) < 1e-4));
  }
});

nativeTest('arrays of results begin at cache lines, and what is given out owns its memory', (t, addon) => {
  const backend = useNative();
  for (const [kind, length] of [
    ['float32', 256],
    ['float32', LENGTH],
    ['float32', 300_000],
    ['int32', 1001],
    ['bool', 70_001],
  ] as const) {
    const taken = Array.from({ length: 5 }, () => backend.allocate(kind, length));
    for (const { buffer, byteOffset, byteLength, length: own } of taken) {
      t.is(own, length);
      t.is(addon.tensorMisalignment(new Uint8Array(buffer, byteOffset, byteLength)), 0, `${kind} ${length}`);
    }
    for (const elements of taken) backend.release(elements);
  }
  const odd = new Uint8Array(new ArrayBuffer(300), 5);
  t.is((addon.tensorMisalignment(odd) - addon.tensorMisalignment(new Uint8Array(odd.buffer)) + 64) % 64, 5);
  const x = filled(1);
  const values = x.dataSync();
  t.is(values.buffer.byteLength, values.byteLength);
  t.is(x.dataSync(), values);
  x.dispose();
});

nativeTest('what was given out is what later kernels read and write around', (t) => {
  const backend = useNative();
  const x = filled(1);
  const values = x.dataSync() as Float32Array;
  values[0] = 5;
  churn();
  t.is(backend.stored(x), values);
  t.is(
    tf.tidy(() => tf.max(x).dataSync()[0]),
    5,
  );
  x.dispose();
});

const pools = () => new Pool(() => 0);

test('a pool gives back what it was given, of the type and length asked for', (t) => {
  const pool = pools();
  const [floats, ints, bytes] = [new Float32Array(3000), new Int32Array(3000), new Uint8Array(3000)];
  for (const elements of [floats, ints, bytes]) pool.give(elements);
  t.is(pool.take('int32', 3000), ints);
  t.is(pool.take('bool', 3000), bytes);
  t.is(pool.take('float32', 3000), floats);
  t.not(pool.take('float32', 3000), floats);
  pool.give(floats);
  t.is(pool.take('float32', 3001).length, 3001);
  pool.clear();
  t.not(pool.take('float32', 3000), floats);
});

test('a pool holds no more than its limit, in large arrays and in small ones', (t) => {
  const pool = pools();
  const large = () => new Uint8Array(100 * 1024 * 1024);
  const given: Uint8Array[] = [large(), large(), large()];
  for (const elements of given) pool.give(elements);
  const taken = given.map(() => pool.take('bool', 100 * 1024 * 1024));
  t.true(taken.filter((elements) => given.includes(elements)).length <= 2);
  const one = new Uint8Array(1);
  // One array stands for a million of them, which the limit does not leave room for.
  const before = new Uint8Array(7);
  pool.give(before);
  for (let i = 0; i < 1_100_000; i++) pool.give(one);
  t.not(pool.take('bool', 7), before);
});
