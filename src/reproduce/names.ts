/** The experiments that can be run, known without loading them. */
export const experimentNames = [
  'moons-realnvp',
  'pacgan-ring',
  'pacgan-grid',
  'pacgan-stacked',
  'mnist-vae',
  'mnist-vae-50',
  'mnist-iwae',
  'mnist-dcgan',
  'mnist-wgan',
] as const;

export type ExperimentName = (typeof experimentNames)[number];
