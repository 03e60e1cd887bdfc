/** Mean and, of several values, the standard deviation of one. */
export function spreadOf(values: readonly number[]): { ours: number; spread?: number } {
  const ours = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return { ours };
  const squares = values.reduce((sum, value) => sum + (value - ours) ** 2, 0);
  return { ours, spread: Math.sqrt(squares / (values.length - 1)) };
}
