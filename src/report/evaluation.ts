import type { Comparison } from '../metrics/comparison.js';
import type { SampleComparison, SampleFigures } from '../metrics/sampleComparison.js';
import { alignColumns, indent } from './columns.js';
import { type LikelihoodComparison, likelihoodTable } from './likelihood.js';
import { formatCount, formatNats } from './numbers.js';

/** What was measured on rows; log-likelihoods in the table's own units. */
export interface EvaluationFigures {
  readonly rows: number;
  /**
   * Mean nats a row, over the rows whose values the fit knows; NaN when there are none, null for a model that has no
   * density.
   */
  readonly logLikelihood: number | null;
  /** Standard error of that mean. */
  readonly standardError: number | null;
  /**
   * Draws of the latent that the density of each row is estimated with, on average from below; null where it is
   * computed without any.
   */
  readonly latentSamples: number | null;
  /** Rows that the model draws beside real ones, held against these rows, at most 2000; null for fewer than 20. */
  readonly samples: SampleComparison | null;
  /** The same rows under models of the same training rows. */
  readonly baselines: LikelihoodComparison['baselines'];
}

/** What each figure of a sample is called, and where it is good. */
const FIGURES: Readonly<Record<keyof SampleFigures, readonly [name: string, direction: string]>> = {
  mmd: ['MMD², median kernel', 'lower is better'],
  energy: ['energy distance', 'lower is better'],
  slicedWasserstein: ['sliced Wasserstein', 'lower is better'],
  precision: ['precision', 'higher is better'],
  recall: ['recall', 'higher is better'],
  density: ['density', 'good near 1'],
  coverage: ['coverage', 'higher is better'],
};

/** The figures as text. @param what the rows are: held-out rows, say. */
export function evaluationText(figures: EvaluationFigures, what: string): string {
  const parts = [
    likelihoodText(figures, what),
    figures.samples === null ? '' : samplesText(figures.samples, 'rows'),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function likelihoodText(
  { rows, baselines, logLikelihood, standardError, latentSamples }: EvaluationFigures,
  what: string,
): string {
  const heading = `${formatCount(rows)} ${what}`;
  if (logLikelihood === null || standardError === null) return `${heading}; this model has no density`;
  const estimated =
    latentSamples === null ? '' : `,\nthis model's estimated with ${latentSamples} draws a row, from below`;
  return [
    `${heading}, mean log-likelihood in nats a row (higher is better)${estimated}`,
    indent(likelihoodTable({ logLikelihood, standardError, baselines })),
  ].join('\n');
}

/** The figures of a sample beside those of real ones in its place. @param what rows, or images. */
export function samplesText(samples: SampleComparison, what: string): string {
  return [
    `${formatCount(samples.rows)} new ${what} against as many real ones, and other real ones in their place`,
    comparisonTable(samples, FIGURES, what),
  ].join('\n');
}

/** The lines of such figures. @param names what each is called, and where it is good. */
export function comparisonTable<Figures extends Readonly<Record<string, number>>>(
  { model, real }: Comparison<Figures>,
  names: Readonly<Record<keyof Figures & string, readonly [name: string, direction: string]>>,
  what: string,
): string {
  const lines = (Object.keys(names) as (keyof Figures & string)[]).map((key) => {
    const [name, direction] = names[key];
    return [name, formatNats(model[key] as number), formatNats(real[key] as number), direction];
  });
  return indent(
    alignColumns([['', 'this model', `real ${what}`, ''], ...lines], ['left', 'right', 'right', 'left']),
  );
}
