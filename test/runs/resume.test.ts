import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { fitTable, PushforwardError } from '../../src/index.js';
import { readSafeTensors } from '../../src/train/safetensors.js';
import { fresh, penguins } from './tableRun.js';

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const options = ['--epochs', '40', '--seed', '8', '--quiet'];

/** Epochs in the metrics of a run folder, 0 while there is no such file. */
async function epochsOf(out: string): Promise<number> {
  const text = await readFile(join(out, 'metrics.jsonl'), 'utf8').catch(() => '');
  return text.split('\n').length - 1;
}

function fit(out: string, ...more: string[]): { done: Promise<number | null>; kill: () => void } {
  const child = spawn(process.execPath, [main, 'fit', penguins, '--out', out, ...options, ...more], {
    stdio: 'ignore',
  });
  return {
    done: new Promise((resolve) => child.once('exit', (code) => resolve(code))),
    kill: () => child.kill('SIGKILL'),
  };
}

test('a fit that is killed in mid-epoch and resumed ends on the bits of one that is not', async (t) => {
  t.timeout(120_000);
  const folder = await fresh();
  const [whole, killed] = [join(folder, 'whole'), join(folder, 'killed')];
  t.is(await fit(whole).done, 0);

  const victim = fit(killed);
  while ((await epochsOf(killed)) < 5) await setTimeout(1);
  victim.kill();
  t.is(await victim.done, null, 'it ended by the signal');
  const epochs = await epochsOf(killed);
  t.true(epochs < 40, `killed after ${epochs} epochs`);

  t.is(await fit(killed, '--resume').done, 0);
  const [a, b] = await Promise.all(
    [whole, killed].map((out) => readSafeTensors(join(out, 'model.safetensors'))),
  );
  t.deepEqual(b?.tensors, a?.tensors);
  t.is(await epochsOf(killed), await epochsOf(whole), 'no epoch is logged twice');
});

test('another table or other options are not gone on with', async (t) => {
  const out = join(await fresh(), 'run');
  await fitTable(penguins, { out, epochs: 2 });
  for (const more of [{ seed: 9 }, { drop: ['year'] }, { model: { name: 'maf' } }] as const) {
    const error = await t.throwsAsync(fitTable(penguins, { out, resume: true, ...more }), {
      instanceOf: PushforwardError,
    });
    t.is(error?.code, 'usage');
  }
});

test('resuming where there is no run says so', async (t) => {
  const out = join(await fresh(), 'run');
  await t.throwsAsync(fitTable(penguins, { out, resume: true }), { message: /holds no run to resume/ });
});
