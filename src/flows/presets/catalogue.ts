/**
 * The presets for rows of numbers, by name: the paper of each, and what it is good for. It stands apart
 * from the flows, so that a command can list them without loading TensorFlow.js.
 */
export const catalogue = {
  nice: {
    paper: 'Dinh, Krueger and Bengio 2015',
    use: 'additive couplings: the simplest, for laws near a normal one',
  },
  realNvp: {
    paper: 'Dinh, Sohl-Dickstein and Bengio 2017',
    use: 'affine couplings: quick densities and quick samples',
  },
  nsf: {
    paper: 'Durkan, Bekasov, Murray and Papamakarios 2019',
    use: 'spline couplings: several modes and sharp edges, quick both ways',
  },
  nsfAutoregressive: {
    paper: 'Durkan, Bekasov, Murray and Papamakarios 2019',
    use: 'masked autoregressive splines: quick densities, slow samples',
  },
  maf: {
    paper: 'Papamakarios, Pavlakou and Murray 2017',
    use: 'masked autoregressive maps: quick densities, slow samples',
  },
  iaf: {
    paper: 'Kingma et al. 2016',
    use: 'the same taken the other way: quick samples, slow densities',
  },
} as const satisfies Record<string, { readonly paper: string; readonly use: string }>;

export type PresetName = keyof typeof catalogue;

/**
 * What a table's numbers follow when nobody says: of those that are quick both ways, the one that gives
 * held-out rows of most tables the greatest likelihood.
 */
export const defaultPreset: PresetName = 'nsf';

export const presetNames = Object.keys(catalogue) as readonly PresetName[];
