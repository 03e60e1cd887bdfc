import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { relative } from 'node:path';
import type { ImageSet } from '../../data/images/imageSet.js';
import { labelsOf } from '../../data/images/labels.js';
import type { PictureSet } from '../../data/images/pictures.js';
import { damagedFile } from '../../errors.js';
import type { ImageShape } from '../../imageShape.js';
import type { RunOrigin } from '../start.js';
import { type ImageModelName, imageCatalogue, imageModelNames } from './catalogue.js';
import type { LabelCondition } from './condition.js';
import { FlowImages } from './flowImages.js';
import { GanImages } from './ganImages.js';
import type { ImageModel } from './model.js';
import type { ImagePlan } from './plan.js';
import type { ImageSettings } from './settings.js';
import { VaeImages } from './vaeImages.js';

/** `config.json` of a run of images: how it was made, written before its first step. */
export interface ImageRunConfig extends RunOrigin {
  readonly kind: 'images';
  readonly shape: ImageShape;
  readonly settings: ImageSettings;
  readonly plan: ImagePlan;
  /** Null for a model of images alone; left out by runs from before there were others. */
  readonly condition?: LabelCondition | null;
}

/** A digest of everything that the bits of a fit depend on; pictures in files stand for by their names and sizes. */
export async function imageFingerprint(
  settings: ImageSettings,
  images: ImageSet | PictureSet,
): Promise<string> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([settings, images.shape]));
  if (settings.condition !== null) {
    const { labels, classes } = labelsOf(images);
    hash.update(JSON.stringify([classes, Array.from(labels)]));
  }
  if ('pixels' in images) {
    const { buffer, byteOffset, byteLength } = images.pixels;
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  } else {
    for (const file of images.files) {
      hash.update(JSON.stringify([relative(images.source, file), (await stat(file)).size]));
    }
  }
  return hash.digest('hex');
}

/** An untrained model of a plan. @throws PushforwardError `usage` or `shape` for parts that do not fit each other. */
export async function buildImageModel(plan: ImagePlan): Promise<ImageModel> {
  switch (plan.family) {
    case 'vae':
      return VaeImages.build(plan);
    case 'gan':
      return GanImages.build(plan);
    case 'flow':
      return new FlowImages(plan);
  }
}

/** @throws PushforwardError `damaged` for what is no configuration of a run of images. */
export function checkImageConfig(value: unknown, where: string): ImageRunConfig {
  const config = value as Partial<ImageRunConfig> | null;
  const name = config?.settings?.model as ImageModelName;
  const isWhole =
    config?.version === 1 &&
    config.kind === 'images' &&
    imageModelNames.includes(name) &&
    config.plan?.family === imageCatalogue[name].family &&
    contextWidth(config.plan) === (config.condition?.classes.length ?? 0) &&
    config.shape !== undefined;
  if (!isWhole) throw damagedFile(where, 'is no configuration of a run of images');
  return config as ImageRunConfig;
}

/** Width of the context that a plan's model takes. */
function contextWidth({ config }: ImagePlan): number {
  return config.contextDim ?? 0;
}
