import type { ExecutionContext } from 'ava';
import type { Flow } from '../../src/flows/flow.js';
import { loadAddon } from '../../src/native/index.js';
import { fusedForward, fusedInverse } from '../../src/ops/fusedFlow.js';
import type { Tensor1D, Tensor2D } from '../../src/tf.js';
import { leavesNoTensors } from './laws.js';

/** A way to run a flow: by its definition, or by the plan. */
export interface Way {
  readonly name: string;
  forward(x: Tensor2D, context?: Tensor2D): { z: Tensor2D; logDet: Tensor1D };
  inverse(z: Tensor2D, context?: Tensor2D): { x: Tensor2D; logDet: Tensor1D };
}

/**
 * Runs the body with the flow's definition and, where the addon is there, with the plan under each
 * instruction set that this processor has; then disposes of the flow.
 */
export function everyWay(t: ExecutionContext, flow: Flow, body: (way: Way) => void): void {
  const { definition } = flow;
  const byDefinition: Way = {
    name: 'definition',
    forward: (x, context) => definition.forward(x, context),
    inverse: (z, context) => definition.inverse(z, context),
  };
  leavesNoTensors(t, () => body(byDefinition));
  const addon = loadAddon();
  if (addon !== null) {
    const plan = new addon.FlowPlan(flow.spec());
    const flat = flow.parameters.variable;
    const widest = addon.simdLevel();
    for (const level of addon.simdLevels()) {
      addon.setSimdLevel(level);
      const byPlan: Way = {
        name: `plan, ${level}`,
        forward: (rows, context) => fusedForward(plan, { rows, context, flat }),
        inverse: (rows, context) => fusedInverse(plan, { rows, context, flat }),
      };
      leavesNoTensors(t, () => body(byPlan));
    }
    addon.setSimdLevel(widest);
  }
  flow.dispose();
}
