import test from 'ava';
import '../../src/backend/index.js';
import { Gan } from '../../src/gan/gan.js';
import { mlpGanNetworks } from '../../src/gan/networks.js';
import { NetworkOptimizer } from '../../src/gan/optimizer.js';
import { Random, streamOf } from '../../src/random.js';
import { tf } from '../../src/tf.js';

test.before(() => tf.ready());

/** A density on [0, 1], constant between bounds. */
type Steps = readonly { readonly to: number; readonly density: number }[];

const uniform: Steps = [{ to: 1, density: 1 }];
/** Both are 0.2 away from it in total variation: one has lost a part, the other is only uneven. */
const collapsed: Steps = [
  { to: 0.2, density: 0 },
  { to: 1, density: 1.25 },
];
const uneven: Steps = [
  { to: 0.5, density: 0.6 },
  { to: 1, density: 1.4 },
];

/** The quantile of u. */
function quantile(steps: Steps, u: number): number {
  let [from, mass] = [0, 0];
  for (const { to, density } of steps) {
    const share = (to - from) * density;
    if (u <= mass + share && share > 0) return from + (u - mass) / density;
    mass += share;
    from = to;
  }
  return 1;
}

/** 2 log 2 − 2 JSD(Pᵐ, Qᵐ): the least loss of a critic that judges m rows together (Goodfellow et al. 2014). */
function optimum(q: Steps, m: number): number {
  let cells: [number, number][] = [[1, 1]];
  for (let k = 0; k < m; k++) {
    let from = 0;
    const next: [number, number][] = [];
    for (const { to, density } of q) {
      for (const [p, g] of cells) next.push([p * (to - from), g * (to - from) * density]);
      from = to;
    }
    cells = next;
  }
  const part = (a: number, b: number) => (a === 0 ? 0 : -a * Math.log(a / (a + b)));
  return cells.reduce((sum, [p, g]) => sum + part(p, g) + part(g, p), 0);
}

/** Trains a critic of width 64 against fixed laws; its loss on fresh rows. */
function trainedLoss(q: Steps, m: number): number {
  const sizes = { shape: [1], latentDim: 1, pac: m, seed: 5 };
  const networks = mlpGanNetworks(sizes, { generatorHidden: [], criticHidden: [64, 64] });
  const gan = new Gan({ ...networks, shape: [1], latentDim: 1, objective: { pac: m } });
  const rows = (steps: Steps, packs: number, random: Random) => {
    const u = random.uniform(new Float32Array(packs * m));
    return tf.tensor2d(
      u.map((value) => quantile(steps, value)),
      [packs * m, 1],
    );
  };
  const loss = (packs: number, stream: number) => {
    const random = new Random(7, streamOf('test', stream));
    return gan.criticLosses(rows(uniform, packs, random), rows(q, packs, random), random).critic;
  };
  const steps = m < 3 ? 400 : 1000;
  for (const [phase, learningRate] of [6e-3, 2e-3, 3e-4].entries()) {
    const adam = new NetworkOptimizer('critic', gan.critic.variables, {
      kind: 'adam',
      learningRate,
      beta1: 0.9,
    });
    for (let step = 0; step < steps; step++) {
      adam.differentiate(() => loss(512, phase * steps + step));
      adam.apply(null);
    }
  }
  const held = tf.tidy(() => loss(100_000, 1e6).dataSync()[0] as number);
  gan.dispose();
  return held;
}

test('the optima are those of the paper', (t) => {
  const figures = [collapsed, uneven].flatMap((q) => [1, 2, 3].map((m) => optimum(q, m)));
  const known = [1.2365, 1.0969, 0.9679, 1.3443, 1.304, 1.2653];
  figures.forEach((figure, i) => {
    t.true(Math.abs(figure - (known[i] as number)) < 6e-5, `${figure}`);
  });
});

for (const [name, q] of Object.entries({ collapsed, uneven })) {
  for (const m of [1, 2, 3]) {
    test.serial(`a critic of packs of ${m} comes to the optimum of the ${name} law, and not below`, (t) => {
      const loss = trainedLoss(q, m);
      const least = optimum(q, m);
      // The mean of 100,000 packs has a standard error below 0.003.
      t.true(loss > least - 0.009 && loss < least + 0.02, `${loss} against ${least}`);
    });
  }
}
