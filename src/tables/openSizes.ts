/** An architecture as a caller gives it; null leaves a size to the model and to the number of rows. */
export type OpenSizes<Architecture extends { readonly name: string }> = {
  readonly [Size in keyof Architecture]: Size extends 'name' ? Architecture[Size] : Architecture[Size] | null;
};

/** Training rows from which wider layers pay. */
const MANY_ROWS = 4000;

/** Two hidden layers of a width, or of twice that where training rows are many enough to fill them. */
export function hiddenFor(rows: number, width: number): readonly number[] {
  const wide = rows >= MANY_ROWS ? 2 * width : width;
  return [wide, wide];
}
