import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { PushforwardError } from '../../src/errors.js';
import { reproduce } from '../../src/reproduce/index.js';
import { loadGan } from '../../src/runs/savedGan.js';

function figure(figures: readonly { name: string; ours: number }[], name: RegExp): number {
  return figures.find((one) => name.test(one.name))?.ours as number;
}

test.serial(
  'a few hundred steps of the moons give a density of integral 1, above the entropy of the law',
  async (t) => {
    const out = mkdtempSync(join(tmpdir(), 'pushforward-reproduce-'));
    try {
      let last = 0;
      const settings = { quick: true, seed: 1, steps: 400, out, onStep: (done: number) => (last = done) };
      const outcome = await reproduce('moons-realnvp', settings);
      t.is(last, 400);
      const nll = figure(outcome.figures, /log-likelihood/);
      t.true(nll > 0.293 && nll < 0.9, `${nll}`);
      t.true(Math.abs(figure(outcome.figures, /integral/) - 1) < 0.01);
      t.true(figure(outcome.figures, /error/) < 1e-4);
      t.deepEqual(JSON.parse(readFileSync(join(out, 'moons-realnvp.json'), 'utf8')), outcome);
      t.deepEqual(readdirSync(join(out, 'moons-realnvp')), ['moons.png']);
    } finally {
      rmSync(out, { recursive: true });
    }
  },
);

test.serial(
  'packs of 1, 2 and 4 are trained and measured, each run with another seed, and gone on with',
  async (t) => {
    const out = mkdtempSync(join(tmpdir(), 'pushforward-packs-'));
    try {
      const settings = { quick: true, seed: 1, steps: 2, runs: 2, out };
      const counts: number[] = [];
      const onStep = (done: number, total: number) => {
        counts.push(done);
        t.is(total, 12);
      };
      const { figures, remarks } = await reproduce('pacgan-ring', { ...settings, onStep });
      t.deepEqual(
        counts,
        Array.from({ length: 12 }, (_, i) => i + 1),
      );
      t.is(figures.length, 9);
      t.true(figures.every(({ spread, published }) => spread !== undefined && published !== undefined));
      t.regex(remarks.join(), /2 runs of 2 steps instead of 10 of 400000/);
      const folder = join(out, 'pacgan-ring');
      t.deepEqual(
        readdirSync(folder).sort(),
        [1, 2, 4].flatMap((pac) => [`packs-of-${pac}-1`, `packs-of-${pac}-2`]),
      );
      const one = join(folder, 'packs-of-4-2');
      t.true(readdirSync(one).includes('samples-2.png'));
      t.is((await loadGan(one)).gan.objective.pac, 4);
      const again = await reproduce('pacgan-ring', { ...settings, resume: true, onStep: () => t.fail() });
      t.deepEqual(again.figures, figures);
      const longer = reproduce('pacgan-ring', { ...settings, steps: 4, resume: true });
      t.is(
        (await t.throwsAsync(longer, { instanceOf: PushforwardError })).code,
        'usage',
        'epochs of other lengths',
      );
    } finally {
      rmSync(out, { recursive: true });
    }
  },
);

test.serial('what is stopped or unknown says so', async (t) => {
  const signal = AbortSignal.abort();
  const stopped = reproduce('moons-realnvp', { quick: true, seed: 0, signal });
  t.is((await t.throwsAsync(stopped, { instanceOf: PushforwardError })).code, 'aborted');
  const nowhere = reproduce('mnist-vae', { quick: true, seed: 0, resume: true });
  t.regex((await t.throwsAsync(nowhere, { instanceOf: PushforwardError })).message, /--out/);
  const useless = reproduce('moons-realnvp', { quick: true, seed: 0, vae: 'saved' });
  t.regex(
    (await t.throwsAsync(useless, { instanceOf: PushforwardError })).message,
    /moons-realnvp has no use for vae/,
  );
  const unknown = reproduce('moons', { quick: true, seed: 0 });
  t.regex(
    (await t.throwsAsync(unknown, { instanceOf: PushforwardError })).message,
    /no experiment is called moons/,
  );
});
