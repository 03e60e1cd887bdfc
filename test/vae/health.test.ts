import test from 'ava';
import { VaeHealth } from '../../src/vae/health.js';

const used = { activeUnits: 3, kl: 8 };
const collapsed = { activeUnits: 0, kl: 0.0123 };

test('a posterior that has collapsed is said once, with the figures, and not for an epoch or two', (t) => {
  const said = (epochs: readonly (typeof used)[], stepsPerEpoch = 300) => {
    const health = new VaeHealth(20, stepsPerEpoch);
    return epochs.flatMap((figures, i) => health.see(i + 1, figures).map((text) => `${i + 1}: ${text}`));
  };
  t.deepEqual(said([collapsed, collapsed, used, collapsed, collapsed]), []);
  const warnings = said([used, collapsed, collapsed, collapsed, used, collapsed, collapsed, collapsed]);
  t.is(warnings.length, 1);
  t.regex(warnings[0] as string, /^4: .*0 of 20 latent units are active.*0[.]012 nats/);
  // Two steps an epoch: the hundredth is the last of the first steps.
  const slow = said(
    Array.from({ length: 120 }, () => collapsed),
    2,
  );
  t.deepEqual(
    slow.map((text) => text.split(':')[0]),
    ['103'],
  );
});
