import test from 'ava';
import { alignColumns, indent } from '../../src/report/columns.js';
import { likelihoodTable } from '../../src/report/likelihood.js';
import {
  formatCount,
  formatError,
  formatNats,
  formatSeconds,
  formatValue,
} from '../../src/report/numbers.js';

test('columns line up and no line ends in blanks', (t) => {
  const text = alignColumns(
    [
      ['a', '1', 'x'],
      ['long name', '-22.5', ''],
    ],
    ['left', 'right', 'left'],
  );
  t.is(text, 'a              1  x\nlong name  -22.5');
  t.is(alignColumns([], ['left']), '');
});

test('indent leaves empty lines empty', (t) => {
  t.is(indent('a\n\nb'), '  a\n\n  b');
});

test('numbers are written as people read them', (t) => {
  t.is(formatNats(-12.34567), '-12.346');
  t.is(formatNats(Number.NEGATIVE_INFINITY), '-infinity');
  t.deepEqual([-1e-9, -0, -0.0004, -0.0006, -1].map(formatNats), [
    '0.000',
    '0.000',
    '0.000',
    '-0.001',
    '-1.000',
  ]);
  t.is(formatCount(1234567), '1,234,567');
  t.is(formatError(2.53e-6), '2.5e-6');
  t.is(formatError(0), '0');
  t.deepEqual([0.1 + 0.2, 1e6, 123456.789, 5].map(formatValue), ['0.3', '1000000', '123457', '5']);
});

test('a time never reads sixty seconds or sixty minutes', (t) => {
  t.deepEqual([0, 9.94, 9.96, 119.4, 119.6, 185, 7199.6, 7500].map(formatSeconds), [
    '0.0 s',
    '9.9 s',
    '10 s',
    '119 s',
    '2 min 00 s',
    '3 min 05 s',
    '2 h 00 min',
    '2 h 05 min',
  ]);
});

test('a model that loses to a baseline is said to be behind', (t) => {
  const text = likelihoodTable({
    logLikelihood: -5,
    standardError: 0.1,
    baselines: { gaussian: -4, independent: Number.NEGATIVE_INFINITY },
  });
  t.regex(text, /Gaussian +-4[.]000 {2}model behind by 1[.]000\n/);
  t.regex(text, /independent columns +-infinity$/);
});
