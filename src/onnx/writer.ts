import type { Attributes } from './attributes.js';
import { type BatchMultiple, isBatchMultiple, type Size } from './dimensions.js';
import type { GraphBuilder } from './graph.js';
import type { TraceType } from './recorder.js';
import { dataTypeOf, type ElementType } from './tensor.js';

type NumberType = Exclude<ElementType, 'string' | 'bool'>;

/** Shorthand for the graphs that converters write. */
export class GraphWriter {
  #batch: string | undefined;

  /** @param batchAxis the value and axis whose size is the number of rows, when there is one. */
  constructor(
    readonly builder: GraphBuilder,
    readonly batchAxis: { readonly value: string; readonly axis: number } | undefined,
  ) {}

  op(name: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.builder.node(name, inputs, attributes);
  }

  /** A constant scalar; it broadcasts against everything. */
  scalar(type: NumberType, value: number): string {
    return this.vector(type, [value], []);
  }

  /** A constant vector, or a tensor of another shape. */
  vector(type: NumberType, values: readonly number[], shape: readonly number[] = [values.length]): string {
    switch (type) {
      case 'float32':
        return this.builder.initializer(type, shape, Float32Array.from(values));
      case 'float64':
        return this.builder.initializer(type, shape, Float64Array.from(values));
      case 'int32':
        return this.builder.initializer(type, shape, Int32Array.from(values));
      case 'int64':
        return this.builder.initializer(type, shape, BigInt64Array.from(values, BigInt));
    }
  }

  /** An int64 vector of sizes; multiples of the rows are computed when the graph runs. */
  sizes(sizes: readonly Size[]): string {
    if (!sizes.some(isBatchMultiple)) return this.vector('int64', sizes as number[]);
    const parts = sizes.map((size) =>
      isBatchMultiple(size) ? this.#multiple(size) : this.vector('int64', [size]),
    );
    return parts.length === 1 ? (parts[0] as string) : this.op('Concat', parts, { axis: 0 });
  }

  #multiple({ batches }: BatchMultiple): string {
    if (this.batchAxis === undefined) throw new Error('a size depends on the rows, but no input has any');
    const { value, axis } = this.batchAxis;
    this.#batch ??= this.op('Shape', [value], { start: axis, end: axis + 1 });
    return batches === 1 ? this.#batch : this.op('Mul', [this.#batch, this.vector('int64', [batches])]);
  }

  /** Gives a value another shape. One size that follows from the others is left to the runtime. */
  reshape(value: string, sizes: readonly Size[]): string {
    const inferred = sizes.filter(isBatchMultiple).length === 1 && !sizes.includes(0);
    const target = inferred
      ? this.vector(
          'int64',
          sizes.map((size) => (isBatchMultiple(size) ? -1 : size)),
        )
      : this.sizes(sizes);
    // With allowzero a 0, which may come from a table without rows, means a size of 0 and not "as before";
    // it cannot stand beside an inferred size.
    return this.op('Reshape', [value, target], { allowzero: inferred ? 0 : 1 });
  }

  unsqueeze(value: string, axis: number): string {
    return this.op('Unsqueeze', [value, this.vector('int64', [axis])]);
  }

  /** Changes the element type as tfjs does: to int32 by truncation, to bool by a test for 0. */
  cast(value: string, from: TraceType, to: TraceType): string {
    if (from === to) return value;
    return from === 'float32' && to === 'int32' ? this.truncate(value, 'float32') : this.plainCast(value, to);
  }

  /** Truncation to int32; what int32 cannot hold, and NaN, becomes 0 rather than whatever the processor gives. */
  truncate(value: string, from: 'float32' | 'float64'): string {
    const inside = this.op('Less', [this.op('Abs', [value]), this.scalar(from, 2147483648)]);
    const safe = this.op('Where', [inside, value, this.scalar(from, 0)]);
    return this.plainCast(safe, 'int32');
  }

  plainCast(value: string, to: ElementType): string {
    return this.op('Cast', [value], { to: dataTypeOf(to) });
  }
}
