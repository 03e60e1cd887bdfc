import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ReadImagesOptions } from '../data/images/readImages.js';
import { alignColumns, indent } from '../report/columns.js';
import { imageCatalogue, imageModelNamed, imageModelNames } from '../runs/images/catalogue.js';
import type { FitImagesOptions, PixelLikelihood } from '../runs/images/types.js';
import { givenFlags, refuseFlagsOf, wholeNumber } from './options.js';

const readFlags = [
  'part',
  'limit',
  'size',
  'channels',
] as const satisfies readonly (keyof ReadImagesOptions)[];

/** How images are read. */
export type ImageReadFlags = Pick<ReadImagesOptions, (typeof readFlags)[number]>;

/** The options of a fit that are for images alone. */
export interface ImageFitFlags extends ImageReadFlags {
  readonly latent?: number;
  readonly likelihood?: PixelLikelihood;
  readonly pac?: number;
  readonly condition?: 'labels';
}

/** The flags that say nothing of tables. */
const imageFlags: Readonly<
  Record<Exclude<keyof ImageFitFlags, 'latent' | 'pac'> | 'samples' | 'classifier', true>
> = {
  samples: true,
  classifier: true,
  part: true,
  limit: true,
  size: true,
  channels: true,
  likelihood: true,
  condition: true,
};

const likelihoods: readonly PixelLikelihood[] = [
  'bernoulli',
  'continuousBernoulli',
  'discretisedLogistic',
  'gaussian',
];

/** Height and width: 64x64, or one number for both. */
function pictureSize(text: string): { height: number; width: number } {
  const found = /^(\d+)(?:x(\d+))?$/.exec(text);
  const [height, width] = [Number(found?.[1]), Number(found?.[2] ?? found?.[1])];
  if (found !== null && height >= 1 && width >= 1) return { height, width };
  throw new InvalidArgumentError('It must be a height and a width, such as 64x64.');
}

function channelCount(text: string): 1 | 3 {
  if (text === '1' || text === '3') return Number(text) as 1 | 3;
  throw new InvalidArgumentError('It must be 1 for grey or 3 for colour.');
}

/** The options of every command that reads images. */
export function addImageReadOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--part <name>', 'of images in two parts (default: train)').choices(['train', 'test']),
    )
    .addOption(
      new Option('--limit <n>', 'images to take at most, evenly spread over the file').argParser(
        wholeNumber(1),
      ),
    )
    .addOption(
      new Option('--size <height>x<width>', 'size that a folder of pictures is brought to').argParser(
        pictureSize,
      ),
    )
    .addOption(
      new Option('--channels <n>', 'channels that a folder of pictures is brought to, 1 or 3').argParser(
        channelCount,
      ),
    );
}

/** The options of `score` and `evaluate` that are for images. */
export function addImageScoreOptions(command: Command): Command {
  return addImageReadOptions(
    command.addOption(
      new Option('--samples <n>', 'draws of the latent for each image (default: 100)').argParser(
        wholeNumber(1),
      ),
    ),
  );
}

/** The options of a fit of images. */
export function addImageFitOptions(command: Command): Command {
  return addImageReadOptions(
    command
      .addOption(
        new Option(
          '--latent <n>',
          "numbers that a VAE's or GAN's row or image is made of (default: its own)",
        ).argParser(wholeNumber(1)),
      )
      .addOption(
        new Option(
          '--condition <what>',
          'fit images given their labels, as the data has them: one model of all classes',
        ).choices(['labels']),
      )
      .addOption(
        new Option('--likelihood <name>', "law of a VAE's pixels (default: found out)").choices([
          ...likelihoods,
        ]),
      )
      .addOption(
        new Option(
          '--pac <n>',
          "rows or images that a GAN's critic judges together (default: 10 rows, 1 image)",
        ).argParser(wholeNumber(1)),
      ),
  );
}

/** The models of images that can be fitted, a line each. */
export function imageModelList(): string {
  const rows = imageModelNames.map((name) => [name, imageCatalogue[name].use]);
  return indent(alignColumns(rows, ['left', 'left']));
}

/** The flags of a fit that are the library's options for images alone. */
export function imageFitOptions(flags: ImageFitFlags & { readonly model?: string }): FitImagesOptions {
  const options = givenFlags(flags, [...readFlags, 'latent', 'likelihood', 'condition', 'pac']);
  return flags.model === undefined ? options : { ...options, model: imageModelNamed(flags.model) };
}

/** The flags that say how images are read. */
export function imageReadOptions(flags: ImageReadFlags): ReadImagesOptions {
  return givenFlags(flags, readFlags);
}

/** @throws PushforwardError `usage` for options of images that were given to a command on a table. */
export function refuseImageOptions(flags: { readonly [Name in keyof typeof imageFlags]?: unknown }): void {
  refuseFlagsOf('images', flags, Object.keys(imageFlags));
}
