import { alignColumns } from './columns.js';
import { formatCount, formatValue } from './numbers.js';

interface Distances {
  readonly energy: number;
  readonly slicedWasserstein: number;
  readonly kernel: number;
}

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
  readonly samples:
    | (Distances & {
        readonly images: number;
        readonly floor: Distances;
        readonly precision: number;
        readonly recall: number;
        readonly density: number;
        readonly coverage: number;
      })
    | null;
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
  if (samples !== null) {
    const { floor } = samples;
    const distances = [
      ['', 'generated', 'floor'],
      ['energy statistic', samples.energy, floor.energy],
      ['sliced Wasserstein', samples.slicedWasserstein, floor.slicedWasserstein],
      ['MMD², unbiased', samples.kernel, floor.kernel],
    ].map((row) => row.map((cell) => (typeof cell === 'number' ? shortened(cell) : cell)));
    const shares = (['precision', 'recall', 'density', 'coverage'] as const).map(
      (name) => `${name} ${samples[name].toFixed(3)}`,
    );
    const heading = `${formatCount(samples.images)} generated against as many real images, by their pixels (lower is better)`;
    parts.push(`${heading}\n${alignColumns(distances, ['left', 'right', 'right'])}\n${shares.join(', ')}`);
  }
  return parts.length === 0 ? 'too few images to compare' : parts.join('\n\n');
}

function shortened(value: number): string {
  return formatValue(Number(value.toPrecision(4)));
}
