import { nearNames } from '../../data/nearNames.js';
import { PushforwardError } from '../../errors.js';

/**
 * The models of images by name, with the paper of each and what it is good for. It stands apart from them, so that a
 * command can list them without loading TensorFlow.js.
 */
export const imageCatalogue = {
  vae: {
    family: 'vae',
    paper: 'Kingma and Welling 2014',
    use: 'densities, codes and samples of images; the default of images',
  },
  gan: {
    family: 'gan',
    paper: 'Goodfellow et al. 2014; Radford, Metz and Chintala 2016',
    use: 'sharp samples of images, no density (DCGAN)',
  },
  wgan: {
    family: 'gan',
    paper: 'Arjovsky, Chintala and Bottou 2017; Gulrajani et al. 2017',
    use: 'the same, steadier and slower: Wasserstein loss, gradient penalty',
  },
  glow: {
    family: 'flow',
    paper: 'Kingma and Dhariwal 2018',
    use: 'densities of images without codes of fewer numbers: a flow, slow to train',
  },
} as const satisfies Record<
  string,
  { readonly family: 'vae' | 'gan' | 'flow'; readonly paper: string; readonly use: string }
>;

export type ImageModelName = keyof typeof imageCatalogue;

export const imageModelNames = Object.keys(imageCatalogue) as readonly ImageModelName[];

export const defaultImageModel: ImageModelName = 'vae';

/** @throws PushforwardError `usage` for another name, with the known ones and the nearest of them. */
export function imageModelNamed(name: string): ImageModelName {
  const known = imageModelNames.find((candidate) => candidate === name);
  if (known !== undefined) return known;
  const [near] = nearNames(name, imageModelNames);
  throw new PushforwardError('usage', `there is no model ${name} of images`, {
    mend: `give one of ${imageModelNames.join(', ')}${near === undefined ? '' : `; the nearest is ${near}`}`,
  });
}
