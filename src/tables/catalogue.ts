import { nearNames } from '../data/nearNames.js';
import { PushforwardError } from '../errors.js';
import { type PresetName, catalogue as presets } from '../flows/presets/catalogue.js';

/**
 * The models of tables by name, with the paper of each and what it is good for: flows, by their presets, and the
 * families that are one model. It stands apart from them, so that a command can list them without loading TensorFlow.js.
 */
export const catalogue = {
  ...presets,
  vae: {
    paper: 'Xu, Skoularidou, Cuesta-Infante and Veeramachaneni 2019',
    use: 'a variational autoencoder: codes of rows, densities by estimate',
  },
  gan: {
    paper: 'Xu, Skoularidou, Cuesta-Infante and Veeramachaneni 2019',
    use: 'an adversarial network: new rows alone, no densities',
  },
} as const satisfies Record<string, { readonly paper: string; readonly use: string }>;

export type ModelName = keyof typeof catalogue;
export type FamilyName = 'flow' | 'vae' | 'gan';

export const modelNames = Object.keys(catalogue) as readonly ModelName[];

export { defaultPreset as defaultModel } from '../flows/presets/catalogue.js';

/** The family that a model is of. */
export function familyOf(name: ModelName): FamilyName {
  return isPreset(name) ? 'flow' : name;
}

/** Whether a model is a flow, whose name is that of a preset. */
function isPreset(name: ModelName): name is PresetName {
  return Object.hasOwn(presets, name);
}

/** @throws PushforwardError `usage` for another name, with the known ones and the nearest of them. */
export function modelNamed(name: string): ModelName {
  const known = modelNames.find((candidate) => candidate === name);
  if (known !== undefined) return known;
  const [near] = nearNames(name, modelNames);
  throw new PushforwardError('usage', `there is no model ${name}`, {
    mend: `give one of ${modelNames.join(', ')}${near === undefined ? '' : `; the nearest is ${near}`}`,
  });
}
