import { describeSchema } from '../data/schema.js';
import type { TableSchema } from '../data/types.js';
import { evaluationText } from '../report/evaluation.js';
import { describeModel } from '../report/model.js';
import { catalogue } from '../tables/catalogue.js';
import type { RunConfig } from './config.js';
import type { FitReport } from './types.js';

/** What is known of a finished run beside its report and its configuration. */
export interface CardDetails {
  readonly schema: TableSchema;
  /** Length of the z that generator.onnx takes. */
  readonly latentDim: number;
  /** Names of the ONNX files. */
  readonly onnxFiles: readonly string[];
}

/** What each ONNX file takes and gives. */
const FILES: Readonly<Record<string, (latent: number) => string>> = {
  'generator.onnx': (latent) =>
    `takes \`z\`, float32 [batch, ${latent}], drawn from N(0, 1); gives one tensor a column in its own units.`,
  'encoder.onnx': () =>
    'takes one tensor a column; gives `mean` and `log_variance` of its code, float32 [batch, code].',
  'decoder.onnx': () =>
    'takes `z`, float32 [batch, code]; gives the likeliest row of each code, one tensor a column.',
  'critic.onnx': () =>
    'takes one tensor a column, [batch, pac], a pack of rows in each line; gives `score`, float32 [batch, 1], without a unit: greater for packs that are more like those of the original rows.',
  'density.onnx': () => 'takes one tensor a column; gives `log_prob`, float32 [batch], in nats.',
};

/** `MODEL_CARD.md`: what the model is of, how good it is, how to use its files and what it is not. */
export function modelCard(report: FitReport, config: RunConfig, details: CardDetails): string {
  const { settings, split } = config;
  return `# Model of ${config.source}

${opening(report, config)}

## Held-out rows
Measured on ${split.test} rows that the fit did not see (trained on ${split.train}, ${report.bestEpoch === null ? 'watched' : 'stopped'} by ${split.validation}).

\`\`\`
${evaluationText(report, 'held-out rows')}
\`\`\`

A difference of 1 nat means that the rows are e times as probable.

## Columns
\`\`\`
${describeSchema(details.schema)}
\`\`\`

## Files
${details.onnxFiles.map((name) => `- \`${name}\`: ${FILES[name]?.(details.latentDim)}`).join('\n')}
- ONNX Runtime reproduces the model to a relative ${report.onnx.maxRelativeError.toExponential(1)} on ${report.onnx.rows} rows.
- \`model.safetensors\`, \`schema.json\`, \`config.json\`: what \`loadRun\` and the command read.

## How it was made
Seed ${settings.seed}, ${report.epochs} epochs of batches of ${config.training.batchSize}${optimised(report, settings.learningRate)}, on the tfjs backend \`${report.backend}\`.

## What it is not
New rows are drawn from a fitted law. They are no copies by construction, but nothing here proves that they
protect the people behind the original rows. Numbers are rounded to the column's step and kept in the range
seen in the fit.
`;
}

function optimised({ bestEpoch }: FitReport, learningRate: number): string {
  return bestEpoch === null
    ? `,\nAdam at ${learningRate} for both networks`
    : ` (best: ${bestEpoch}),\nAdamW at ${learningRate} with cosine decay`;
}

function opening({ model }: FitReport, { pushforward, architecture }: RunConfig): string {
  const by = `fitted by pushforward ${pushforward}`;
  const use = model === null ? '' : `(${catalogue[model].use}; ${catalogue[model].paper})`;
  switch (architecture.family) {
    case 'flow': {
      const categories = 'an autoregressive\nnetwork for categories and gaps';
      const numbers =
        model === null
          ? ''
          : `, a conditional flow for the numbers given them.\n\nThe flow is ${describeModel(architecture.flow)}\n${use}`;
      return `A density and a generator of the table's rows, ${by}: ${categories}${numbers}.`;
    }
    case 'gan':
      return `A generator of the table's rows without a density of them, ${by}:\n${describeModel(architecture.gan)}\n${use}.`;
    case 'vae':
      return `A generator of the table's rows with an estimate of their density, ${by}:
${describeModel(architecture.vae)}\n${use}.`;
  }
}
