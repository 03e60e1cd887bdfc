/** Rows of the training set, how often each is seen, and the steps that makes. */
export interface Budget {
  readonly rows: number;
  readonly epochs: number;
  readonly steps: number;
}

/**
 * A budget of so many steps: whole epochs, the last of which may go beyond them, and fewer rows where the steps
 * make less than one.
 */
export function budgetOf(steps: number, rows: number, batchSize: number): Budget {
  const used = Math.min(rows, steps * batchSize);
  const perEpoch = Math.ceil(used / batchSize);
  const epochs = Math.ceil(steps / perEpoch);
  return { rows: used, epochs, steps: epochs * perEpoch };
}
