import { alignColumns } from './columns.js';
import { formatNats } from './numbers.js';

/** What is compared: mean log-likelihoods of the same rows, nats a row. */
export interface LikelihoodComparison {
  readonly logLikelihood: number;
  readonly standardError: number;
  readonly baselines: { readonly gaussian: number; readonly independent: number };
}

/** The model beside its two baselines, as three aligned lines. Higher is better. */
export function likelihoodTable(comparison: LikelihoodComparison): string {
  const { logLikelihood, standardError, baselines } = comparison;
  return alignColumns(
    [
      ['this model', formatNats(logLikelihood), `± ${formatNats(standardError)}`],
      [
        'full-covariance Gaussian',
        formatNats(baselines.gaussian),
        difference(logLikelihood, baselines.gaussian),
      ],
      [
        'independent columns',
        formatNats(baselines.independent),
        difference(logLikelihood, baselines.independent),
      ],
    ],
    ['left', 'right', 'left'],
  );
}

function difference(model: number, baseline: number): string {
  const nats = model - baseline;
  if (!Number.isFinite(nats)) return '';
  return nats >= 0 ? `model ahead by ${formatNats(nats)}` : `model behind by ${formatNats(-nats)}`;
}
