import { loadAddon } from '../../src/native/index.js';
import { feed, flowOf, normals } from './flows.js';

/** Calls that take some milliseconds on several threads; each gives its result. */
export function endlessCalls(): Record<'product' | 'plan', () => Float32Array> {
  const addon = loadAddon();
  if (addon === null) throw new Error('there is no addon');
  const size = 420;
  const [a, b] = [normals('a', size * size), normals('b', size * size)];
  const product = new Float32Array(size * size);
  const batch = Int32Array.of(1, 1, 0, 0);
  const spec = flowOf({ dim: 5, contextDim: 2, hidden: [48, 32] });
  const { parameters, x, context } = feed(spec, 3000);
  const plan = new addon.FlowPlan(spec);
  const gradient = new Float32Array(spec.parameterCount);
  return {
    product: () => {
      addon.tensorMatMul.linear(a, b, null, product, size, size, size, false, true, batch, 0);
      return product;
    },
    plan: () => {
      plan.valueAndGrad(parameters, x, context, null, gradient);
      return gradient;
    },
  };
}
