import { fileURLToPath } from 'node:url';
import { Contender } from './contender.js';

/** Peers by bench/peers/with_NAME.py. The eager ones launch op after op; the compiled ones fuse. */
export const EAGER = ['torch', 'nflows', 'zuko', 'normflows', 'FrEIA'] as const;
export const COMPILED = ['torchCompile', 'jax', 'flowjax'] as const;

const SCRIPT = fileURLToPath(new URL('../../bench/peers/peer.py', import.meta.url));

export interface Peers {
  readonly contenders: readonly Contender[];
  readonly versions: Readonly<Record<string, string>>;
  /** Name and reason of those that are not there. */
  readonly skipped: Readonly<Record<string, string>>;
}

/** Starts every peer that this Python has. */
export async function startPeers(python: string, threads: number): Promise<Peers> {
  const contenders: Contender[] = [];
  const versions: Record<string, string> = {};
  const skipped: Record<string, string> = {};
  const started = [...EAGER, ...COMPILED].map(
    (name) => new Contender(name, python, [SCRIPT, name, String(threads)]),
  );
  for (const contender of started) {
    try {
      const { ready, missing } = await contender.next();
      if (typeof missing === 'string') throw new Error(missing);
      Object.assign(versions, ready);
      contenders.push(contender);
    } catch (error) {
      skipped[contender.name] = error instanceof Error ? error.message : String(error);
      contender.stop();
    }
  }
  return { contenders, versions, skipped };
}
