/** A log-likelihood in nats, or another figure, to three decimals. */
export function formatNats(value: number): string {
  if (value === Number.NEGATIVE_INFINITY) return '-infinity';
  // A value just below 0 would be -0.000.
  return value.toFixed(3).replace(/^-(0[.]0+)$/, '$1');
}

/** A value of a table as people write it: up to six significant digits, no exponent where none is needed. */
export function formatValue(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** A whole number in groups of three: 12,345. */
export function formatCount(value: number): string {
  return value.toLocaleString('en-US');
}

/** A relative error, 1.3e-6. */
export function formatError(value: number): string {
  return value === 0 ? '0' : value.toExponential(1);
}

/** A time in seconds: 3.2 s below ten seconds, 42 s below two minutes, then 5 min 03 s, then 2 h 05 min. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 120) return `${whole} s`;
  if (whole < 7200) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
