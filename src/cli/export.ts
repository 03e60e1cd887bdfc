import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { formatCount, formatError } from '../report/numbers.js';
import type { CliContext } from './context.js';
import { exportImages } from './imageRuns.js';
import { addBackendOption, addCommonOptions, type BackendOption } from './options.js';
import { type CommonOptions, result } from './output.js';

interface ExportFlags extends CommonOptions, BackendOption {
  readonly out: string;
}

export function exportCommand(context: CliContext): Command {
  const command = new Command('export')
    .summary('write the model as ONNX files')
    .description(
      'Writes generator.onnx (latent draw to rows or images) and, as the model has them, density.onnx (rows or images to log-density), encoder.onnx and decoder.onnx (to and from codes) or critic.onnx (packs to scores), after each has been run against the model.',
    )
    .argument('<run>', 'run folder of a fit')
    .addOption(new Option('--out <folder>', 'where the files go').makeOptionMandatory());
  return addCommonOptions(addBackendOption(command))
    .addHelpText('after', '\nExample:\n  $ pushforward export run/ --out model/')
    .action((folder: string, flags: ExportFlags) => exportRun(context, folder, flags));
}

async function exportRun(context: CliContext, folder: string, flags: ExportFlags): Promise<void> {
  const { loadRun } = await context.runs(flags.backend);
  const run = await loadRun(folder);
  if (run.kind === 'images') return exportImages(context, run, flags);
  const report = await run.export(flags.out);
  const { maxRelativeError, rows } = report.onnx;
  await result(
    context,
    flags,
    report,
    `${report.files.map((file) => basename(file)).join(', ')} in ${report.folder}: within ${formatError(maxRelativeError)} of the model on ${formatCount(rows)} rows`,
  );
}
