import { createRequire } from 'node:module';
import { PushforwardError } from '../errors.js';
import { mendGradients } from '../gradients/index.js';
import { tf } from '../tf.js';

/** The packages whose import registers the backend `tensorflow`, the one with CUDA first. */
const PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

const require = createRequire(import.meta.url);

/**
 * Loads the package with the backend `tensorflow` that is installed beside this one, if any.
 *
 * @throws PushforwardError usage where none is, unsupported where none that is loads.
 */
export function loadTensorflow(): void {
  const problems: string[] = [];
  for (const name of PACKAGES) {
    const file = resolve(name);
    if (file === undefined) continue;
    try {
      quietly(() => require(file));
    } catch (error) {
      const reason = String(error instanceof Error ? error.message : error).split('\n')[0];
      problems.push(`${name} does not load (${reason})`);
      continue;
    }
    // It brings all of tfjs, whose gradients are registered over the mended ones.
    mendGradients();
    return;
  }
  if (problems.length > 0) {
    throw new PushforwardError('unsupported', `no backend tensorflow: ${problems.join(', ')}`, {
      mend: 'install it anew, or use the backend native',
    });
  }
  throw new PushforwardError('usage', 'the backend tensorflow is in a package that is not installed', {
    mend: 'run `npm install @tensorflow/tfjs-node`, or `npm install @tensorflow/tfjs-node-gpu` for CUDA',
  });
}

/** With a copy of tfjs of its own it would say of each kernel in a line that there is one already. */
function quietly(load: () => void): void {
  const isProduction = tf.env().getBool('PROD');
  tf.env().set('PROD', true);
  try {
    load();
  } finally {
    tf.env().set('PROD', isProduction);
  }
}

function resolve(name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}
