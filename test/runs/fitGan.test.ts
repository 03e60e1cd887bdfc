import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import '../../src/backend/index.js';
import { arrayRows, type RowSource } from '../../src/data/rowSource.js';
import { type ErrorCode, PushforwardError } from '../../src/errors.js';
import { GanHealth } from '../../src/gan/health.js';
import { plainGanObjective } from '../../src/gan/objective.js';
import { diversity } from '../../src/metrics/diversity.js';
import { type FitGanOptions, fitGan, type GanEpochRecord } from '../../src/runs/fitGan.js';
import { tf } from '../../src/tf.js';
import { normalMatrix, normals } from '../flows/laws.js';
import { smallGan } from '../gan/support.js';

test.before(() => tf.ready());

const training = { x: arrayRows(normals(120, 3), 2) };

test.serial('a fit that is resumed ends on the bits of one that is not, averages and all', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'pushforward-'));
  const run = async (path: string, stops: readonly number[], epochs: number) => {
    const records: GanEpochRecord[] = [];
    let weights: Float32Array[] = [];
    for (const stop of stops) {
      const gan = smallGan(
        { objective: { pac: 2, spectralNormalisation: true } },
        { batchNormalisation: true },
      );
      const control = new AbortController();
      const result = await fitGan(gan, {
        training,
        epochs,
        batchSize: 10,
        average: 0.9,
        criticSteps: 2,
        checkpoint: { path, fingerprint: 'same', resume: true },
        signal: control.signal,
        onEpoch: (record) => {
          records.push(record);
          if (record.epoch === stop) control.abort();
        },
      });
      t.is(result.epochs, stop);
      t.is(result.steps, 3 * stop);
      weights = [...gan.weights.values()].map((weight) => weight.dataSync<'float32'>().slice());
      gan.dispose();
    }
    return { weights, records: records.map(({ rowsPerSecond: _, ...figures }) => figures) };
  };
  const whole = await run(join(folder, 'whole'), [4], 4);
  t.deepEqual(await run(join(folder, 'parts'), [1, 3, 4], 4), whole);
  t.true(whole.weights.every((values) => values.every(Number.isFinite)));
  t.true(whole.records.every((record) => Object.values(record).every(Number.isFinite)));

  const path = join(folder, 'whole');
  const resume = async (fingerprint: string) => {
    const gan = smallGan(
      { objective: { pac: 2, spectralNormalisation: true } },
      { batchNormalisation: true },
    );
    const checkpoint = { path, fingerprint, resume: true };
    const error = await t.throwsAsync(fitGan(gan, { training, batchSize: 10, checkpoint }), {
      instanceOf: PushforwardError,
    });
    gan.dispose();
    return error?.code;
  };
  t.is(await resume('another'), 'usage');
  await writeFile(path, (await readFile(path)).subarray(0, -8));
  t.is(await resume('same'), 'damaged');
});

for (const contextDim of [0, 2]) {
  test.serial(`the rows of each draw are told one draw before (context of ${contextDim})`, async (t) => {
    const told: string[] = [];
    const seen: string[] = [];
    const x: RowSource = {
      ...training.x,
      prefetch(places) {
        told.push(places.join());
      },
      read(places, out) {
        seen.push(told.shift() === places.join() ? 'told' : 'new');
        training.x.read(places, out);
      },
    };
    const gan = smallGan({ contextDim });
    const epochs: string[][] = [];
    await fitGan(gan, {
      training: contextDim === 0 ? { x } : { x, context: training.x },
      epochs: 2,
      batchSize: 10,
      criticSteps: 2,
      generatorSteps: 2,
      onStep: (_epoch, step, steps) => {
        if (step < steps) return;
        epochs.push(seen.splice(0));
        told.length = 0;
      },
      // What is measured in between is read on the spot.
      onEpoch: () => {
        seen.length = 0;
        told.length = 0;
      },
    });
    const draws = 3 * (contextDim === 0 ? 2 : 4);
    const expected = ['new', ...Array<string>(draws - 1).fill('told')];
    t.deepEqual(epochs, [expected, expected]);
    gan.dispose();
  });
}

test.serial('a timer has its turn where epochs are shorter than the time between turns', async (t) => {
  const gan = smallGan({});
  const control = new AbortController();
  setTimeout(() => control.abort(), 50);
  const options = { training, batchSize: 10, epochs: 1000, epochSteps: 1, signal: control.signal };
  const { aborted, epochs } = await fitGan(gan, options);
  t.true(aborted && epochs < options.epochs, `${epochs}`);
  gan.dispose();
});

test.serial('batches and rows that make no sense are refused with what would', async (t) => {
  const gan = smallGan({ objective: { pac: 3 } });
  const refuse = async (options: Partial<FitGanOptions>, code: ErrorCode, message: RegExp) => {
    const error = await t.throwsAsync(fitGan(gan, { training, ...options }), {
      instanceOf: PushforwardError,
    });
    t.is(error?.code, code);
    t.regex(error?.message ?? '', message);
  };
  await refuse({ batchSize: 10 }, 'usage', /10 rows.*packs of 3; give a batch of 9 or 12/);
  await refuse({ batchSize: 63 }, 'usage', /60 rows are fewer than a batch of 63/);
  await refuse({ batchSize: 0 }, 'usage', /a batch of 0 rows/);
  for (const epochSteps of [0, 1.5, Number.NaN])
    await refuse({ epochSteps, batchSize: 9 }, 'usage', /epochs of .* steps/);
  await refuse(
    { training: { x: arrayRows(normals(90, 3), 3) }, batchSize: 9 },
    'shape',
    /rows of 3 numbers.*of 2/,
  );
  await refuse(
    { training: { ...training, context: training.x }, batchSize: 9 },
    'shape',
    /context of 2 numbers/,
  );
  gan.dispose();
});

test('diversity is 1 for rows of the law, 0 for one row, and the scale of rows that are scaled', (t) => {
  const real = normalMatrix(300, 3, 1);
  t.true(Math.abs(diversity(normalMatrix(400, 3, 2), real) - 1) < 0.1);
  t.is(diversity(tf.ones([10, 3]), real), 0);
  t.true(Math.abs(diversity(tf.mul(real, 0.25), real) - 0.25) < 1e-5);
});

test('a critic that has won and modes that have collapsed are said once, with the figures', (t) => {
  const healthy = { realScore: 0.6, fakeScore: 0.4, diversity: 0.9 };
  const won = { realScore: 0.99, fakeScore: 0.004, diversity: 0.9 };
  const collapsed = { ...healthy, diversity: 0.05 };
  const said = (loss: 'nonSaturating' | 'wasserstein', epochs: readonly (typeof healthy)[]) => {
    const health = new GanHealth({ ...plainGanObjective, loss });
    return epochs.flatMap((figures, i) => health.see(i + 1, figures).map((text) => `${i + 1}: ${text}`));
  };
  t.deepEqual(said('nonSaturating', [won, won, healthy, won, won]), []);
  const winning = said('nonSaturating', [won, won, won, won, healthy, won, won, won]);
  t.is(winning.length, 1);
  t.regex(winning[0] as string, /^3: .*D\(x\) is 0\.990 and D\(G\(z\)\) 0\.004/);
  t.deepEqual(said('wasserstein', [won, won, won]), []);
  const collapsing = said(
    'wasserstein',
    Array.from({ length: 12 }, () => collapsed),
  );
  t.is(collapsing.length, 1);
  t.regex(collapsing[0] as string, /^8: .*5\.0 %/);
});
