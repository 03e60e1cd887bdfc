/**
 * `import 'pushforward/backend'` gives tfjs the backend `native` and puts it in use: the CPU backend
 * with the kernels that training spends its time in run by the addon. Where the addon does not load,
 * tfjs stays on `cpu` and one line on stderr says how to get the faster one. Another one can be chosen
 * at any time with `setBackend`.
 */
import { addonProblem, loadAddon } from '../native/index.js';
import { MathBackendCPU, tf } from '../tf.js';
import { NATIVE_BACKEND, registerNativeBackend } from './registry.js';

export { setBackend } from './choose.js';
export type { BackendName } from './names.js';
export { NATIVE_BACKEND } from './registry.js';

silenceGreeting();

const addon = loadAddon();
if (addon === null) {
  process.stderr.write(`pushforward: ${addonProblem()}\n`);
  if (backendInUse() === undefined) void tf.setBackend('cpu');
} else if (registerNativeBackend(addon)) {
  // A backend that somebody chose before, tensorflow say, stays in use; cpu is what nobody chose.
  const inUse = backendInUse();
  if (inUse === undefined || inUse === 'cpu') void tf.setBackend(NATIVE_BACKEND);
}

/** tfjs has none until somebody chooses one or makes a tensor. */
function backendInUse(): string | undefined {
  return tf.getBackend();
}

/**
 * Every CPU backend greets at its first tensor and advises to install another one. The flag it keeps
 * for that is set by its constructor, so an accessor on the prototype catches all that are yet to be made.
 */
function silenceGreeting(): void {
  Object.defineProperty(MathBackendCPU.prototype, 'firstUse', {
    configurable: true,
    get: () => false,
    set: () => {},
  });
}
