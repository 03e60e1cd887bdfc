import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { readImages } from '../../src/data/images/readImages.js';
import { encodeNpy, writeImageArray } from '../../src/data/images/writeImages.js';
import { encodePng } from '../../src/report/png.js';
import { bars, idxFile } from '../runs/images/support.js';
import { pushforward, temporaryFolder } from './binary.js';
import { runHere } from './inProcess.js';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const file = (name: string, bytes: Uint8Array): string => {
  writeFileSync(at(name), bytes);
  return at(name);
};
const grey = { height: 8, width: 8, channels: 1 };
const training = file('train-images-idx3-ubyte', idxFile(bars(80, grey)));
const others = file('t10k-images-idx3-ubyte', idxFile(bars(40, grey, 5)));
const quick = ['--epochs', '2', '--batch-size', '16', '--latent', '4'];
const [vae, gan] = [at('vae'), at('gan')];

/** Fits that the tests below share, one of them by the installed command. */
const fitted = {
  vae: pushforward(folder, ['fit', 'train-images-idx3-ubyte', '--out', 'vae', ...quick]),
  gan: runHere(['fit', training, '--model', 'gan', '--out', gan, ...quick, '--json']),
};

async function run(...argv: readonly string[]) {
  await Promise.all(Object.values(fitted));
  return runHere(argv);
}

test('fit shows what is watched of each family, and says where things are', async (t) => {
  const one = await fitted.vae;
  t.is(one.code, 0, one.stderr);
  t.regex(one.stderr, /train-images-idx3-ubyte: 80 images of 8 x 8 x 1/);
  t.regex(one.stderr, /epoch +train +validation +reconstruction +KL +active units +\|∇\| +images\/s/);
  t.regex(one.stdout, /log-likelihood, 100 draws an image +-\d+[.]\d{3} /);
  t.regex(one.stdout, /bits a number of the image/);
  t.regex(one.stdout, /files +\S*vae: .*encoder.onnx, decoder.onnx/);
  const other = await fitted.gan;
  t.is(other.code, 0, other.stderr);
  t.regex(
    other.stderr,
    /epoch +D\(x\) +D\(G\(z\)\) +critic +generator +\|∇critic\| +\|∇generator\| +diversity/,
  );
  const report = JSON.parse(other.stdout) as { likelihood: unknown; files: string[]; warnings: unknown[] };
  t.is(report.likelihood, null);
  for (const file of report.files) t.true(existsSync(join(gan, file)), file);
});

test('sample draws a grid, arrays that are read again, and pictures', async (t) => {
  for (const out of ['grid.png', 'images.npy', 'images.npz', 'pictures']) {
    const { code, stdout, stderr } = await run('sample', vae, '-n', '5', '--seed', '3', '--out', at(out));
    t.is(code, 0, stderr);
    t.is(stdout, `5 new images in ${at(out)}\n`);
  }
  t.deepEqual(readFileSync(at('grid.png')).subarray(1, 4).toString(), 'PNG');
  const [npy, npz, pictures] = await Promise.all(
    ['images.npy', 'images.npz', 'pictures'].map((name) => readImages(at(name))),
  );
  t.deepEqual(npy?.shape, grey);
  t.deepEqual(npz?.pixels, npy?.pixels);
  t.deepEqual(pictures?.pixels, npy?.pixels);
  t.deepEqual(
    readdirSync(at('pictures')),
    [1, 2, 3, 4, 5].map((i) => `000${i}.png`),
  );
});

test('score, evaluate, export and info work on runs of images', async (t) => {
  const scored = await run('score', vae, others, '--samples', '10');
  t.is(scored.code, 0, scored.stderr);
  const lines = scored.stdout.trim().split('\n');
  t.is(lines[0], 'image,log_prob,elbo,bits_per_dim');
  t.is(lines.length, 41);
  const json = JSON.parse((await run('score', vae, others, '--samples', '10', '--json')).stdout);
  t.is(lines[40]?.split(',')[1], String(json.logProb[39]));
  const evaluated = await run('evaluate', vae, others, '--samples', '10');
  t.regex(
    evaluated.stdout,
    /40 images, nats an image[\s\S]*energy distance[\s\S]*precision +\d[.]\d{3}[\s\S]*recall/,
  );
  const measured = JSON.parse((await run('evaluate', gan, others, '--json')).stdout);
  t.is(measured.likelihood, null);
  t.true(measured.samples.model.energy > 0);
  const exported = await run('export', gan, '--out', at('onnx'));
  t.regex(exported.stdout, /^generator.onnx, critic.onnx in .*onnx: within \S+ of the model\n$/);
  const info = await run('info', vae);
  t.regex(info.stdout, /vae: a vae of images of 8 x 8 x 1, fitted in 2 epochs on 64 of them/);
  t.regex((await run('info', gan)).stdout, /^files: .*generator.onnx.*critic.onnx/m);
  t.is(JSON.parse((await run('info', gan, '--json')).stdout).run.kind, 'images');
});

test('classifier fits one to labelled images, and evaluate compares images on its features', async (t) => {
  mkdirSync(at('labelled'));
  const bright = bars(200, grey, 3);
  file(join('labelled', 'train-images-idx3-ubyte'), idxFile(bright));
  const labels = Buffer.concat([Buffer.from([0, 0, 8, 1, 0, 0, 0, 200]), Buffer.from(bright.labels ?? [])]);
  file(join('labelled', 'train-labels-idx1-ubyte'), labels);
  const out = at('bars.safetensors');
  const fit = await run('classifier', at('labelled'), '--out', out, '--epochs', '30', '--json');
  t.is(fit.code, 0, fit.stderr);
  const { accuracy, split, classes } = JSON.parse(fit.stdout);
  t.true(accuracy > 0.9, `${accuracy}`);
  t.deepEqual([split, classes], [{ train: 180, validation: 20 }, ['0', '1']]);
  t.regex(fit.stderr, /epoch +train +validation +accuracy +images\/s/);
  const evaluated = await run('evaluate', gan, others, '--classifier', out);
  t.regex(
    evaluated.stdout,
    /not on Inception's\nfeatures[\s\S]*Fréchet distance +\d+[.]\d+ +\d+[.]\d+ +lower is better/,
  );
  const { features, samples } = JSON.parse(
    (await run('evaluate', gan, others, '--classifier', out, '--json')).stdout,
  );
  t.is(features.rows, samples.rows);
  t.true(features.model.frechet > features.real.frechet);
  const unlabelled = await run('classifier', others, '--out', at('never.safetensors'));
  t.is(unlabelled.code, 2);
  t.regex(unlabelled.stderr, /t10k-images-idx3-ubyte: holds no labels; /);
  t.false(existsSync(at('never.safetensors')));
  const other = await run('evaluate', gan, others, '--classifier', join(gan, 'model.safetensors'));
  t.is(other.code, 2);
  t.regex(other.stderr, /describes no classifier of images; fit one with `pushforward classifier`/);
});

test('Ctrl-C in classifier ends it as it ends fit, with exit 130 and nothing half-written', async (t) => {
  await writeImageArray(at('bars.npz'), bars(200, grey, 4));
  const argv = ['classifier', 'bars.npz', '--out', 'stopped/bars.safetensors', '--epochs', '5000'];
  mkdirSync(at('stopped'));
  const { code, stdout, stderr } = await pushforward(folder, argv, {
    until: /^ *1\/5,?000 /m,
    signal: 'SIGINT',
  });
  t.is(code, 130, stderr);
  t.is(stdout, '');
  t.regex(stderr, /\npushforward: stopped after epoch \d+; nothing was written\n$/);
  t.deepEqual(readdirSync(at('stopped')), []);
});

test('what is wrong with images is exit 2 and one line with the mend', async (t) => {
  const refused = async (message: RegExp, ...argv: string[]) => {
    const { code, stdout, stderr } = await run(...argv);
    t.is(code, 2, `${argv.join(' ')}: ${stderr}`);
    t.is(stdout, '');
    t.regex(stderr, message);
    t.is(
      stderr
        .trim()
        .split('\n')
        .filter((line) => line.startsWith('pushforward:')).length,
      1,
    );
  };
  const whole = idxFile(bars(20, grey));
  const out = ['--out', at('none')];
  await refused(
    /is cut: .* bytes where 20 x 8 x 8 make/,
    'fit',
    file('cut-idx3-ubyte', whole.subarray(0, -7)),
    ...out,
  );
  const labels = Buffer.concat([Buffer.from([0, 0, 8, 1, 0, 0, 0, 9]), Buffer.alloc(9)]);
  await refused(
    /holds labels, no images; name the images-idx3 file/,
    'fit',
    file('labels-idx1-ubyte', labels),
    ...out,
  );
  mkdirSync(at('mixed'));
  for (const [i, width] of [4, 6].entries()) {
    file(join('mixed', `${i}.png`), encodePng(new Uint8Array(4 * width), { height: 4, width, channels: 1 }));
  }
  await refused(/1.png: is 4 x 6 x 1 where .*0.png is 4 x 4 x 1; give the size/, 'fit', at('mixed'), ...out);
  await refused(
    /64 training images are fewer than a batch of 65; give --batch-size 64/,
    'fit',
    training,
    '--batch-size',
    '65',
    ...out,
  );
  await refused(
    /packs of 3; give --batch-size 15/,
    'fit',
    training,
    '--model',
    'gan',
    '--pac',
    '3',
    '--batch-size',
    '16',
    ...out,
  );
  await refused(
    /no model dcgan of images; give one of vae, gan, wgan, glow/,
    'fit',
    training,
    '--model',
    'dcgan',
    ...out,
  );
  await refused(/--bins is for tables/, 'fit', training, '--bins', '4', ...out);
  await refused(/a gan has no density.*fit a vae/, 'score', gan, training);
  await refused(/give --out grid.png/, 'sample', vae, '-n', '4');
  await refused(
    /cannot be written as .gif; give a path that ends in .png/,
    'sample',
    vae,
    '-n',
    '4',
    '--out',
    'x.gif',
  );
  await refused(/the folder is not empty/, 'sample', vae, '-n', '4', '--out', at('mixed'));
  await refused(/mixed: cannot be written: it is a folder/, 'score', vae, training, '--out', at('mixed'));
  await refused(/mixed: cannot be written: it is a folder/, 'classifier', training, '--out', at('mixed'));
  await refused(/a part of its path is a file; give another path/, 'export', vae, '--out', training);
  await refused(
    /vae: holds a run of images; /,
    'fit',
    file('rows.csv', Buffer.from('a\n1\n2\n')),
    '--out',
    vae,
    '--resume',
  );
  mkdirSync(at('rows'));
  file(join('rows', 'config.json'), Buffer.from('{"version": 1, "pushforward": "0.0.0"}'));
  await refused(/rows: holds a run of a table; /, 'fit', training, '--out', at('rows'), '--resume');
  const flat = file('flat.npy', encodeNpy(new Uint8Array(20 * 6), [20, 3, 2, 1]));
  await refused(/images of 3 x 2 x 1 for a model of 8 x 8 x 1/, 'evaluate', vae, flat);
  t.false(existsSync(at('none')));
});
