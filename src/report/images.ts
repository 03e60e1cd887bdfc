import type { SampleComparison } from '../metrics/sampleComparison.js';
import { alignColumns } from './columns.js';
import { samplesText } from './evaluation.js';
import { formatCount } from './numbers.js';

/** What was measured on images; null is what there is none of. */
export interface ImageFigures {
  readonly likelihood: {
    readonly images: number;
    readonly logLikelihood: number;
    readonly standardError: number;
    readonly elbo: number;
    readonly bitsPerDimension: number | null;
    readonly samples: number;
  } | null;
  readonly samples: SampleComparison | null;
}

/** The figures as text: log-likelihoods where there are any, then generated images against real ones. */
export function imageEvaluationText({ likelihood, samples }: ImageFigures): string {
  const parts: string[] = [];
  if (likelihood !== null) {
    const bits = likelihood.bitsPerDimension;
    const rows = [
      [
        `log-likelihood, ${likelihood.samples} draws an image`,
        likelihood.logLikelihood.toFixed(3),
        `± ${likelihood.standardError.toFixed(3)}`,
      ],
      ['evidence lower bound', likelihood.elbo.toFixed(3), ''],
      ...(bits === null ? [] : [['bits a number of the image', bits.toFixed(4), '']]),
    ];
    const heading = `${formatCount(likelihood.images)} images, nats an image (higher is better)`;
    parts.push(`${heading}\n${alignColumns(rows, ['left', 'right', 'left'])}`);
  }
  if (samples !== null) parts.push(samplesText(samples, 'images'));
  return parts.length === 0 ? 'too few images to compare' : parts.join('\n\n');
}
