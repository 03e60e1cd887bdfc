import test from 'ava';
import { OURS, OURS_TWICE } from '../../bench/compare.js';
import { readConfigurations } from '../../bench/configurations.js';
import { lineOf, tableHead, tableRow } from '../../bench/lines.js';
import type { Measured, Place } from '../../bench/measure.js';

const [configuration] = readConfigurations();

function place(task: Place['task']): Place {
  if (configuration === undefined) throw new Error('no configuration');
  return { configuration, batch: 10, task };
}

/** Times by name, in seconds; ours take 1 s a round and 5000 multiply-adds a run. */
function measured(times: Record<string, readonly number[]>, peaks: readonly number[] = []): Measured {
  const all = { [OURS]: [1, 1, 1], ...times };
  return {
    times: Object.fromEntries(
      Object.entries(all).map(([name, seconds]) => [name, { seconds, parameters: 7, multiplyAdds: 5000 }]),
    ),
    absent: { zuko: 'it has none' },
    peaks,
  };
}

test('a ratio is the median of those within a round, whatever the rounds differ by', (t) => {
  const line = lineOf(place('train'), measured({ [OURS]: [1, 10, 100], torch: [3, 20, 500] }));
  t.is(line.ratios.torch, 3);
  t.is(line.seconds, 10);
  t.deepEqual(line.absent, { zuko: 'it has none' });
});

test('the fastest peer of each kind is the one that counts', (t) => {
  const times = { torch: [6, 6, 6], nflows: [9, 9, 9], jax: [4, 4, 4], flowjax: [3, 3, 3] };
  const line = lineOf(place('train'), measured(times));
  t.deepEqual(line.eager, { name: 'torch', ratio: 6 });
  t.deepEqual(line.compiled, { name: 'flowjax', ratio: 3 });
  t.is(line.bound, 'peers');
});

test('a training step needs both kinds of peer behind it, a density the eager ones alone', (t) => {
  const times = { torch: [6, 6, 6], jax: [1, 1, 1] };
  t.is(lineOf(place('train'), measured(times)).bound, 'neither');
  t.is(lineOf(place('logProb'), measured(times)).bound, 'peers');
  t.is(lineOf(place('logProb'), measured({ torch: [2.9, 2.9, 2.9] })).bound, 'neither');
  t.is(lineOf(place('logProb'), measured({})).bound, null);
});

test('the share of the peak is of the best round of each, two operations a multiply-add', (t) => {
  const half = lineOf(place('logProb'), measured({ [OURS]: [2, 1, 3] }, [15000, 20000]));
  t.is(half.peakShare, 0.5);
  t.is(half.bound, 'neither');
  const more = lineOf(place('train'), measured({}, [12500]));
  t.is(more.peakShare, 0.8);
  t.is(more.bound, 'peak');
});

test('two threads are ours over ours, and no peer', (t) => {
  const line = lineOf(place('train'), measured({ [OURS_TWICE]: [0.5, 0.5, 0.5] }));
  t.is(line.twoThreads, 2);
  t.deepEqual(line.ratios, {});
});

test('rows have the columns of the head', (t) => {
  const columns = (text: string) => text.split('|').length;
  const [head, rule] = tableHead().split('\n') as [string, string];
  const row = tableRow(lineOf(place('train'), measured({ torch: [6, 6, 6] }, [1e5])));
  t.is(columns(rule), columns(head));
  t.is(columns(row), columns(head));
  t.true(row.includes('**6.0x**'));
});

test('whoever had fewer rounds is compared in those it had', (t) => {
  t.is(lineOf(place('train'), measured({ [OURS]: [1, 10, 100], torch: [30] })).ratios.torch, 30);
  t.is(lineOf(place('train'), measured({ [OURS]: [10], torch: [30, 1, 1] })).ratios.torch, 3);
});
