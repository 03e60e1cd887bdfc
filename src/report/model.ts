import type { ModelArchitecture } from '../tables/architecture.js';

/** A model with its sizes: nsf of 5 layers, hidden 64-64, 8 bins. */
export function describeModel(model: ModelArchitecture): string {
  const hidden = `hidden ${model.hidden.join('-') || 'none'}`;
  if (model.name === 'vae') return `vae of ${model.latent} latents, ${hidden}`;
  if (model.name === 'gan') return `gan of ${model.latent} latents, ${hidden}, packs of ${model.pac}`;
  const { name, layers, bins } = model;
  return [`${name} of ${layers} layers`, hidden, ...(bins === undefined ? [] : [`${bins} bins`])].join(', ');
}
