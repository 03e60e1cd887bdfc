import { PushforwardError } from './errors.js';

/** Checks of single options. All throw PushforwardError `usage` that names the option, its value and what it may be. */

export function checkWhole(name: string, value: number, least = 1): void {
  check(Number.isSafeInteger(value) && value >= least, name, value, `a whole number from ${least}`);
}

/** @param values of which each is a whole number from 1: widths of layers, say. */
export function checkWholes(name: string, values: readonly number[]): void {
  const isRight = values.every((value) => Number.isSafeInteger(value) && value >= 1);
  check(isRight, name, `[${values}]`, 'whole numbers from 1');
}

export function checkPositive(name: string, value: number): void {
  check(value > 0 && Number.isFinite(value), name, value, 'a positive number');
}

export function checkNotNegative(name: string, value: number): void {
  check(value >= 0 && Number.isFinite(value), name, value, 'a number that is not negative');
}

/** A share that something keeps: from 0 to below 1. */
export function checkShare(name: string, value: number): void {
  check(value >= 0 && value < 1, name, value, 'a number from 0 to below 1');
}

export function checkOneOf(name: string, value: string, known: readonly string[]): void {
  check(known.includes(value), name, value, `one of ${known.join(', ')}`);
}

/** The error of an option that none of these checks is about. */
export function badOption(name: string, value: unknown, wanted: string): PushforwardError {
  return new PushforwardError('usage', `${name} is ${String(value)}`, { mend: `give ${wanted}` });
}

function check(isRight: boolean, name: string, value: unknown, wanted: string): void {
  if (!isRight) throw badOption(name, value, wanted);
}
