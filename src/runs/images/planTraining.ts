import { PushforwardError } from '../../errors.js';
import { ganStepsPerEpoch } from '../fitGan.js';
import type { ImageSettings } from './settings.js';

export interface TrainingPlan {
  readonly epochs: number;
  /** Images in a step. */
  readonly batchSize: number;
}

/** Updates that a fit is planned for when nobody says how many epochs, and of few images at least. */
const PLANNED_UPDATES = 10_000;
const LEAST_UPDATES = 2000;
/** Most epochs, where these make the least of updates. */
const MOST_EPOCHS = 200;
/** Batches in an epoch, about, where images are few, and what a batch of few images is of at least. */
const FEW_BATCHES = 10;
const LEAST_BATCH = 16;

/**
 * Batches of the natural size, of few images about a tenth of them; 5 to 200 epochs for about 10,000 updates, or as many
 * as 2,000 take.
 * @param natural images in a batch where they are many. @param criticSteps batches that a step of a GAN takes.
 * @throws PushforwardError `usage` for a batch or a pack of more images than there are, and a batch of no whole packs.
 */
export function planTraining(
  settings: Pick<ImageSettings, 'batchSize' | 'epochs'>,
  images: number,
  natural: number,
  pac: number,
  criticSteps: number,
): TrainingPlan {
  const { batchSize: asked, epochs } = settings;
  if (asked !== null && asked > images) {
    throw new PushforwardError('usage', `${images} training images are fewer than a batch of ${asked}`, {
      mend: `give --batch-size ${images} or less, or more images`,
    });
  }
  if (pac > images) {
    throw new PushforwardError('usage', `${images} training images are fewer than a pack of ${pac}`, {
      mend: `give --pac ${images} or less, or more images`,
    });
  }
  const few = Math.max(LEAST_BATCH, 2 ** Math.round(Math.log2(images / FEW_BATCHES)));
  const batchSize = asked ?? Math.max(1, Math.floor(Math.min(natural, few, images) / pac)) * pac;
  if (batchSize % pac !== 0) {
    const near = Math.max(1, Math.min(Math.round(batchSize / pac), Math.floor(images / pac))) * pac;
    const what = `a batch of ${batchSize} images is no whole number of packs of ${pac}`;
    throw new PushforwardError('usage', what, { mend: `give --batch-size ${near}` });
  }
  const steps = ganStepsPerEpoch(images, batchSize, criticSteps);
  const most = Math.max(MOST_EPOCHS, Math.ceil(LEAST_UPDATES / steps));
  return { batchSize, epochs: epochs ?? Math.min(most, Math.max(5, Math.round(PLANNED_UPDATES / steps))) };
}
