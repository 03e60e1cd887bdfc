import { indent } from './columns.js';
import { type LikelihoodComparison, likelihoodTable } from './likelihood.js';
import { formatCount } from './numbers.js';

/** What was measured on rows; null is what a model without a density has none of. */
export interface EvaluationFigures extends Pick<LikelihoodComparison, 'baselines'> {
  readonly rows: number;
  readonly logLikelihood: number | null;
  readonly standardError: number | null;
  readonly latentSamples: number | null;
}

/** The figures as text. @param what the rows are: held-out rows, say. */
export function evaluationText(figures: EvaluationFigures, what: string): string {
  const { rows, baselines, logLikelihood, standardError, latentSamples } = figures;
  if (logLikelihood === null || standardError === null) return `${formatCount(rows)} ${what}`;
  const estimated =
    latentSamples === null ? '' : `, that of this model estimated from below by ${latentSamples} draws a row`;
  return [
    `${formatCount(rows)} ${what}, mean log-likelihood in nats a row (higher is better)${estimated}`,
    indent(likelihoodTable({ logLikelihood, standardError, baselines })),
  ].join('\n');
}
