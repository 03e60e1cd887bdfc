import { checkWhole } from '../../checks.js';
import type { ReadImagesOptions } from '../../data/images/readImages.js';
import { PushforwardError } from '../../errors.js';
import { type CommonSettings, checkCommonSettings } from '../commonSettings.js';
import {
  defaultImageModel,
  type ImageModelName,
  imageCatalogue,
  imageModelNamed,
  imageModelNames,
} from './catalogue.js';
import type { FitImagesOptions, PixelLikelihood } from './types.js';

/** The options that decide what a fit of images computes, with null for what the images decide. */
export interface ImageSettings extends CommonSettings {
  readonly model: ImageModelName;
  readonly latent: number | null;
  readonly likelihood: PixelLikelihood | null;
  readonly condition: 'labels' | null;
  readonly pac: number | null;
  readonly networks: Exclude<FitImagesOptions['networks'], undefined> | null;
  readonly part: ReadImagesOptions['part'] | null;
  readonly limit: number | null;
  readonly size: ReadImagesOptions['size'] | null;
  readonly channels: ReadImagesOptions['channels'] | null;
}

const DEFAULTS: ImageSettings = {
  model: defaultImageModel,
  latent: null,
  likelihood: null,
  condition: null,
  pac: null,
  networks: null,
  part: null,
  limit: null,
  size: null,
  channels: null,
  seed: 0,
  epochs: null,
  batchSize: null,
  learningRate: null,
  patience: null,
  validation: 0.1,
  test: 0.1,
};

const SETTINGS = Object.keys(DEFAULTS) as (keyof ImageSettings)[];

/** Options that not all families have. */
const OWN = {
  latent: ['vae', 'gan'],
  likelihood: ['vae'],
  networks: ['vae', 'gan'],
  patience: ['vae', 'flow'],
  pac: ['gan'],
} as const satisfies Partial<Record<keyof ImageSettings, readonly string[]>>;

/**
 * Checks what the caller gave and fills in the rest: from the run that is gone on with, else from the defaults.
 * @throws PushforwardError `usage` naming the option and what it may be.
 */
export function resolveImageSettings(options: FitImagesOptions, saved?: ImageSettings): ImageSettings {
  const given = Object.fromEntries(
    SETTINGS.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  );
  const settings: ImageSettings = { ...DEFAULTS, ...saved, ...given };
  checkCommonSettings(settings);
  const { family } = imageCatalogue[imageModelNamed(settings.model)];
  for (const name of ['latent', 'pac'] as const) {
    const value = settings[name];
    if (value !== null) checkWhole(name, value);
  }
  if (settings.condition !== null && settings.condition !== 'labels') {
    throw new PushforwardError('usage', `there is no condition ${String(settings.condition)} of images`, {
      mend: 'give labels, or leave it out',
    });
  }
  for (const [name, owners] of Object.entries(OWN) as [keyof typeof OWN, readonly string[]][]) {
    if (settings[name] === null || owners.includes(family)) continue;
    const others = imageModelNames.filter((other) => owners.includes(imageCatalogue[other].family));
    throw new PushforwardError('usage', `${settings.model} has no ${name}`, {
      mend: `leave it out, or take ${others.join(' or ')}`,
    });
  }
  return settings;
}

/** What of the settings says how images are read. */
export function readOptionsOf({ part, limit, size, channels }: ImageSettings): ReadImagesOptions {
  return {
    ...(part ? { part } : {}),
    ...(limit === null ? {} : { limit }),
    ...(size ? { size } : {}),
    ...(channels ? { channels } : {}),
  };
}
