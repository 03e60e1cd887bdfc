import { PushforwardError } from '../errors.js';
import { type Tensor, tf } from '../tf.js';

/** Figures of a model's sample beside those of other real rows, both held against as many real rows. */
export type Comparison<Figures> = {
  /** Rows of each sample. */
  readonly rows: number;
  readonly model: Figures;
  /** What other real rows have in the place of the sample: what a perfect model is to be expected to have. */
  readonly real: Figures;
};

/** Rows below which nothing is to be seen: neighbours are of half of them. */
export const FEWEST_ROWS = 20;

/** The first and the second ⌊n / 2⌋ of n rows. */
export function halvesOf(rows: Tensor): readonly [Tensor, Tensor] {
  const half = Math.floor((rows.shape[0] as number) / 2);
  return [tf.slice(rows, 0, half), tf.slice(rows, half, half)];
}

/**
 * Holds a sample, of as many rows as a half has, against each half of real ones: means over the halves, beside what the
 * one half gives against the other. So both columns are the same statistics of as many rows, whatever their bias.
 * @param generated at least as many rows; the others are left out.
 * @throws PushforwardError `usage` for fewer.
 */
export function compareHalves<Figures extends Readonly<Record<string, number>>>(
  halves: readonly [Tensor, Tensor],
  generated: Tensor,
  figuresOf: (real: Tensor, sample: Tensor) => Figures,
): Comparison<Figures> {
  const rows = halves[0].shape[0] as number;
  if ((generated.shape[0] as number) < rows) {
    throw new PushforwardError('usage', `${generated.shape[0]} generated rows against halves of ${rows}`, {
      mend: `give at least ${rows}`,
    });
  }
  const sample = tf.slice(generated, 0, rows);
  const [first, second] = [figuresOf(halves[0], sample), figuresOf(halves[1], sample)];
  const means = Object.keys(first).map((name) => [
    name,
    ((first[name] as number) + (second[name] as number)) / 2,
  ]);
  return { rows, model: Object.fromEntries(means) as Figures, real: figuresOf(...halves) };
}
