/** Passes over a flow's weights that a task takes: a gradient is one forward and two backward. */
export const PASSES = { train: 3, logProb: 1, sample: 1 } as const;

export type Task = keyof typeof PASSES;
