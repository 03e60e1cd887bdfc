import { type layers, type Tensor, tf } from '../tf.js';
import { everyLayer } from './everyLayer.js';

/** What is used here of tfjs-layers' BatchNormalization and does not stand in its types. */
interface BatchNormalization {
  momentum: number;
  readonly movingMean: Statistic;
  readonly movingVariance: Statistic;
}

interface Statistic {
  readonly shape: number[];
  write(value: Tensor): unknown;
}

/**
 * Makes the running statistics of batch normalisation those of given rows: the mean over the batches of each
 * batch's mean and variance, whatever they were before. `run` has to run the models in training mode on
 * batch k, of `batches`. A model without batch normalisation is not run.
 *
 * Weights that are an average over steps never saw a batch, so the statistics that the steps left behind are
 * not theirs (Izmailov et al. 2018, section 3.2); and since they are a function of weights and rows alone, a
 * fit that goes on from a checkpoint has them right without saving them.
 */
export function refreshBatchStatistics(
  models: readonly layers.LayersModel[],
  batches: number,
  run: (batch: number) => void,
): void {
  const found = models.flatMap(batchNormalisations);
  if (found.length === 0) return;
  const momenta = found.map(({ momentum }) => momentum);
  // A step moves them by shares of what they are, which never leaves NaN, and rounds by how large they were.
  tf.tidy(() => {
    for (const { movingMean, movingVariance } of found) {
      for (const statistic of [movingMean, movingVariance]) statistic.write(tf.zeros(statistic.shape));
    }
  });
  try {
    for (let batch = 0; batch < batches; batch++) {
      for (const layer of found) layer.momentum = batch / (batch + 1);
      run(batch);
    }
  } finally {
    found.forEach((layer, i) => {
      layer.momentum = momenta[i] as number;
    });
  }
}

/** The layers of a model that normalise batches. */
export function batchNormalisations(model: layers.LayersModel): BatchNormalization[] {
  const found = everyLayer(model).filter((layer) => layer.getClassName() === 'BatchNormalization');
  return found as unknown as BatchNormalization[];
}
