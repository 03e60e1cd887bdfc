import { Command } from 'commander';
import { describeSchema } from '../data/schemaText.js';
import { alignColumns } from '../report/columns.js';
import { evaluationText } from '../report/evaluation.js';
import { describeModel } from '../report/model.js';
import { formatCount } from '../report/numbers.js';
import type { ImageRun } from '../runs/images/types.js';
import type { TableRun } from '../runs/types.js';
import type { CliContext, Environment } from './context.js';
import { describeImageRun } from './imageRuns.js';
import { addCommonOptions } from './options.js';
import { type CommonOptions, result } from './output.js';

export function infoCommand(context: CliContext): Command {
  const command = new Command('info')
    .summary('what this installation has, or what a run folder holds')
    .description(
      'Says which version, addon, backend and runtimes are here; with a run folder, its columns and figures too.',
    )
    .argument('[run]', 'run folder of a fit');
  return addCommonOptions(command)
    .addHelpText('after', '\nExample:\n  $ pushforward info run/')
    .action((folder: string | undefined, flags: CommonOptions) => info(context, folder, flags));
}

async function info(context: CliContext, folder: string | undefined, flags: CommonOptions): Promise<void> {
  const environment = await context.environment();
  if (folder === undefined) return result(context, flags, environment, describeEnvironment(environment));
  const { loadRun } = await context.runs();
  const run = await loadRun(folder);
  const [described, text] = run.kind === 'images' ? ofImages(run) : ofTable(run);
  const object = { ...environment, run: { kind: run.kind, folder: run.folder, ...described } };
  return result(context, flags, object, `${describeEnvironment(environment)}\n\n${text}`);
}

function ofTable(run: TableRun): [object, string] {
  const { schema, model, report } = run;
  return [{ schema, model, report }, describeTableRun(run)];
}

function ofImages(run: ImageRun): [object, string] {
  const { shape, model, classes, report } = run;
  return [{ shape, model, classes, report }, describeImageRun(run)];
}

function describeEnvironment(environment: Environment): string {
  const { addon, tfjs } = environment;
  return alignColumns(
    [
      ['pushforward', environment.version],
      ['node', `${environment.node} on ${environment.platform}`],
      [
        'addon',
        addon.loaded
          ? `${addon.simd} (of ${addon.simdLevels.join(', ')}), ${addon.threads} threads`
          : `not loaded: ${addon.problem}`,
      ],
      ['tfjs', `${tfjs.version}, backend ${tfjs.backend}`],
      ['onnxruntime', environment.onnxruntime],
      ['duckdb', environment.duckdb],
    ],
    ['left', 'left'],
  );
}

function describeTableRun({ folder, schema, model, report }: TableRun): string {
  return [
    `${folder}: ${model === null ? '' : `${describeModel(model)}, `}fitted in ${report.epochs} epochs on ${formatCount(report.split.train)} rows`,
    '',
    describeSchema(schema),
    '',
    evaluationText(report, 'held-out rows'),
    '',
    `files: ${report.files.join(', ')}`,
  ].join('\n');
}
