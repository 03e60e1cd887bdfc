import type { Elements } from '../native/tensorKernels.js';

type Kind = 'float32' | 'int32' | 'bool';

const CONSTRUCTORS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

export type ElementsOf<K extends Kind> = InstanceType<(typeof CONSTRUCTORS)[K]>;

/** Bytes of a cache line, and of the widest vectors: one that is read across two lines costs twice. */
const ALIGNMENT = 64;

/** Arrays of fewer bytes than this many lines are not worth the space it takes to align them. */
const LEAST_ALIGNED = 16 * ALIGNMENT;

/**
 * Bytes of idle arrays at most. One step of training frees the arrays it needs again at the next, so
 * the pool fills up with one step's worth; when that is more than this, the rest is left to the collector.
 */
const MOST_BYTES = 256 * 1024 * 1024;

/** What an array costs beside its elements, in bytes, so that very many small ones count too. */
const OVERHEAD = 256;

/**
 * Typed arrays that nobody refers to any more, by type and length. Their contents are arbitrary.
 *
 * Making one costs a microsecond, and from a thousand elements on more than what a kernel does with it
 * (16384 floats: 8 µs, and 190 µs for 262144, most of it for pages that the system clears), and its
 * memory makes the collector run.
 */
export class Pool {
  readonly #idle: Record<Kind, Map<number, Elements[]>> = {
    float32: new Map(),
    int32: new Map(),
    bool: new Map(),
  };
  readonly #misalignment: (memory: Uint8Array) => number;
  #bytes = 0;

  /** @param misalignment bytes from the last multiple of 64 to the address of some memory. */
  constructor(misalignment: (memory: Uint8Array) => number) {
    this.#misalignment = misalignment;
  }

  take<K extends Kind>(kind: K, length: number): ElementsOf<K> {
    const found = this.#idle[kind].get(length)?.pop();
    if (found === undefined) return this.#make(kind, length) as ElementsOf<K>;
    this.#bytes -= found.byteLength + OVERHEAD;
    return found as ElementsOf<K>;
  }

  /** Takes an array back. The caller must hold the last reference to it and to its memory. */
  give(elements: Elements): void {
    const { length } = elements;
    const bytes = elements.byteLength + OVERHEAD;
    if (bytes > MOST_BYTES) return;
    // Lengths that are no longer asked for would stay for good, so a full pool starts anew.
    if (this.#bytes + bytes > MOST_BYTES) this.clear();
    const idle = this.#idle[kindOf(elements)];
    const same = idle.get(length);
    if (same === undefined) idle.set(length, [elements]);
    else same.push(elements);
    this.#bytes += bytes;
  }

  /**
   * Lets go of an array that `take` gave and that others are about to see. What they see is a copy where
   * the array is a part of its memory: many take an array's `buffer` for the array.
   */
  leave(elements: Elements): Elements {
    if (elements.byteLength === elements.buffer.byteLength) return elements;
    const copy = elements.slice();
    this.give(elements);
    return copy;
  }

  clear(): void {
    for (const idle of Object.values(this.#idle)) idle.clear();
    this.#bytes = 0;
  }

  #make(kind: Kind, length: number): Elements {
    const Constructor = CONSTRUCTORS[kind];
    const bytes = length * Constructor.BYTES_PER_ELEMENT;
    if (bytes < LEAST_ALIGNED) return new Constructor(length);
    // Not cleared: who takes an array overwrites all of it.
    const memory = Buffer.allocUnsafeSlow(bytes + ALIGNMENT);
    const start = memory.byteOffset + ((ALIGNMENT - this.#misalignment(memory)) % ALIGNMENT);
    return new Constructor(memory.buffer, start, length);
  }
}

function kindOf(elements: Elements): Kind {
  if (elements instanceof Float32Array) return 'float32';
  return elements instanceof Int32Array ? 'int32' : 'bool';
}
