/** Rows of the training set, and how often each is seen. */
export interface Budget {
  readonly rows: number;
  readonly epochs: number;
}

/**
 * A budget of so many steps: whole epochs, the last of which may go beyond them, and fewer rows where the steps
 * make less than one.
 */
export function budgetOf(steps: number, rows: number, batchSize: number): Budget {
  const used = Math.min(rows, steps * batchSize);
  return { rows: used, epochs: Math.ceil(steps / Math.ceil(used / batchSize)) };
}
