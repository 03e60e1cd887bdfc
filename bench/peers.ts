import { fileURLToPath } from 'node:url';
import { Contender } from './contender.js';

/** Peers by bench/peers/with_NAME.py. The eager ones launch op after op; the compiled ones fuse. */
export const EAGER = ['torch', 'nflows', 'zuko', 'normflows', 'FrEIA'] as const;
export const COMPILED = ['torchCompile', 'jax', 'flowjax'] as const;

const SCRIPT = fileURLToPath(new URL('../../bench/peers/peer.py', import.meta.url));
const TFJS_SCRIPT = fileURLToPath(new URL('./tfjs.js', import.meta.url));

export interface Started {
  readonly contenders: readonly Contender[];
  readonly versions: Readonly<Record<string, string>>;
  /** Name and reason of those that are not there. */
  readonly skipped: Readonly<Record<string, string>>;
}

export function pythonPeer(name: string, threads: number): Contender {
  const python = process.env.PUSHFORWARD_BENCH_PYTHON || 'python3';
  return new Contender(name, python, [SCRIPT, name, String(threads)]);
}

/** The peer `tfjsCpu` is the backend cpu. */
export function tfjsPeer(name: string): Contender {
  const backend = name.replace('tfjs', '').toLowerCase();
  return new Contender(name, process.execPath, [TFJS_SCRIPT, backend]);
}

/** Waits for contenders that have been started until each is ready or says what is missing. */
export async function ready(started: readonly Contender[]): Promise<Started> {
  const contenders: Contender[] = [];
  const versions: Record<string, string> = {};
  const skipped: Record<string, string> = {};
  for (const contender of started) {
    try {
      const { ready: found, missing } = await contender.next();
      if (typeof missing === 'string') throw new Error(missing);
      Object.assign(versions, found);
      contenders.push(contender);
    } catch (error) {
      skipped[contender.name] = error instanceof Error ? error.message : String(error);
      contender.stop();
    }
  }
  return { contenders, versions, skipped };
}
