import type { NumberSummary } from './summary.js';

/** Share of rows that must lie on a grid. The rest are written as they are when they are decoded again. */
const ON_GRID = 0.98;
/** Steps looked for: these times a power of ten. */
const MANTISSAS = [5, 2.5, 2, 1] as const;
/** Finest step looked for, as a power of ten. */
const FINEST = -12;
/** Most steps in the range of a column: float32 holds every integer up to this. */
const MOST_STEPS = 2 ** 24;

const MOMENTS = [86_400_000, 3_600_000, 60_000, 1000, 1] as const;

/**
 * The coarsest step of which (nearly) all values are multiples: 1 for counts, 100 for prices in
 * hundreds, 0.01 for two decimals, a day for dates. Null when the values lie on no grid, or on one
 * too fine to matter.
 */
export function findStep(summary: NumberSummary, isDatetime: boolean): number | null {
  const { values } = summary;
  const range = (values[values.length - 1] ?? 0) - (values[0] ?? 0);
  if (range === 0) return null;
  for (const step of isDatetime ? MOMENTS : decimalSteps(range)) {
    if (step <= range && liesOn(summary, step)) return step;
  }
  // Whole numbers stay whole, however wide their range.
  return values.every(Number.isInteger) ? 1 : null;
}

/**
 * A decimal step as unit / scale, both whole and exact, so that (cells · unit) / scale is the double nearest
 * to the decimal number: what 3 · 0.1 is not.
 */
export function fractionOf(step: number): { readonly unit: number; readonly scale: number } {
  const scale = 10 ** decimalPlaces(step);
  return { unit: Math.round(step * scale), scale };
}

/** Rounding to multiples of the step: what is a decimal number stays that number. */
export function rounderTo(step: number): (value: number) => number {
  const { unit, scale } = fractionOf(step);
  return (value) => (Math.round(value / step) * unit) / scale || 0;
}

/** Digits after the decimal point of the shortest text of a number. */
export function decimalPlaces(value: number): number {
  const [mantissa = '', exponent = '0'] = String(value).split('e');
  const digits = mantissa.split('.')[1]?.length ?? 0;
  return Math.max(0, digits - Number(exponent));
}

/** 5, 2.5, 2 and 1 times powers of ten, from the range down to the finest step that float32 resolves. */
function* decimalSteps(range: number): Generator<number> {
  const finest = Math.max(FINEST, Math.ceil(Math.log10(range / MOST_STEPS)));
  for (let exponent = Math.floor(Math.log10(range)); exponent >= finest; exponent--) {
    for (const mantissa of MANTISSAS) yield Number(`${mantissa}e${exponent}`);
  }
}

function liesOn({ present, values, counts }: NumberSummary, step: number): boolean {
  const round = rounderTo(step);
  let spare = (1 - ON_GRID) * present;
  for (let i = 0; i < values.length; i++) {
    if (round(values[i] as number) !== values[i]) spare -= counts[i] as number;
    if (spare < 0) return false;
  }
  return true;
}
