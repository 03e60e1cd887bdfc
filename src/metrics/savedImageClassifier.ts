import { PushforwardError } from '../errors.js';
import { checkImageShape, type ImageShape } from '../imageShape.js';
import { overwrite } from '../ops/variableStore.js';
import { readSafeTensors, writeSafeTensors } from '../train/safetensors.js';
import { ImageClassifier } from './imageClassifier.js';

interface SavedClassifier {
  readonly version: 1;
  readonly shape: ImageShape;
  readonly classes: number;
}

/** The key of the file's metadata that describes the classifier. */
const KEY = 'imageClassifier';

/** Writes a classifier to one safetensors file, whole or not at all; folders are made. */
export async function saveImageClassifier(classifier: ImageClassifier, path: string): Promise<void> {
  const { shape, classes, variables } = classifier;
  const saved: SavedClassifier = { version: 1, shape, classes };
  const tensors = new Map(
    variables.map((weight, i) => [String(i), weight.dataSync<'float32'>().slice()] as const),
  );
  await writeSafeTensors(path, { tensors, metadata: { [KEY]: JSON.stringify(saved) } });
}

/**
 * The classifier that `saveImageClassifier` wrote.
 * @throws PushforwardError `damaged` when the file is not there, not whole, or of something else.
 */
export async function loadImageClassifier(path: string): Promise<ImageClassifier> {
  const { tensors, metadata } = await readSafeTensors(path);
  const damaged = (what: string) =>
    new PushforwardError('damaged', what, { where: path, mend: 'fit one with `pushforward classifier`' });
  const { shape, classes } = described(metadata[KEY]) ?? {};
  if (shape === undefined || classes === undefined) throw damaged('describes no classifier of images');
  const classifier = new ImageClassifier({ shape, classes });
  classifier.variables.forEach((weight, i) => {
    const values = tensors.get(String(i));
    if (values?.length !== weight.size) {
      classifier.dispose();
      throw damaged(`has no ${weight.size} weights ${i}`);
    }
    overwrite(weight, values);
  });
  return classifier;
}

function described(text: string | undefined): SavedClassifier | null {
  try {
    const saved = JSON.parse(text ?? '') as Partial<SavedClassifier>;
    checkImageShape(saved.shape as ImageShape);
    const isWhole =
      saved.version === 1 && Number.isSafeInteger(saved.classes) && (saved.classes as number) > 0;
    return isWhole ? (saved as SavedClassifier) : null;
  } catch {
    return null;
  }
}
