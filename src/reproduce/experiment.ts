/** One number that an experiment ends with. */
export interface Figure {
  readonly name: string;
  readonly ours: number;
  /** Standard deviation over the runs, where there are several. */
  readonly spread?: number;
  /** What was published, as it stands there; absent for figures that have no counterpart. */
  readonly published?: string;
}

export interface Outcome {
  readonly figures: readonly Figure[];
  /** What has to be known to read them: what was cut, and where the published code is not followed. */
  readonly remarks: readonly string[];
}

export interface ExperimentSettings {
  /** Minutes instead of the published budget. */
  readonly quick: boolean;
  readonly seed: number;
  /** Steps of each run in place of the budget's. */
  readonly steps?: number;
  /** Runs, each with a seed of its own, in place of the budget's; for experiments that are about their spread. */
  readonly runs?: number;
  /** Folder of the data files, for experiments on data that are not made here. */
  readonly data?: string;
  /** Folder of a saved VAE that networks start from, for experiments that start so. */
  readonly vae?: string;
  /** Folder for pictures, weights and what is measured on the way; absent keeps none of them. */
  readonly folder?: string;
  /** Whether to go on from the checkpoints in that folder. */
  readonly resume?: boolean;
  /** Says how far it is: steps done and steps in all. */
  readonly onStep?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Settings that not every experiment has a use for. */
export const specialSettings = ['runs', 'data', 'vae', 'resume'] as const;

/** A published experiment that can be run here. */
export interface Experiment {
  readonly summary: string;
  readonly takes: readonly (typeof specialSettings)[number][];
  /** Paper, and table or section. */
  readonly source: string;
  /** @throws PushforwardError `aborted` when the signal stops it, `numeric` when training fails. */
  run(settings: ExperimentSettings): Promise<Outcome>;
}
