import { listNames } from '../../data/images/labels.js';
import { imageEvaluationText } from '../../report/images.js';
import { imageCatalogue } from './catalogue.js';
import type { LabelCondition } from './condition.js';
import type { ImageRunConfig } from './config.js';
import type { ImagePlan, PixelRows } from './plan.js';
import type { ImageFitReport } from './types.js';

const PIXELS: Readonly<Record<PixelRows, string>> = {
  unit: 'intensities in [0, 1]',
  binarised: 'black or white, drawn with the intensities as probabilities',
  dequantised: 'bytes, spread evenly over their cells in [0, 1]',
};

/** Lines about the files that one family alone has. */
function ownFiles(family: ImagePlan['family'], image: string, latent: number): string {
  switch (family) {
    case 'vae':
      return `- \`encoder.onnx\`: takes \`image\`, ${image}; gives \`mean\` and \`log_variance\` of its code.
- \`decoder.onnx\`: takes a code \`z\`, float32 [batch, ${latent}]; gives \`image\`.`;
    case 'gan':
      return `- \`critic.onnx\`: takes \`image\`, ${image}, or as many as it judges together side by side in their channels; gives \`score\`.`;
    case 'flow':
      return `- \`density.onnx\`: takes \`image\`, ${image}; gives \`log_prob\` [batch], the density of the intensities in nats.`;
  }
}

/** What a card says of the classes that a model is conditioned on. */
function classText({ classes }: LabelCondition): string {
  const width = classes.length;
  return `
It is of images given their class, one of ${width}: ${listNames(classes)}. Every file takes \`context\` too, float32
[batch, ${width}], 1 at the place of the class and 0 elsewhere; \`config.json\` has all the names in their order.
`;
}

/** Folders of pictures that one family alone has. */
function ownPictures({ plan, condition }: ImageRunConfig): string {
  if (plan.family !== 'vae') return '';
  return condition ? ', `reconstructions/`' : ', `reconstructions/`, `interpolations/`';
}

/** `MODEL_CARD.md` of a model of images: what it is of, how good it is, how to use its files and what it is not. */
export function imageModelCard(report: ImageFitReport, config: ImageRunConfig): string {
  const { shape, split, plan, settings, condition } = config;
  const { height, width, channels } = shape;
  const { paper } = imageCatalogue[settings.model];
  const stopped = report.bestEpoch === null ? '' : ` (best: ${report.bestEpoch})`;
  const latent = plan.family === 'flow' ? height * width * channels : plan.config.latentDim;
  return `# Model of ${config.source}

A ${settings.model} (${paper}) of images of ${height} x ${width} pixels and ${channels} ${channels === 1 ? 'channel' : 'channels'}, made of ${latent} numbers each,
fitted by pushforward ${config.pushforward}. Pixels are ${PIXELS[plan.rows]}.
${condition ? classText(condition) : ''}
## Held-out figures
On ${report.images} images that the fit did not see (trained on ${split.train}${split.validation === 0 ? '' : `, stopped by ${split.validation}`}).

\`\`\`
${imageEvaluationText(report)}
\`\`\`

Distances are between pixels, which say little of what people see in images; the floor is what as many other real
images have.

## Files
${ownFiles(plan.family, `float32 [batch, ${channels}, ${height}, ${width}]`, latent)}
- \`generator.onnx\`: takes \`z\`, float32 [batch, ${latent}], drawn from N(0, 1); gives \`image\`.
- ONNX Runtime reproduces the model to ${report.onnx.maxRelativeError.toExponential(1)}.
- \`samples/\`${ownPictures(config)}: pictures at some epochs, always of the same latents${condition ? ', a line to a class' : ''}, and of the weights that were kept.
- \`model.safetensors\`, \`config.json\`: what \`loadRun\` and the command read. \`metrics.jsonl\`: a line an epoch.

## How it was made
Seed ${settings.seed}, ${report.epochs} epochs of batches of ${plan.training.batchSize}${stopped}, on the tfjs backend \`${report.backend}\`.

## What it is not
New images are drawn from a fitted law. They are no copies by construction, but nothing here proves that they
protect the people in the original ones.
`;
}
