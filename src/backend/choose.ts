import { PushforwardError } from '../errors.js';
import { addonProblem, loadAddon } from '../native/index.js';
import { tf } from '../tf.js';
import { type BackendName, backendNames } from './names.js';
import { loadTensorflow } from './tensorflow.js';

/**
 * Puts a backend of tfjs in use: `native`, ours; `cpu`, the one in JavaScript; or `tensorflow`, which
 * `@tensorflow/tfjs-node-gpu` or `@tensorflow/tfjs-node` has and the user installs. The addon fits flows on
 * all of them; their densities and samples are tfjs ops on all but `native`. Whoever imports one of those packages without this
 * function undoes our mends of tfjs' gradients; calling it afterwards makes them again.
 *
 * @throws PushforwardError usage for another name and for a package that is not installed, unsupported
 * for a backend that does not start.
 */
export async function setBackend(name: BackendName): Promise<void> {
  if (!backendNames.includes(name)) {
    throw new PushforwardError('usage', `there is no backend ${name}`, {
      mend: `choose one of ${backendNames.join(', ')}`,
    });
  }
  if (name === 'native' && loadAddon() === null) {
    throw new PushforwardError('unsupported', addonProblem() ?? 'the native addon does not load');
  }
  if (name === 'tensorflow') loadTensorflow();
  if (!(await tf.setBackend(name))) {
    throw new PushforwardError('unsupported', `the backend ${name} does not start`);
  }
}
