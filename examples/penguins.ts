/**
 * `npm start`: fits a model of the Palmer penguins (344 rows, numbers, categories, gaps) and shows what
 * came out: how likely held-out penguins are, five penguins that never lived, and the ONNX files.
 */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FitEvent, fitTable, type Table } from '../src/index.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const seconds = (): string =>
  `${performance.now() < 1e4 ? ' ' : ''}${(performance.now() / 1000).toFixed(1)} s`;

const run = await fitTable(`${root}examples/penguins.csv`, {
  out: `${root}run/penguins`,
  overwrite: true,
  onEvent: showProgress,
});

const { report } = run;
const { train, validation, test } = report.split;
const likelihoods = [
  ['this model', report.logLikelihood ?? Number.NaN],
  ['full-covariance Gaussian', report.baselines.gaussian],
  ['independent columns', report.baselines.independent],
] as const;

console.log(`\nLog-likelihood of ${test} held-out penguins, mean nats a row (higher is better)`);
for (const [name, value] of likelihoods) console.log(`  ${name.padEnd(24)} ${value.toFixed(3).padStart(9)}`);
console.log(
  `  (${train} rows to fit, ${validation} to know when to stop, ${report.epochs} epochs on ${report.backend})`,
);

console.log('\nFive new penguins');
console.log(formatRows(await run.sample(5, { seed: 1 })));

console.log(
  `\nONNX Runtime agrees with the model within ${report.onnx.maxRelativeError.toExponential(1)} (relative, ${report.onnx.rows} rows)`,
);
console.log(`Everything is in ${relative(process.cwd(), run.folder)}: ${report.files.join(', ')}`);

function showProgress(event: FitEvent): void {
  if (event.kind === 'start')
    console.log(`${seconds()}  fitting ${event.parameters} parameters on ${event.backend}`);
  if (event.kind === 'stage' || event.kind === 'warning') console.log(`${seconds()}  ${event.message}`);
  if (event.kind === 'epoch' && event.epoch % 25 === 0) {
    const [fitted, held] = [event.figures.train, event.figures.validation].map((value) => value?.toFixed(3));
    console.log(
      `${seconds()}  epoch ${event.epoch} of at most ${event.epochs}: fitted ${fitted}, validation ${held}`,
    );
  }
}

/** The rows as aligned text; a missing value is a dot. */
function formatRows(table: Table): string {
  const columns = table.columns.map((column) => {
    const cells = Array.from({ length: table.rows }, (_, row) => {
      const value = column.values[row] ?? Number.NaN;
      return Number.isNaN(value) ? '.' : String(value);
    });
    const width = Math.max(column.name.length, ...cells.map((cell) => cell.length));
    const pad = (cell: string): string =>
      column.type === 'number' ? cell.padStart(width) : cell.padEnd(width);
    return [column.name, ...cells].map(pad);
  });
  return Array.from(
    { length: table.rows + 1 },
    (_, row) => `  ${columns.map((column) => column[row]).join('  ')}`,
  ).join('\n');
}
