import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { PushforwardError } from '../../src/errors.js';
import { Random } from '../../src/random.js';
import { budgetOf } from '../../src/reproduce/budget.js';
import { type ReproduceSettings, type Reproduction, reproduce } from '../../src/reproduce/index.js';

/** So many images with a bar at the height of their class, and their labels, as files like those of MNIST. */
function writeImages(folder: string, part: string, count: number): void {
  const noise = new Random(1, count).uniform(new Float32Array(count * 784));
  const pixels = Buffer.alloc(16 + count * 784);
  const labels = Buffer.alloc(8 + count);
  pixels.set([0, 0, 8, 3]);
  labels.set([0, 0, 8, 1]);
  for (const [i, size] of [count, 28, 28].entries()) pixels.writeUInt32BE(size, 4 + 4 * i);
  labels.writeUInt32BE(count, 4);
  for (let i = 0; i < count; i++) {
    labels[8 + i] = i % 10;
    for (let at = 0; at < 784; at++) {
      const isBar = Math.floor(at / 28 / 2) === 2 + (i % 10) && at % 28 > 6 && at % 28 < 22;
      pixels[16 + i * 784 + at] = Math.round((isBar ? 200 : 0) + 50 * (noise[i * 784 + at] as number));
    }
  }
  writeFileSync(join(folder, `${part}-images-idx3-ubyte`), pixels);
  writeFileSync(join(folder, `${part}-labels-idx1-ubyte`), labels);
}

const folder = mkdtempSync(join(tmpdir(), 'pushforward-mnist-'));
const settings = { quick: true, seed: 1, data: folder, out: join(folder, 'out') };
test.before(() => {
  mkdirSync(join(folder, 'empty'));
  writeImages(folder, 'train', 200);
  writeImages(folder, 't10k', 10);
});
test.after.always(() => rmSync(folder, { recursive: true }));

function figure({ figures }: Reproduction, name: RegExp): number {
  return figures.find((one) => name.test(one.name))?.ours as number;
}

function isThere(...path: string[]): boolean {
  return existsSync(join(settings.out, ...path));
}

/** A copy of a VAE that an experiment saved, one bit of one of its weights being another. */
function otherVae(experiment: string): string {
  const other = join(folder, `other-${experiment}`);
  mkdirSync(other, { recursive: true });
  for (const name of ['vae.json', 'vae.safetensors']) {
    const content = readFileSync(join(settings.out, experiment, name));
    if (name === 'vae.safetensors') content[content.length - 4] = (content[content.length - 4] as number) ^ 1;
    writeFileSync(join(other, name), content);
  }
  return other;
}

async function refusesOtherStart(t: ExecutionContext, name: string, other: ReproduceSettings): Promise<void> {
  const failed = reproduce(name, { ...other, resume: true, onStep: () => t.fail() });
  const { code, message } = await t.throwsAsync(failed, { instanceOf: PushforwardError });
  t.is(code, 'usage');
  t.regex(
    message,
    /checkpoint.safetensors: was made with .*other first weights; resume with those of the first run/,
  );
}

test.serial(
  'the VAE leaves its bound, pictures, weights and figures; what is done need not be again',
  async (t) => {
    let last = 0;
    const outcome = await reproduce('mnist-vae', {
      ...settings,
      steps: 8,
      onStep: (done, total) => {
        last = done;
        t.is(total, 9);
      },
    });
    t.is(last, 9, 'three epochs of three steps');
    const [bound, reconstruction, kl] = [/−ELBO/, /reconstruction/, /KL/].map((name) =>
      figure(outcome, name),
    );
    t.true(Math.abs((bound as number) - (reconstruction as number) - (kl as number)) < 0.01);
    t.true(figure(outcome, /importance/) < (bound as number));
    t.regex(outcome.remarks.join(' '), /147.46 bounds nothing.*9 steps/);
    for (const name of ['samples.png', 'reconstructions.png', 'manifold.png', 'vae.safetensors']) {
      t.true(isThere('mnist-vae', name), name);
    }
    const log = readFileSync(join(settings.out, 'mnist-vae', 'metrics.jsonl'), 'utf8');
    t.is(log.trim().split('\n').length, 3);
    t.deepEqual(JSON.parse(readFileSync(join(settings.out, 'mnist-vae.json'), 'utf8')), outcome);

    const again = await reproduce('mnist-vae', {
      ...settings,
      steps: 8,
      resume: true,
      onStep: () => t.fail(),
    });
    t.deepEqual(again.figures, outcome.figures);
  },
);

test.serial('both GANs start from random weights and from the VAE beside them', async (t) => {
  for (const name of ['mnist-dcgan', 'mnist-wgan'] as const) {
    const run = { ...settings, steps: 1, runs: 2 };
    const outcome = await reproduce(name, run);
    const [fromRandom, fromVae] = [/energy.*random/, /energy.*decoder/].map((one) => figure(outcome, one));
    t.true(Number.isFinite(fromRandom) && Number.isFinite(fromVae) && fromRandom !== fromVae);
    t.true(figure(outcome, /energy of other/) < (fromRandom as number));
    t.true(outcome.figures.every(({ ours }) => Number.isFinite(ours)));
    t.true(
      outcome.figures.filter(({ name: one }) => /GAN/.test(one)).every(({ spread }) => spread !== undefined),
    );
    t.false(/was trained for this/.test(outcome.remarks.join()));
    const shares =
      outcome.remarks.find((remark) => remark.startsWith('Shares of the digits'))?.split(';') ?? [];
    t.is(shares.length, 1 + 1 + 4, 'of test digits, of the VAE, of two runs from each start');
    for (const list of shares) {
      const numbers = list.replace(/\.$/, '').split(' ').slice(-10).map(Number);
      t.true(Math.abs(numbers.reduce((sum, share) => sum + share, 0) - 100) <= 0.5, list);
    }
    for (const start of ['random-1', 'vae-1', 'random-2', 'vae-2']) {
      t.true(isThere(name, start, 'samples-1.png') && isThere(name, start, 'gan.safetensors'), start);
    }
    const again = await reproduce(name, { ...run, resume: true, onStep: () => t.fail() });
    t.deepEqual(again.figures, outcome.figures);
    await refusesOtherStart(t, name, { ...run, vae: otherVae('mnist-vae') });
  }
});

test.serial(
  'likelihoods of binary digits, of VAEs and of importance-weighted ones that start from them',
  async (t) => {
    const outcome = await reproduce('mnist-vae-50', { ...settings, steps: 2 });
    const [bound, few, all] = [/−ELBO/, /by 50 samples/, /by 5000 samples/].map((name) =>
      figure(outcome, name),
    );
    t.true((all as number) < (few as number) && (few as number) < (bound as number), `${[bound, few, all]}`);
    const vae = join(settings.out, 'mnist-vae-50');
    const iwae = await reproduce('mnist-iwae', { ...settings, steps: 1, vae });
    for (const k of ['k = 5:', 'k = 50:']) {
      // One step on from where they start, which is far from random weights.
      const after = figure(iwae, new RegExp(`${k} −log p`));
      t.true(after < (all as number), `${k} ${after} from ${all}`);
    }
    t.regex(iwae.remarks.join(), /start from the weights of the VAE/);
    t.notRegex(iwae.remarks.join(), /no epoch came past/);
    await refusesOtherStart(t, 'mnist-iwae', { ...settings, steps: 1, vae: otherVae('mnist-vae-50') });
    await refusesOtherStart(t, 'mnist-iwae', { ...settings, steps: 1 });
    const mismatched = reproduce('mnist-iwae', {
      ...settings,
      steps: 1,
      vae: join(settings.out, 'mnist-vae'),
    });
    t.is((await t.throwsAsync(mismatched, { instanceOf: PushforwardError })).code, 'shape');
  },
);

test.serial('stacked digits are told by the classifier, for critics of each pack', async (t) => {
  const run = { ...settings, steps: 1, runs: 1 };
  let told = 0;
  const outcome = await reproduce('pacgan-stacked', {
    ...run,
    onStep: (done, total) => {
      told += 1;
      t.deepEqual([done, total], [told, 3]);
    },
  });
  t.is(told, 3);
  for (const pac of [1, 2, 4]) {
    const modes = figure(outcome, new RegExp(`^packs of ${pac}: modes`));
    // Of 200 draws, from a generator that is hardly trained.
    t.true(Number.isInteger(modes) && modes >= 1 && modes <= 200, `${modes}`);
    const reverseKl = figure(outcome, new RegExp(`^packs of ${pac}: reverse KL`));
    t.true(reverseKl >= Math.log(1000 / modes) - 1e-9 && reverseKl <= Math.log(1000) + 1e-9, `${reverseKl}`);
    t.true(isThere('pacgan-stacked', `packs-of-${pac}-1`, 'samples-1.png'));
  }
  t.true(outcome.figures.every(({ published }) => published !== undefined));
  t.regex(outcome.remarks.join(' '), /1 run of 1 steps.*16 channels.*right in \d+[.]\d % of the test digits/);
  t.deepEqual(JSON.parse(readFileSync(join(settings.out, 'pacgan-stacked.json'), 'utf8')), outcome);
  const again = await reproduce('pacgan-stacked', { ...run, resume: true, onStep: () => t.fail() });
  t.deepEqual(again.figures, outcome.figures);
});

test.serial('what is no MNIST, no VAE for this, or stopped, says so', async (t) => {
  const codeOf = async (name: string, changes: object) => {
    const failed = reproduce(name, { ...settings, steps: 1, ...changes });
    return (await t.throwsAsync(failed, { instanceOf: PushforwardError })).code;
  };
  t.is(await codeOf('mnist-vae', { data: join(folder, 'nowhere') }), 'input');
  t.is(await codeOf('mnist-vae', { data: join(folder, 'empty') }), 'input');
  t.is(await codeOf('mnist-wgan', { vae: join(settings.out, 'mnist-vae-50') }), 'usage');
  t.is(await codeOf('mnist-vae', { signal: AbortSignal.abort() }), 'aborted');
  t.is(await codeOf('mnist-wgan', { signal: AbortSignal.abort() }), 'aborted');
});

test('steps become whole epochs, of fewer rows where they are less than one', (t) => {
  t.deepEqual(budgetOf(300, 60_000, 64), { rows: 19_200, epochs: 1, steps: 300 });
  t.deepEqual(budgetOf(50_000, 60_000, 64), { rows: 60_000, epochs: 54, steps: 50_652 });
  t.deepEqual(budgetOf(938, 60_000, 64), { rows: 60_000, epochs: 1, steps: 938 });
});
