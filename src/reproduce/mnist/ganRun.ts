import { imageRows } from '../../data/images/imageRows.js';
import { buildGan, type GanConfig } from '../../gan/config.js';
import type { AdversarialLossName } from '../../gan/losses.js';
import type { LayersNetwork } from '../../nn/layersNetwork.js';
import type { FitGanOptions } from '../../runs/fitGan.js';
import type { Budget } from '../budget.js';
import type { GanRun, GanRunHooks } from '../ganRun.js';
import { copyWeights, weightsDigest } from './copyWeights.js';
import { DIGIT, type Digits, firstImages } from './digits.js';
import type { DigitJudge, Verdict } from './judge.js';
import { drawGanPicture } from './pictures.js';

/** Rows in a batch. */
export const GAN_BATCH = 64;

/** What makes one GAN of digits different from another. */
export interface GanKind {
  readonly loss: AdversarialLossName;
  readonly training: Pick<FitGanOptions, 'generator' | 'critic' | 'criticSteps' | 'clip'>;
}

export interface DigitGan extends GanRunHooks {
  readonly kind: GanKind;
  /** Of its folder, in the experiment's. */
  readonly name: string;
  /** Whose weights its generator starts from; null for random ones. */
  readonly decoder: LayersNetwork | null;
  readonly digits: Digits;
  readonly judge: DigitJudge;
  readonly budget: Budget;
  readonly seed: number;
}

/** A GAN of digits with the introduction's generator. */
export function digitGan({
  kind,
  name,
  decoder,
  digits,
  judge,
  budget,
  seed,
  ...hooks
}: DigitGan): GanRun<Verdict> {
  const { rows, epochs } = budget;
  const config: GanConfig = {
    shape: [...DIGIT],
    latentDim: 2,
    networks: { kind: 'convolutional' },
    objective: { loss: kind.loss },
    seed,
  };
  return {
    ...hooks,
    name,
    config,
    build: async () => {
      const gan = await buildGan(config);
      if (decoder !== null) copyWeights(decoder.weights, gan.generator.weights);
      return gan;
    },
    fingerprint: {
      config,
      training: kind.training,
      rows,
      seed,
      start: decoder === null ? 'random' : weightsDigest(decoder.weights),
    },
    fit: {
      ...kind.training,
      training: { x: imageRows(firstImages(digits.train, rows)) },
      epochs,
      batchSize: GAN_BATCH,
      seed,
    },
    judge: (gan) => judge.verdict(gan, seed),
    picture: drawGanPicture,
  };
}
