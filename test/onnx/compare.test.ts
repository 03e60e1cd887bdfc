import test from 'ava';
import { maxRelativeError } from '../../src/onnx/compare.js';

test('differences are relative above 1 and absolute below', (t) => {
  t.is(maxRelativeError([101], [100]), 0.01);
  t.is(maxRelativeError([-99], [-100]), 0.01);
  t.is(maxRelativeError([0.25], [0]), 0.25);
  t.is(maxRelativeError([1, 2, 3.5], [1, 2, 3]), 0.5 / 3);
  t.is(maxRelativeError([], []), 0);
});

test('what is not finite agrees with its like alone', (t) => {
  const [inf, nan] = [Number.POSITIVE_INFINITY, Number.NaN];
  t.is(maxRelativeError([inf, -inf, nan, 0], [inf, -inf, nan, -0]), 0);
  for (const [a, b] of [
    [inf, -inf],
    [inf, 1],
    [1, inf],
    [nan, 1],
    [1, nan],
    [nan, inf],
  ] as const) {
    t.is(maxRelativeError([0, a], [0, b]), inf);
  }
  t.is(maxRelativeError([1], [1, 2]), inf);
});
