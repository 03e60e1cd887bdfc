/** The experiments that can be run, known without loading them. */
export const experimentNames = ['moons-realnvp', 'pacgan-ring', 'pacgan-grid'] as const;

export type ExperimentName = (typeof experimentNames)[number];
