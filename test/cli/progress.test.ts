import test from 'ava';
import { fakeRun, fitEvents, runFake } from './fake.js';

const fit = (epochs: number) => async (_source: unknown, options: { onEvent?: (event: never) => void }) => {
  for (const event of fitEvents(epochs)) options.onEvent?.(event as never);
  return fakeRun;
};

test('away from a terminal: plain lines, the schema, and about every tenth epoch', async (t) => {
  const { stderr } = await runFake(['fit', 'rows.csv'], { fit: fit(60) });
  const lines = stderr.trimEnd().split('\n');
  t.false(stderr.includes('\r') || stderr.includes('\u001b'));
  t.is(lines[0], 'rows.csv: 344 rows');
  t.true(lines.some((line) => /^age +integer +17 to 90, step 1$/.test(line)));
  t.true(lines.some((line) => /^job +categorical +25[.]0 % +baker, smith$/.test(line)));
  t.true(lines.some((line) => /^id +left out +every value is different$/.test(line)));
  t.true(lines.includes('fitting 12,345 parameters of nsf on native: at most 60 epochs of 3 steps'));
  const epochs = lines.filter((line) => /^ *\d+\/60 /.test(line));
  t.true(epochs.length >= 6 && epochs.length <= 12, `${epochs.length} rows`);
  for (const epoch of [10, 20, 30, 40, 50, 60]) {
    t.true(epochs.some((line) => line.trimStart().startsWith(`${epoch}/60 `)));
  }
  const starts = epochs.map((line) => line.indexOf('23,457'));
  t.true(
    starts.every((start) => start > 0 && start === starts[0]),
    'the columns are aligned',
  );
  t.is(lines.at(-1), 'writing the ONNX files');
});

test('away from a terminal the time left is told once, of a fit that takes long', async (t) => {
  const timed = async (epochs: number, terminal = false) => {
    const { stderr } = await runFake(['fit', 'rows.csv'], { fit: fit(epochs), terminal });
    return [...stderr.matchAll(/^at most (.*) left at this speed$/gm)].map(([, time]) => time);
  };
  const [told, ...more] = await timed(600);
  t.deepEqual(more, []);
  t.regex(told ?? '', / s$/);
  t.deepEqual(await timed(20), [], 'a short one');
  t.deepEqual(await timed(600, true), [], 'on a terminal the bar says so');
});

test('on a terminal: one live line, cleared before anything else is printed', async (t) => {
  const { stderr } = await runFake(['fit', 'rows.csv'], { fit: fit(60), terminal: true });
  const drawn = stderr.split('\r\u001b[K');
  t.true(drawn.length > 20);
  const bars = drawn.map((text) => text.split('\n').at(-1) ?? '').filter((text) => /[█░]/.test(text));
  t.is(drawn.length - 1, bars.length, 'every bar that was drawn was cleared');
  t.true(bars.every((bar) => bar.length < 100));
  t.true(
    bars.some((bar) =>
      /% {2}epoch 30 {2}train -2[.]710 {2}validation -3[.]210 {2}at most .* left$/.test(bar),
    ),
  );
  const shares = bars.map((bar) => Number(/(\d+) %/.exec(bar)?.[1]));
  t.deepEqual(
    shares,
    shares.toSorted((a, b) => a - b),
  );
});

test('--quiet keeps warnings and drops the rest', async (t) => {
  const { stderr, stdout } = await runFake(['fit', 'rows.csv', '--quiet', '--json'], {
    fit: async (_source, { onEvent }) => {
      onEvent?.({ kind: 'warning', message: 'column x has a single value' });
      onEvent?.({ kind: 'stage', message: 'fitting' });
      return fakeRun;
    },
  });
  t.is(stderr, 'pushforward: warning: column x has a single value\n');
  t.deepEqual((JSON.parse(stdout) as { warnings: string[] }).warnings, ['column x has a single value']);
});
