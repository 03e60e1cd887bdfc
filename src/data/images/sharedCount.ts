/**
 * Waits until a count that another thread raises is no longer `seen`. Being woken is no proof of that: the waking for
 * an answer that was already found may come late. After each `look` milliseconds without it `onLook` is called, which
 * ends the wait by throwing.
 */
export function waitBeyond(count: Int32Array, seen: number, look: number, onLook: () => void): void {
  while (Atomics.load(count, 0) === seen) {
    if (Atomics.wait(count, 0, seen, look) === 'timed-out') onLook();
  }
}
