import type { Argument, TensorFunction } from '../support.js';

/** A traced function that must agree with tfjs's cpu backend for every number of rows. */
export interface Case {
  readonly name: string;
  readonly fn: TensorFunction;
  readonly args: readonly Argument[];
}

export function testCase(name: string, fn: TensorFunction, ...args: Argument[]): Case {
  return { name, fn, args };
}
