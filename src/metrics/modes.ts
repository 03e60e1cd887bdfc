import { checkPositive, checkWhole } from '../checks.js';
import { PushforwardError } from '../errors.js';
import type { Tensor2D } from '../tf.js';
import { pointsOf } from './pairwise.js';

/** What a sample knows of a law of equal modes. */
export interface ModeMetrics {
  /** Modes with at least one row of high quality. */
  readonly modes: number;
  /** Share of rows that lie within 3 standard deviations of a mode. */
  readonly highQuality: number;
  /** KL(sample's modes ‖ uniform), of the rows of high quality, in nats; Infinity when there is none. */
  readonly reverseKl: number;
}

/** Standard deviations from a mode within which a row is of high quality. */
const REACH = 3;

/**
 * The protocol of PacGAN (Lin et al. 2018, section 4.1, after Srivastava et al. 2017): each row belongs to its nearest
 * mode, if that is near enough.
 * @param centres of the modes, each with `deviation` in every direction.
 * @throws PushforwardError `usage` for a deviation that is not positive; `shape`; `numeric`.
 */
export function modeMetrics(
  sample: Tensor2D,
  centres: readonly (readonly number[])[],
  deviation: number,
): ModeMetrics {
  checkPositive('deviation', deviation);
  const { rows, width, values } = pointsOf(sample);
  if (centres.length === 0 || centres.some((centre) => centre.length !== width)) {
    throw new PushforwardError('shape', `rows of ${width} numbers against ${centres.length} modes`, {
      mend: 'give modes of as many numbers',
    });
  }
  const counts = new Float64Array(centres.length);
  for (let i = 0; i < rows; i++) {
    let [nearest, least] = [0, Number.POSITIVE_INFINITY];
    centres.forEach((centre, mode) => {
      const squared = centre.reduce(
        (sum, value, k) => sum + (value - (values[i * width + k] as number)) ** 2,
        0,
      );
      if (squared < least) [nearest, least] = [mode, squared];
    });
    if (Math.sqrt(least) < REACH * deviation) counts[nearest] = (counts[nearest] as number) + 1;
  }
  const good = counts.reduce((sum, count) => sum + count, 0);
  return { ...occupied(counts), highQuality: good / rows };
}

/**
 * The same of rows whose modes a classifier has told, from 0, as for stacked digits (ibid.): all of them count.
 * @throws PushforwardError `usage` for a label that is none of so many modes.
 */
export function labelModes(labels: Int32Array, modes: number): Omit<ModeMetrics, 'highQuality'> {
  checkWhole('modes', modes);
  const counts = new Float64Array(modes);
  for (const label of labels) {
    if (!(label >= 0 && label < modes)) {
      throw new PushforwardError('usage', `the label ${label} of ${modes} modes`, {
        mend: `give labels from 0 to ${modes - 1}`,
      });
    }
    counts[label] = (counts[label] as number) + 1;
  }
  return occupied(counts);
}

function occupied(counts: Float64Array): Omit<ModeMetrics, 'highQuality'> {
  return { modes: counts.filter((count) => count > 0).length, reverseKl: klFromUniform(counts) };
}

/** KL of the frequencies of counts from the uniform law, in nats; Infinity when nothing was counted. */
function klFromUniform(counts: Float64Array): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return Number.POSITIVE_INFINITY;
  return counts.reduce((sum, count) => {
    const share = count / total;
    return share === 0 ? sum : sum + share * Math.log(share * counts.length);
  }, 0);
}
