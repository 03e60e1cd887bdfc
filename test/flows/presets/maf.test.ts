import test from 'ava';
import { PushforwardError } from '../../../src/errors.js';
import { InverseAutoregressive } from '../../../src/flows/inverseAutoregressive.js';
import { MaskedAutoregressive } from '../../../src/flows/maskedAutoregressive.js';
import { iaf } from '../../../src/flows/presets/iaf.js';
import { maf } from '../../../src/flows/presets/maf.js';
import { dependsInOrder, jacobians, leavesNoTensors, normals, rowsFor } from '../laws.js';

test('turned round from layer to layer, every dimension depends on every other', (t) => {
  for (const preset of [maf, iaf]) {
    const flow = preset({ dim: 4, layers: 2, hidden: [12], activation: 'tanh', reference: true });
    flow.parameters.assign(normals(flow.parameters.count, 71, 0.5));
    leavesNoTensors(t, () => {
      const { x } = rowsFor(flow, 1);
      const [jacobian] = jacobians((rows) => flow.forward(rows).z, x);
      t.true(jacobian?.every((slope) => slope !== 0));
    });
    flow.dispose();
  }
});

test('the Jacobian is triangular in the order, the inverse’s too', (t) => {
  const order = [2, 0, 3, 1];
  const options = { dim: 4, hidden: [12, 9], activation: 'tanh', order } as const;
  for (const map of [new MaskedAutoregressive(options), new InverseAutoregressive(options)]) {
    dependsInOrder(t, map, order);
  }
});

test('an order that is none, and a bound that is none, are refused', (t) => {
  const options = { dim: 3, hidden: [4], activation: 'relu' } as const;
  for (const bad of [
    () => new MaskedAutoregressive({ ...options, order: [0, 1] }),
    () => new MaskedAutoregressive({ ...options, order: [0, 1, 1] }),
    () => new InverseAutoregressive({ ...options, order: [0, 1, 3] }),
    () => new MaskedAutoregressive({ ...options, logScaleBound: 0 }),
    () => new MaskedAutoregressive({ ...options, dim: 0 }),
  ]) {
    t.is(t.throws(bad, { instanceOf: PushforwardError }).code, 'usage');
  }
});
