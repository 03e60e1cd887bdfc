import { PushforwardError } from '../../errors.js';
import { isBatchMultiple, type Size, type Symbolic, sameSizes } from '../dimensions.js';
import type { TraceType } from '../recorder.js';
import type { GraphWriter } from '../writer.js';

/** An input of a recorded kernel. */
export interface Operand {
  readonly dtype: TraceType;
  readonly sizes: readonly Size[];
  /** The value in the graph, in its full shape. */
  readonly value: string;
  /** The same up to broadcasting: a constant that repeats over the rows stands here without them. */
  readonly compact: string;
}

export interface Result {
  readonly dtype: TraceType;
  readonly sizes: readonly Size[];
}

/** One recorded kernel on its way into the graph. */
export class Conversion {
  constructor(
    readonly kernel: string,
    readonly graph: GraphWriter,
    /** Inputs by the kernel's names for them; a list has names 0, 1, ... */
    readonly inputs: ReadonlyMap<string, Operand>,
    readonly attributes: Readonly<Record<string, Symbolic>>,
    readonly results: readonly Result[],
  ) {}

  input(name: string): Operand {
    const operand = this.inputs.get(name);
    if (operand === undefined) this.unsupported(`it has no input ${name}`);
    return operand;
  }

  get result(): Result {
    const [result] = this.results;
    if (result === undefined) this.unsupported('it has no output');
    return result;
  }

  number(name: string): number {
    const value = this.attributes[name];
    if (typeof value !== 'number') this.unsupported(`its attribute ${name} is not a fixed number`);
    return value;
  }

  boolean(name: string): boolean {
    return this.attributes[name] === true;
  }

  numbers(name: string): number[] {
    const value = this.attributes[name];
    if (!Array.isArray(value) || !value.every((element) => typeof element === 'number')) {
      this.unsupported(`its attribute ${name} is not a list of fixed numbers`);
    }
    return value as number[];
  }

  /** Axes of a tensor of rank `rank`, from 0; none given means all of them. */
  axes(name: string, rank: number): number[] {
    const value = this.attributes[name];
    if (value === null || value === undefined) return Array.from({ length: rank }, (_, axis) => axis);
    const axes = typeof value === 'number' ? [value] : this.numbers(name);
    return axes.map((axis) => (axis < 0 ? axis + rank : axis));
  }

  /** The size of an axis that does not depend on the rows. */
  fixedSize(operand: Operand, axis: number): number {
    const size = operand.sizes[axis];
    if (size === undefined || isBatchMultiple(size))
      this.unsupported(`it works along axis ${axis}, the rows`);
    return size;
  }

  /**
   * Values of operands that an ONNX operator broadcasts against each other. When one of them has the
   * full shape, constants need not be spread over the rows.
   */
  broadcast(...operands: readonly Operand[]): string[] {
    const full = operands.findIndex(({ sizes, value, compact }) => value === compact && this.#isFull(sizes));
    if (full < 0) return operands.map(({ value }) => value);
    return operands.map(({ compact }) => compact);
  }

  #isFull(sizes: readonly Size[]): boolean {
    return sameSizes(sizes, this.result.sizes);
  }

  unsupported(what: string): never {
    throw new PushforwardError(
      'unsupported',
      `the tfjs kernel ${this.kernel} cannot go into an ONNX file: ${what}`,
    );
  }
}

/** Writes a kernel's computation and gives the value of each output. */
export type Converter = (conversion: Conversion) => string | string[];

export type Converters = Readonly<Record<string, Converter>>;
