import { alignColumns } from '../report/columns.js';
import { evaluationText } from '../report/evaluation.js';
import { imageEvaluationText } from '../report/images.js';
import { formatCount, formatError, formatSeconds } from '../report/numbers.js';
import type { ImageFitReport } from '../runs/images/types.js';
import type { FitReport } from '../runs/types.js';

/** What a fit found, as text: its figures on what was held out, then how it went. */
export function describeFit(report: FitReport | ImageFitReport): string {
  const { model, split, epochs, bestEpoch, seconds, backend, onnx, folder, files } = report;
  const [kind, figures] =
    'images' in report
      ? ['images', imageEvaluationText(report)]
      : ['rows', evaluationText(report, 'held-out rows')];
  const parts = [
    `${formatCount(split.train)} to fit`,
    // A GAN of images is trained on these too.
    ...(split.validation === 0
      ? []
      : [`${formatCount(split.validation)} to ${bestEpoch === null ? 'watch' : 'stop'}`]),
    `${formatCount(split.test)} held out`,
  ];
  const compared = 'rows' in onnx ? ` on ${formatCount(onnx.rows)} rows` : '';
  const lines = [
    [kind, parts.join(', ')],
    ...(model === null ? [] : [['model', model]]),
    ['epochs', bestEpoch === null ? `${epochs}` : `${epochs}, the best was ${bestEpoch}`],
    ['time', `${formatSeconds(seconds)} on ${backend}`],
    ['ONNX', `within ${formatError(onnx.maxRelativeError)} of the model${compared}`],
    ['files', `${folder}: ${files.join(', ')}`],
  ];
  return [figures, '', alignColumns(lines, ['left', 'left'])].join('\n');
}
