import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { PushforwardError } from '../../src/errors.js';
import { GraphBuilder } from '../../src/onnx/graph.js';
import { OnnxRunner } from '../../src/onnx/session.js';

const WIDTH = 64;

/** A graph that takes a while: x through `depth` products with one matrix. */
function network(depth: number): Uint8Array {
  const builder = new GraphBuilder('test');
  const matrix = builder.initializer(
    'float32',
    [WIDTH, WIDTH],
    new Float32Array(WIDTH * WIDTH).fill(1 / WIDTH),
  );
  let x = builder.input('x', 'float32', ['batch', WIDTH]);
  for (let layer = 0; layer < depth; layer++) x = builder.node('Tanh', [builder.node('MatMul', [x, matrix])]);
  builder.output(x, 'y', 'float32', ['batch', WIDTH]);
  return builder.finish();
}

function rows(count: number, value = 0.5) {
  const data = new Float32Array(count * WIDTH).fill(value);
  return { x: { type: 'float32', dims: [count, WIDTH], data } } as const;
}

let folder: string;
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pushforward-onnx-'));
});
test.after.always(() => rm(folder, { recursive: true, force: true }));

test('runs do not block the event loop', async (t) => {
  const runner = await OnnxRunner.open(network(100));
  let ticks = 0;
  const timer = setInterval(() => ticks++, 5);
  const start = performance.now();
  await runner.run(rows(10_000));
  const elapsed = performance.now() - start;
  clearInterval(timer);
  await runner.close();
  t.true(elapsed > 50, `the run took ${elapsed} ms, too little to tell`);
  t.true(ticks > elapsed / 50, `${ticks} ticks in ${elapsed} ms`);
});

test('runs are served in order, and closing waits for them', async (t) => {
  const runner = await OnnxRunner.open(network(1));
  const order: number[] = [];
  const runs = [5000, 1, 100, 1].map(async (count, index) => {
    const { y } = await runner.run(rows(count));
    order.push(index);
    return y?.dims[0];
  });
  await runner.close();
  t.deepEqual(await Promise.all(runs), [5000, 1, 100, 1]);
  t.deepEqual(order, [0, 1, 2, 3]);
  await runner.close();
  await t.throwsAsync(runner.run(rows(1)), {
    instanceOf: PushforwardError,
    code: 'usage',
    message: /closed/,
  });
});

test('a part of a larger array is fed as that part', async (t) => {
  const runner = await OnnxRunner.open(network(1));
  const data = Float32Array.from({ length: 3 * WIDTH }, (_, i) => Math.floor(i / WIDTH));
  const feeds = { x: { type: 'float32', dims: [1, WIDTH], data: data.subarray(WIDTH, 2 * WIDTH) } } as const;
  const { y } = await runner.run(feeds);
  t.true(Math.abs((y?.data[0] as number) - Math.tanh(1)) < 1e-6);
  t.is(data.length, 3 * WIDTH);
  await runner.close();
});

test('wrong feeds are errors that name the input, and the session goes on', async (t) => {
  const path = join(folder, 'network.onnx');
  await writeFile(path, network(1));
  const runner = await OnnxRunner.open(path);
  const { x } = rows(2);
  const wrong = [
    [{}, /input "x" is missing/],
    [{ x, z: x }, /no input "z"/],
    [
      { x: { type: 'float64', dims: [1, WIDTH], data: new Float64Array(WIDTH) } },
      /"x" is float32, not float64/,
    ],
    [{ x: { ...x, dims: [2, 1, WIDTH] } }, /shape \[batch, 64\], not \[2, 1, 64\]/],
    [{ x: { ...x, dims: [4, 32] } }, /shape \[batch, 64\], not \[4, 32\]/],
    [{ x: { ...x, dims: [3, WIDTH] } }, /./],
  ] as const;
  for (const [feeds, message] of wrong) {
    const error = await t.throwsAsync(runner.run(feeds), { instanceOf: PushforwardError, message });
    t.is((error as PushforwardError).code, 'input');
    t.true(error?.message.startsWith(`${path}: `));
  }
  t.is((await runner.run(rows(2))).y?.dims[0], 2);
  await runner.close();
});

test('what goes wrong inside of the graph is an error', async (t) => {
  const builder = new GraphBuilder('test');
  const table = builder.initializer('float32', [2], Float32Array.of(1, 2));
  builder.output(builder.node('Gather', [table, builder.input('i', 'int64', ['batch'])]), 'y', 'float32', [
    'batch',
  ]);
  const runner = await OnnxRunner.open(builder.finish());
  const run = (index: bigint) =>
    runner.run({ i: { type: 'int64', dims: [1], data: BigInt64Array.of(index) } });
  const error = await t.throwsAsync(run(5n), { instanceOf: PushforwardError, code: 'input' });
  t.false(error?.message.includes('\n'));
  t.deepEqual((await run(1n)).y?.data, Float32Array.of(2));
  await runner.close();
});

test('files that are none are refused by name', async (t) => {
  const whole = network(3);
  const graph = new GraphBuilder('test');
  graph.output(graph.node('NoSuchOperator', [graph.input('x', 'float32', [])]), 'y', 'float32', []);
  const wrong: Record<string, Uint8Array> = {
    'empty.onnx': new Uint8Array(0),
    'text.onnx': new TextEncoder().encode('species,island\nAdelie,Torgersen\n'),
    'zeros.onnx': new Uint8Array(1000),
    'random.onnx': Uint8Array.from({ length: 5000 }, (_, i) => (i * i * 31 + 7 * i) % 251),
    'operator.onnx': graph.finish(),
  };
  for (const [name, bytes] of Object.entries(wrong)) {
    const path = join(folder, name);
    await writeFile(path, bytes);
    const error = await t.throwsAsync(OnnxRunner.open(path), { instanceOf: PushforwardError });
    t.is((error as PushforwardError).code, 'damaged', name);
    t.true(error?.message.startsWith(`${path}: `));
  }
  for (const length of [1, 10, 100, Math.floor(whole.length / 2), whole.length - 20, whole.length - 1]) {
    const error = await t.throwsAsync(OnnxRunner.open(whole.slice(0, length)), {
      instanceOf: PushforwardError,
    });
    t.is((error as PushforwardError).code, 'damaged', `${length} bytes`);
  }
  await t.throwsAsync(OnnxRunner.open(join(folder, 'nowhere.onnx')), {
    instanceOf: PushforwardError,
    code: 'input',
    message: /nowhere.onnx: there is no such file/,
  });
  await t.throwsAsync(OnnxRunner.open(folder), { instanceOf: PushforwardError, code: 'input' });
});

/** What a program does with two open sessions, and the exit code that it must end with. */
const endings: readonly (readonly [string, string, number])[] = [
  ['closes them', 'await Promise.all(runners.map((runner) => runner.close()));', 0],
  ['forgets them', '', 0],
  ['opens one and forgets it', 'await OnnxRunner.open(path);', 0],
  ['exits', 'process.exit(3);', 3],
  [
    'exits during runs',
    'for (const r of runners) { r.run(feeds(9000)); r.run(feeds(9000)); } setTimeout(() => process.exit(3), 30); await new Promise(() => {});',
    3,
  ],
  [
    'fails during runs',
    'for (const r of runners) r.run(feeds(9000)); setTimeout(() => { throw new Error(); }, 30); await new Promise(() => {});',
    1,
  ],
  [
    'exits while another opens',
    'OnnxRunner.open(path); setTimeout(() => process.exit(3), 20); await new Promise(() => {});',
    3,
  ],
];

for (const [name, code, expected] of endings) {
  test(`a program ends cleanly when it ${name}`, async (t) => {
    const path = join(folder, `${name}.onnx`);
    await writeFile(path, network(30));
    const program = `
      const path = ${JSON.stringify(path)};
      const feeds = (n) => ({ x: { type: 'float32', dims: [n, ${WIDTH}], data: new Float32Array(n * ${WIDTH}) } });
      const { OnnxRunner } = await import(${JSON.stringify(new URL('../../src/onnx/session.js', import.meta.url))});
      const runners = await Promise.all([OnnxRunner.open(path), OnnxRunner.open(path)]);
      await Promise.all(runners.map((runner) => runner.run(feeds(1))));
      ${code}`;
    const ended = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
      timeout: 60_000,
    });
    const failure: unknown = await ended.then(
      () => undefined,
      (error: unknown) => error,
    );
    const { code: actual, signal } = (failure ?? { code: 0, signal: null }) as {
      code: number;
      signal: string | null;
    };
    t.is(signal, null);
    t.is(actual, expected);
  });
}
