import type { Elements } from '../native/tensorKernels.js';

type Kind = 'float32' | 'int32' | 'bool';

const CONSTRUCTORS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

export type ElementsOf<K extends Kind> = InstanceType<(typeof CONSTRUCTORS)[K]>;

/**
 * Smaller arrays are made as fast as they are found. From about this length on, making one costs
 * more than what a kernel does with it (16384 floats: 8 µs, and 190 µs for 262144, most of it for
 * pages that the system clears), and their memory makes the collector run.
 */
const LEAST_LENGTH = 1024;

/**
 * Bytes of idle arrays at most. One step of training frees the arrays it needs again at the next, so
 * the pool fills up with one step's worth; when that is more than this, the rest is left to the collector.
 */
const MOST_BYTES = 256 * 1024 * 1024;

/** Typed arrays that nobody refers to any more, by type and length. Their contents are arbitrary. */
export class Pool {
  readonly #idle: Record<Kind, Map<number, Elements[]>> = {
    float32: new Map(),
    int32: new Map(),
    bool: new Map(),
  };
  #bytes = 0;

  take<K extends Kind>(kind: K, length: number): ElementsOf<K> {
    const found = length < LEAST_LENGTH ? undefined : this.#idle[kind].get(length)?.pop();
    if (found === undefined) return new CONSTRUCTORS[kind](length) as ElementsOf<K>;
    this.#bytes -= found.byteLength;
    return found as ElementsOf<K>;
  }

  /** Takes an array back. The caller must hold the last reference to it and to its memory. */
  give(elements: Elements): void {
    const { length, byteLength } = elements;
    if (length < LEAST_LENGTH || byteLength > MOST_BYTES) return;
    // Lengths that are no longer asked for would stay for good, so a full pool starts anew.
    if (this.#bytes + byteLength > MOST_BYTES) this.clear();
    const idle = this.#idle[kindOf(elements)];
    const same = idle.get(length);
    if (same === undefined) idle.set(length, [elements]);
    else same.push(elements);
    this.#bytes += byteLength;
  }

  clear(): void {
    for (const idle of Object.values(this.#idle)) idle.clear();
    this.#bytes = 0;
  }
}

function kindOf(elements: Elements): Kind {
  if (elements instanceof Float32Array) return 'float32';
  return elements instanceof Int32Array ? 'int32' : 'bool';
}
