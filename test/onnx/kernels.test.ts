import test from 'ava';
import { converters } from '../../src/onnx/kernels/index.js';
import { recordTape } from '../../src/onnx/recorder.js';
import { tf } from '../../src/tf.js';
import { convolutions } from './cases/convolutions.js';
import { elementwise } from './cases/elementwise.js';
import { layout } from './cases/layout.js';
import { products } from './cases/products.js';
import { recurrent } from './cases/recurrent.js';
import { compare, exportFunction, openSession } from './support.js';

const cases = [...elementwise, ...products, ...convolutions, ...recurrent, ...layout];

test.before(() => tf.setBackend('cpu'));

/**
 * Cases that tfjs cannot run on a table without rows, or answers with nonsense; ONNX Runtime cannot broadcast
 * against it, and its recurrent operators end the process.
 */
const needRows =
  /lstm|gru|one on the other|one row|mirrorPad|in batches|doubled rows|batched matMul|of everything, kept/;

for (const { name, fn, args } of cases) {
  test(name, async (t) => {
    const session = await openSession(exportFunction(fn, args));
    for (const rows of needRows.test(name) ? [1, 7, 11] : [0, 1, 7, 11]) {
      const { problem } = await compare(fn, args, session, rows);
      t.is(problem, undefined, `${rows} rows`);
    }
  });
}

test('every converter has a case', (t) => {
  const seen = new Set<string>();
  for (const { fn, args } of cases) {
    const inputs = args.map(({ dtype, shape }) => ({
      dtype,
      shape: shape.map((size) => (size === 'batch' ? 3 : size)),
    }));
    for (const { kernel } of recordTape(fn, inputs).nodes) seen.add(kernel);
  }
  t.deepEqual(
    Object.keys(converters).filter((kernel) => !seen.has(kernel)),
    [],
  );
});
