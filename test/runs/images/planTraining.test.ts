import test from 'ava';
import { PushforwardError } from '../../../src/errors.js';
import { planTraining } from '../../../src/runs/images/planTraining.js';

const open = { batchSize: null, epochs: null };

test('whatever the number of images, there are whole packs, no more images than there are, and updates enough', (t) => {
  for (const images of [2, 7, 16, 95, 270, 800, 5000, 60_000, 2_000_000]) {
    for (const natural of [32, 64, 128]) {
      for (const pac of [1, 2, 7].filter((size) => size <= images)) {
        for (const criticSteps of [1, 5]) {
          const { batchSize, epochs } = planTraining(open, images, natural, pac, criticSteps);
          const what = `${images} images, ${natural}, packs of ${pac}, ${criticSteps}: ${batchSize}, ${epochs}`;
          t.is(batchSize % pac, 0, what);
          t.true(batchSize >= 1 && batchSize <= Math.min(images, natural), what);
          const updates = epochs * Math.max(1, Math.round(images / (batchSize * criticSteps)));
          t.true(epochs >= 5 && updates >= 1990, what);
          t.true(epochs === 5 || updates <= 13_000, what);
        }
      }
    }
  }
});

test('many images have the natural batch, few a tenth of them, and what is given stays', (t) => {
  t.deepEqual(planTraining(open, 48_000, 128, 1, 1), { batchSize: 128, epochs: 27 });
  t.is(planTraining(open, 320, 128, 1, 1).batchSize, 32);
  t.is(planTraining(open, 100, 128, 1, 1).batchSize, 16);
  const given = { batchSize: 48, epochs: 3 };
  t.deepEqual(planTraining(given, 50, 64, 2, 1), given);
});

test('batches and packs that cannot be are refused with one that can', (t) => {
  const refused = (settings: Parameters<typeof planTraining>[0], images: number, pac: number) =>
    t.throws(() => planTraining(settings, images, 64, pac, 1), { instanceOf: PushforwardError }).message;
  t.regex(refused({ batchSize: 51, epochs: null }, 50, 1), /give --batch-size 50 or less/);
  t.regex(refused(open, 6, 7), /fewer than a pack of 7; give --pac 6 or less/);
  const mend = /give --batch-size (\d+)$/;
  for (const [batchSize, images, pac] of [
    [16, 50, 3],
    [1, 50, 7],
    [50, 50, 33],
  ] as const) {
    const found = Number(mend.exec(refused({ batchSize, epochs: null }, images, pac))?.[1]);
    t.true(found % pac === 0 && found > 0 && found <= images, `${found}`);
  }
});
