/** What the commands do with a run of images. */
import { basename } from 'node:path';
import { formatCsv } from '../data/formatTable.js';
import { listNames } from '../data/images/labels.js';
import type { Table } from '../data/types.js';
import { PushforwardError } from '../errors.js';
import { checkWritable } from '../files.js';
import { describeImageShape } from '../imageShape.js';
import { imageEvaluationText } from '../report/images.js';
import { formatCount, formatError } from '../report/numbers.js';
import type { ImageRun, ImageScores } from '../runs/images/types.js';
import type { CliContext } from './context.js';
import { type ImageReadFlags, imageReadOptions } from './imageOptions.js';
import { givenFlags } from './options.js';
import { type CommonOptions, result, write } from './output.js';

/** The options of `score` and `evaluate` that are for images. */
export interface ImageScoreFlags extends CommonOptions, ImageReadFlags {
  readonly samples?: number;
}

/** Those of `evaluate` alone. */
export interface ImageEvaluateFlags extends ImageScoreFlags {
  readonly classifier?: string;
}

interface SampleFlags extends CommonOptions {
  readonly rows: number;
  readonly out?: string;
  readonly temperature?: number;
  readonly condition?: string;
}

/** Draws images into a file, or a folder. */
export async function sampleImages(context: CliContext, run: ImageRun, flags: SampleFlags): Promise<void> {
  const { rows: count, out, seed = 0 } = flags;
  if (out === undefined) {
    throw new PushforwardError('usage', 'images are not written to stdout', {
      where: run.folder,
      mend: 'give --out grid.png, --out images.npy, --out images.npz or a folder',
    });
  }
  const images = await run.sample(count, { ...givenFlags(flags, ['temperature', 'condition']), seed });
  const { writeImageFiles } = await context.images();
  await writeImageFiles(images, out);
  const said = `${formatCount(count)} new ${count === 1 ? 'image' : 'images'} in ${out}`;
  const { labels, classes } = images;
  const drawn = labels && classes && { labels: Array.from(labels, (label) => classes[label]) };
  return result(context, flags, { images: count, seed, out, ...drawn }, said);
}

/** Scores images, as a table with a row each. */
export async function scoreImages(
  context: CliContext,
  run: ImageRun,
  source: string,
  flags: ImageScoreFlags & { readonly out?: string },
): Promise<void> {
  if (flags.out !== undefined) await checkWritable(flags.out);
  const scores = await run.score(source, scoreOptions(flags));
  const found = { images: scores.images.count, samples: scores.samples };
  if (flags.json === true && flags.out === undefined) {
    const { logProb, elbo, bitsPerDimension } = scores;
    const bits = bitsPerDimension === null ? {} : { bitsPerDimension: Array.from(bitsPerDimension) };
    const object = { ...found, logProb: Array.from(logProb), elbo: Array.from(elbo), ...bits };
    return result(context, flags, object, '');
  }
  const table = scoreTable(scores);
  if (flags.out === undefined) return write(context.stdout, formatCsv(table));
  const { writeTable } = await context.tables();
  await writeTable(table, flags.out);
  const said = `${formatCount(found.images)} scored images in ${flags.out}`;
  return result(context, flags, { ...found, out: flags.out }, said);
}

/** Measures a model on images, and says what it found. */
export async function evaluateImageRun(
  context: CliContext,
  run: ImageRun,
  source: string,
  flags: ImageEvaluateFlags,
): Promise<void> {
  const { classifier } = flags;
  const options = { ...scoreOptions(flags), ...(classifier === undefined ? {} : { classifier }) };
  const evaluation = await run.evaluate(source, options);
  await result(context, flags, evaluation, imageEvaluationText(evaluation));
}

/** Writes the ONNX files of a model of images. */
export async function exportImages(
  context: CliContext,
  run: ImageRun,
  flags: CommonOptions & { readonly out: string },
): Promise<void> {
  const { files, maxRelativeError } = await run.export(flags.out);
  const said = `${files.map((file) => basename(file)).join(', ')} in ${flags.out}: within ${formatError(maxRelativeError)} of the model`;
  await result(context, flags, { folder: flags.out, files, onnx: { maxRelativeError } }, said);
}

/** What a run folder of images holds, as text. */
export function describeImageRun({ folder, shape, model, classes, report }: ImageRun): string {
  const given = classes === null ? '' : ` given their class (${listNames(classes)})`;
  const images = `images of ${describeImageShape(shape)}${given}`;
  return [
    `${folder}: a ${model} of ${images}, fitted in ${report.epochs} epochs on ${formatCount(report.split.train)} of them`,
    '',
    imageEvaluationText(report),
    '',
    `files: ${report.files.join(', ')}`,
  ].join('\n');
}

/** The file or folder of images that a command works on. */
export function imageSource(file: string | undefined, sql: string | undefined): string {
  if (sql !== undefined) {
    throw new PushforwardError('usage', '--sql is for tables, and the run is of images', {
      mend: 'name a file or a folder of images',
    });
  }
  if (file === undefined) {
    throw new PushforwardError('usage', 'no images are given', { mend: 'name a file or a folder of images' });
  }
  return file;
}

function scoreOptions(flags: ImageScoreFlags) {
  return {
    ...imageReadOptions(flags),
    ...(flags.samples === undefined ? {} : { samples: flags.samples }),
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
  };
}

/** A row for each image: its place, its label where it has one, and what the model says of it. */
function scoreTable({ images, logProb, elbo, bitsPerDimension }: ImageScores): Table {
  const { count, labels, classes, source } = images;
  const places = Float64Array.from({ length: count }, (_, place) => place);
  const numbers = {
    image: places,
    log_prob: logProb,
    elbo,
    ...(bitsPerDimension && { bits_per_dim: bitsPerDimension }),
  };
  const label =
    labels === undefined || classes === undefined
      ? []
      : [
          {
            name: 'label',
            type: 'string' as const,
            values: Array.from(labels, (one) => classes[one] ?? null),
          },
        ];
  const [image, ...rest] = Object.entries(numbers).map(([name, values]) => ({
    name,
    type: 'number' as const,
    values,
  }));
  return { rows: count, source, columns: [...(image ? [image] : []), ...label, ...rest] };
}
