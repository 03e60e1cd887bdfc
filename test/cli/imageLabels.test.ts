import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { ImageSet } from '../../src/data/images/imageSet.js';
import { readImages } from '../../src/data/images/readImages.js';
import { encodeNpy } from '../../src/data/images/writeImages.js';
import { loadRun } from '../../src/runs/index.js';
import { bars, idxFile } from '../runs/images/support.js';
import { temporaryFolder } from './binary.js';
import { runFake } from './fake.js';
import { runHere } from './inProcess.js';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const small = { height: 4, width: 4, channels: 1 };

/** Two files as MNIST has them; the second holds labels. */
function writeIdx(name: string, images: ImageSet, labels = images.labels as Int32Array): string {
  const header = Buffer.from([0, 0, 8, 1, 0, 0, 0, labels.length]);
  writeFileSync(at(`${name}-labels-idx1-ubyte`), Buffer.concat([header, Uint8Array.from(labels)]));
  writeFileSync(at(`${name}-images-idx3-ubyte`), idxFile(images));
  return at(`${name}-images-idx3-ubyte`);
}

const training = writeIdx('train', bars(80, small));
const others = writeIdx('t10k', bars(30, small, 5));
const vae = at('vae');
const quick = ['--epochs', '1', '--batch-size', '16', '--latent', '2'];
const fitted = runHere(['fit', training, '--condition', 'labels', '--out', vae, ...quick]);

const run = async (...argv: readonly string[]) => {
  await fitted;
  return runHere(argv);
};

const sample = async (out: string, ...more: string[]) => {
  const drawn = await run('sample', vae, '-n', '12', '--out', at(out), '--json', ...more);
  return { ...drawn, labels: drawn.code === 0 ? (JSON.parse(drawn.stdout).labels as string[]) : [] };
};

test('images are fitted given the labels beside them', async (t) => {
  const { code, stderr } = await fitted;
  t.is(code, 0, stderr);
  t.regex((await run('info', vae)).stdout, /a vae of images of 4 x 4 x 1 given their class \(0, 1\), fitted/);
  t.deepEqual(JSON.parse((await run('info', vae, '--json')).stdout).run.classes, ['0', '1']);
  const scored = await run('score', vae, others, '--samples', '5');
  t.regex(scored.stdout, /^image,label,log_prob,elbo,bits_per_dim\n0,[01],-/);
  const evaluated = JSON.parse((await run('evaluate', vae, others, '--samples', '5', '--json')).stdout);
  t.true(evaluated.likelihood.logLikelihood < 0 && evaluated.samples.model.energy > 0);
});

test('classes are drawn by their shares, one by its name, or all of them, and written with the images', async (t) => {
  const { labels } = await sample('images.npz');
  t.deepEqual([...new Set(labels)].sort(), ['0', '1']);
  const read = await readImages(at('images.npz'));
  t.deepEqual(Array.from(read.labels ?? [], String), labels);

  t.deepEqual((await sample('pictures')).labels, labels);
  t.deepEqual(readdirSync(at('pictures')), ['0', '1']);
  const pictures = await readImages(at('pictures'));
  // Those of the first class come first, in the order they were drawn in.
  const order = labels.map((_, i) => i).sort((a, b) => Number(labels[a]) - Number(labels[b]));
  t.deepEqual(
    Array.from(pictures.labels ?? []),
    order.map((i) => Number(labels[i])),
  );
  t.deepEqual(
    pictures.pixels,
    Uint8Array.from(order.flatMap((i) => Array.from(read.pixels.subarray(16 * i, 16 * i + 16)))),
  );

  const table = `image,label\n${labels.map((label, i) => `${i},${label}\n`).join('')}`;
  for (const name of ['grid.png', 'images.npy']) {
    await sample(name);
    t.is(readFileSync(at(name.replace(/[.]\w+$/, '.labels.csv')), 'utf8'), table);
  }
  t.deepEqual((await sample('ones.npz', '--condition', '1')).labels, labels.fill('1'));
  const all = await sample('all.png', '--condition', 'all');
  t.deepEqual(
    all.labels,
    labels.map((_, i) => (i < 6 ? '0' : '1')),
  );
});

test('a class that cannot be named by a folder is not written into one', async (t) => {
  const loaded = await fitted.then(() => loadRun(vae));
  if (loaded.kind !== 'images') return t.fail('a run of a table');
  const { writeImageFiles } = await import('../../src/report/imageFiles.js');
  const images = { ...(await loaded.sample(2, { condition: 'all' })), classes: ['a', '../b'] };
  await t.throwsAsync(writeImageFiles(images, at('out')), {
    message: /no folder can be named by the class "..\/b".*; give a path that ends in .npz/,
  });
  t.false(existsSync(at('out')));
  loaded.dispose();
});

test('what is wrong with labels is exit 2 and one line with the mend', async (t) => {
  const refused = async (message: RegExp, ...argv: string[]) => {
    const { code, stdout, stderr } = await run(...argv);
    t.is(code, 2, `${argv.join(' ')}: ${stderr}`);
    t.is(stdout, '');
    t.regex(stderr.trim().split('\n').at(-1) ?? '', message);
  };
  mkdirSync(at('bare'));
  const bare = at('bare/images-idx3-ubyte');
  writeFileSync(bare, idxFile(bars(40, small)));
  const out = ['--out', at('none')];
  await refused(
    /holds no labels; put a file of labels beside the images/,
    'fit',
    bare,
    '--condition',
    'labels',
    ...out,
  );
  await refused(/--condition.*labels/, 'fit', training, '--condition', 'colour', ...out);
  await refused(/holds no labels/, 'score', vae, bare);
  const more = bars(20, small);
  const third = writeIdx(
    'third',
    more,
    more.labels?.map((label, i) => (i === 3 ? 2 : label)),
  );
  await refused(/image 4: the class 2 is not known; give images of 0, 1/, 'evaluate', vae, third);
  const draw = ['-n', '1', '--out', at('x.png')];
  await refused(/there is no class 7; give one of 0, 1, or all/, 'sample', vae, '--condition', '7', ...draw);
  await refused(/1 images? (is|are) fewer than the 2 classes/, 'sample', vae, '--condition', 'all', ...draw);
  const flat = at('flat.npy');
  writeFileSync(flat, encodeNpy(new Uint8Array(20 * 16), [20, 4, 4, 1]));
  await refused(/holds no labels/, 'evaluate', vae, flat);
  t.false(existsSync(at('none')));
  t.false(existsSync(at('x.png')));

  const { code, stderr } = await runFake(['sample', 'run', '-n', '2', '--condition', 'a']);
  t.is(code, 2);
  t.regex(stderr, /--condition is for images, and this is a table; leave it out/);
});
