import { describeSchema } from '../data/schema.js';
import type { TableSchema } from '../data/types.js';
import { catalogue } from '../flows/presets/catalogue.js';
import { describeFlow } from '../report/flow.js';
import type { RunConfig } from './config.js';
import type { FitReport } from './types.js';

/** `MODEL_CARD.md`: what the model is of, how good it is, how to use its files and what it is not. */
export function modelCard(report: FitReport, config: RunConfig, schema: TableSchema): string {
  const { settings, split, architecture } = config;
  const nats = (value: number): string => value.toFixed(3);
  return `# Model of ${config.source}

A density and a generator of the table's rows, fitted by pushforward ${config.pushforward}: an autoregressive
network for categories and gaps${report.model === null ? '' : `, a conditional flow for the numbers given them`}.
${report.model === null ? '' : `\nThe flow is ${describeFlow(architecture.flow)}\n(${catalogue[report.model].use}; ${catalogue[report.model].paper}).\n`}
## Held-out log-likelihood
Mean nats a row on ${split.test} rows that the fit did not see (trained on ${split.train}, stopped by ${split.validation}).
Higher is better; a difference of 1 means that the rows are e times as probable.

| model | log-likelihood |
|---|---|
| this one | ${nats(report.logLikelihood)} ± ${nats(report.standardError)} |
| full-covariance Gaussian | ${nats(report.baselines.gaussian)} |
| independent columns | ${nats(report.baselines.independent)} |

## Columns
\`\`\`
${describeSchema(schema)}
\`\`\`

## Files
- \`generator.onnx\`: takes \`z\`, float32 [batch, ${architecture.cardinalities.length + architecture.numerics.length}], drawn from N(0, 1); gives one tensor a column in its own units.
- \`density.onnx\`: takes one tensor a column; gives \`log_prob\`, float32 [batch], in nats.
- ONNX Runtime reproduces the model to a relative ${report.onnx.maxRelativeError.toExponential(1)} on ${report.onnx.rows} rows.
- \`model.safetensors\`, \`schema.json\`, \`config.json\`: what \`loadRun\` and the command read.

## How it was made
Seed ${settings.seed}, ${report.epochs} epochs of batches of ${config.training.batchSize} (best: ${report.bestEpoch}), AdamW at ${settings.learningRate}
with cosine decay, on the tfjs backend \`${report.backend}\`.

## What it is not
New rows are drawn from a fitted law. They are no copies by construction, but nothing here proves that they
protect the people behind the original rows. Numbers are rounded to the column's step and kept in the range
seen in the fit.
`;
}
