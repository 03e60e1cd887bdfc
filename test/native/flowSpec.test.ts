import type { FlowSpec } from '../../src/native/index.js';
import { flowOf } from './flows.js';
import { nativeTest } from './support.js';

/** A spec as plain data that tests may spoil. */
// biome-ignore lint/suspicious/noExplicitAny: a spoilt spec has no type
type Loose = any;

const spoilt = (spoil: (spec: Loose) => void): FlowSpec => {
  const shape = { dim: 3, contextDim: 2, hidden: [4], rounds: 1, autoregressive: true };
  const spec = structuredClone(flowOf(shape)) as Loose;
  spoil(spec);
  return spec as FlowSpec;
};

// Layers: 0 actNorm, 1 permutation, 2 luLinear, 3 and 4 affineCoupling, 5 additiveCoupling,
// 6 maskedAutoregressive, 7 inverseAutoregressive.
const badSpecs: Record<string, [(spec: Loose) => void, RegExp]> = {
  'no dim': [(s) => delete s.dim, /dim must be an integer/],
  'dim 0': [(s) => (s.dim = 0), /dim must be/],
  'dim not whole': [(s) => (s.dim = 2.5), /dim must be an integer/],
  'dim beyond measure': [(s) => (s.dim = 1e12), /dim must be an integer/],
  'negative contextDim': [(s) => (s.contextDim = -1), /contextDim must be an integer/],
  'NaN parameterCount': [(s) => (s.parameterCount = Number.NaN), /parameterCount must be an integer/],
  'a parameterCount too small': [
    (s) => (s.parameterCount = 60),
    /layer \d \(\w+\): parameter '\w+' at offset \d+ does not fit/,
  ],
  'layers no array': [(s) => (s.layers = {}), /layers must be an array/],
  'a layer that is none': [(s) => (s.layers[1] = null), /layer 1 must be an object/],
  'an unknown kind': [(s) => (s.layers[1].kind = 'spline'), /layer 1 \(spline\): unknown kind/],
  'kind no string': [(s) => (s.layers[1].kind = 4), /layer 1.kind must be a string/],
  'parameters no array': [
    (s) => (s.layers[0].parameters = 3),
    /layer 0 \(actNorm\) parameters must be an array/,
  ],
  'a parameter missing': [(s) => s.layers[0].parameters.pop(), /layer 0 \(actNorm\): parameters must hold 2/],
  'a parameter of another name': [
    (s) => (s.layers[0].parameters[1].name = 'scale'),
    /layer 0 \(actNorm\): parameter 'logScale' is missing/,
  ],
  'a parameter twice': [
    (s) => (s.layers[0].parameters[1].name = 'bias'),
    /layer 0 \(actNorm\): parameter 'bias' is there twice/,
  ],
  'a wrong shape': [
    (s) => (s.layers[2].parameters[0].shape = [3, 4]),
    /layer 2 \(luLinear\): parameter 'lu' must have shape \[3, 3\], but has \[3, 4\]/,
  ],
  'a shape of too many axes': [
    (s) => (s.layers[2].parameters[0].shape = [3, 3, 1]),
    /layer 2 .*'lu' shape must be of rank 1 or 2/,
  ],
  'a shape of other things': [
    (s) => (s.layers[2].parameters[0].shape = [3, '3']),
    /layer 2 .*shape\[1\] must be an integer/,
  ],
  'a negative offset': [
    (s) => (s.layers[0].parameters[0].offset = -1),
    /layer 0 .*'bias' offset must be an integer/,
  ],
  'an offset past the end': [
    (s) => (s.layers[0].parameters[0].offset = s.parameterCount - 2),
    /layer 0 \(actNorm\): parameter 'bias' at offset \d+ does not fit/,
  ],
  'an offset far past the end': [
    (s) => (s.layers[0].parameters[0].offset = 2 ** 50),
    /layer 0 \(actNorm\): parameter 'bias' at offset \d+ does not fit/,
  ],
  'slices that overlap': [
    (s) => (s.layers[2].parameters[1].offset = s.layers[2].parameters[0].offset + 1),
    /layer 2 .*overlaps layer 2/,
  ],
  'an order with a feature twice': [
    (s) => (s.layers[1].order = [0, 1, 1]),
    /layer 1 \(permutation\): order must be a permutation of 0 to 2/,
  ],
  'an order out of range': [(s) => (s.layers[1].order = [0, 1, 3]), /layer 1 \(permutation\): order/],
  'an order too short': [(s) => (s.layers[1].order = [0, 1]), /layer 1 \(permutation\): order/],
  'a feature in both parts': [
    (s) => s.layers[3].identity.push(0),
    /layer 3 \(affineCoupling\): identity and transformed/,
  ],
  'a feature in neither part': [
    (s) => s.layers[3].transformed.pop(),
    /layer 3 \(affineCoupling\): identity and transformed/,
  ],
  'a feature out of range': [
    (s) => (s.layers[3].identity = [7]),
    /layer 3 \(affineCoupling\): identity and transformed/,
  ],
  'a hidden width of 0': [(s) => (s.layers[3].hidden = [0]), /layer 3 \(affineCoupling\): hidden/],
  'hidden layers without weights': [
    (s) => (s.layers[3].hidden = [4, 4]),
    /layer 3 \(affineCoupling\): parameters must hold 6/,
  ],
  'residual blocks without their layers': [
    (s) => (s.layers[3].residualBlocks = 1),
    /layer 3 \(affineCoupling\): parameters must hold 8/,
  ],
  'residual blocks of two widths': [
    (s) => Object.assign(s.layers[3], { residualBlocks: 1, hidden: [4, 4] }),
    /layer 3 \(affineCoupling\): hidden must hold one width where there are residualBlocks, but holds 2/,
  ],
  'half a residual block': [(s) => (s.layers[3].residualBlocks = 0.5), /residualBlocks must be an integer/],
  'residual blocks that are not there': [
    (s) => delete s.layers[5].residualBlocks,
    /layer 5 \(additiveCoupling\) residualBlocks must be an integer/,
  ],
  'an unknown activation': [
    (s) => (s.layers[3].activation = 'sine'),
    /layer 3 \(affineCoupling\): activation/,
  ],
  'networks of another kind': [
    (s) => (s.layers[3].networks = 'shared'),
    /layer 3 \(affineCoupling\) networks must be joint or separate/,
  ],
  'separate networks with the parameters of one': [
    (s) => (s.layers[3].networks = 'separate'),
    /layer 3 \(affineCoupling\): parameters must hold 8/,
  ],
  'a bound of 0': [(s) => (s.layers[3].logScaleBound = 0), /layer 3 \(affineCoupling\): logScaleBound/],
  'an infinite bound': [
    (s) => (s.layers[3].logScaleBound = Number.POSITIVE_INFINITY),
    /layer 3 .*logScaleBound/,
  ],
  'a NaN bound': [(s) => (s.layers[3].logScaleBound = Number.NaN), /layer 3 .*logScaleBound/],
  'a bound that is no number': [
    (s) => (s.layers[3].logScaleBound = '2'),
    /layer 3 .*logScaleBound must be a number/,
  ],
  'outputs of an additive coupling for a scale too': [
    (s) => (s.layers[5].kind = 'affineCoupling'),
    /layer 5 \(affineCoupling\) networks must be a string/,
  ],
  'an additive coupling that transforms nothing of one part': [
    (s) => (s.layers[5].transformed = [0]),
    /layer 5 \(additiveCoupling\): identity and transformed/,
  ],
  'an autoregressive order with a feature twice': [
    (s) => (s.layers[6].order = [0, 1, 1]),
    /layer 6 \(maskedAutoregressive\): order must be a permutation of 0 to 2/,
  ],
  'no degrees': [(s) => delete s.layers[6].degrees, /layer 6 .*degrees must be an array/],
  'degrees that are no lists': [(s) => (s.layers[6].degrees = [1]), /degrees\[0\] must be an array/],
  'degrees that descend': [
    (s) => (s.layers[7].degrees = [[0, 1, 0, 2]]),
    /layer 7 \(inverseAutoregressive\): degrees must ascend in every layer and be at most 2/,
  ],
  'a degree that would see the last variable': [
    (s) => (s.layers[6].degrees = [[0, 1, 2, 3]]),
    /layer 6 \(maskedAutoregressive\): degrees must ascend/,
  ],
  'a negative degree': [
    (s) => (s.layers[6].degrees = [[-1, 0, 0, 0]]),
    /degrees\[0\]\[0\] must be an integer/,
  ],
  'a hidden layer without units': [(s) => (s.layers[6].degrees = [[]]), /layer 6 .*hidden widths/],
  'more layers of degrees than of weights': [
    (s) => (s.layers[6].degrees = [[0], [0]]),
    /layer 6 \(maskedAutoregressive\): parameters must hold 6/,
  ],
  'weights of other widths than the degrees': [
    (s) => (s.layers[6].degrees = [[0, 1]]),
    /layer 6 .*'weight0' must have shape \[5, 2\]/,
  ],
  'an autoregressive map without residualBlocks': [
    (s) => delete s.layers[6].residualBlocks,
    /layer 6 \(maskedAutoregressive\) residualBlocks must be an integer/,
  ],
  'residual blocks of two lists of degrees': [
    (s) => Object.assign(s.layers[6], { residualBlocks: 1, degrees: [[0], [0]] }),
    /layer 6 \(maskedAutoregressive\): degrees must hold one list where there are residualBlocks/,
  ],
  'an autoregressive map with a bound of 0': [
    (s) => (s.layers[7].logScaleBound = 0),
    /layer 7 \(inverseAutoregressive\): logScaleBound/,
  ],
};

// Layers: as above, with spline couplings.
const splines: Record<string, [(layer: Loose) => void, RegExp]> = {
  'one bin': [(layer) => (layer.bins = 1), /bins must be from 2 to 64/],
  'too many bins': [(layer) => (layer.bins = 65), /bins must be from 2 to 64/],
  'half a bin': [(layer) => (layer.bins = 2.5), /bins must be an integer/],
  'bins that are not there': [(layer) => delete layer.bins, /bins must be an integer/],
  'other bins than its weights': [(layer) => (layer.bins = 5), /parameter 'weight1' must have shape/],
  'a bound of 0': [(layer) => (layer.bound = 0), /bound must be a number from/],
  'a NaN bound': [(layer) => (layer.bound = Number.NaN), /bound must be a number from/],
  'an infinite bound': [(layer) => (layer.bound = Number.POSITIVE_INFINITY), /bound must be a number from/],
  'a bound that is no number': [(layer) => (layer.bound = '3'), /bound must be a number/],
  'no list of circles': [(layer) => delete layer.circular, /circular must be an array/],
  'a circle out of range': [(layer) => (layer.circular = [3]), /circular must hold some of 0 to 2/],
  'a circle twice': [(layer) => (layer.circular = [1, 1]), /circular must hold some of 0 to 2/],
  'a circle without its numbers': [(layer) => (layer.circular = [0]), /parameter 'weight1' must have shape/],
  'a feature in both parts': [(layer) => layer.identity.push(0), /identity and transformed/],
  'an unknown activation': [(layer) => (layer.activation = 'sine'), /activation must be/],
};

nativeTest('a bad spec of a spline coupling is refused with layer and field', (t, addon) => {
  const spec = flowOf({ dim: 3, contextDim: 2, hidden: [4], rounds: 1, spline: { bins: 4, bound: 3 } });
  t.notThrows(() => new addon.FlowPlan(spec));
  for (const [name, [spoil, message]] of Object.entries(splines)) {
    const bad = structuredClone(spec) as Loose;
    spoil(bad.layers[3]);
    const error = t.throws(
      () => new addon.FlowPlan(bad as FlowSpec),
      { instanceOf: TypeError, message },
      name,
    );
    t.regex(error?.message ?? '', /layer 3 \(rationalQuadraticCoupling\)/);
  }
});

nativeTest('a bad spec of an autoregressive spline is refused with layer and field', (t, addon) => {
  const shape = { dim: 3, hidden: [4], rounds: 1, autoregressive: true, spline: { bins: 4, bound: 3 } };
  const spec = flowOf(shape);
  t.notThrows(() => new addon.FlowPlan(spec));
  for (const [kind, index] of [
    ['maskedSpline', 5],
    ['inverseSpline', 6],
  ] as const) {
    for (const [spoil, message] of [
      ...['half a bin', 'too many bins', 'other bins than its weights', 'a NaN bound'].map(
        (name) => splines[name] as [(layer: Loose) => void, RegExp],
      ),
      [(layer: Loose) => delete layer.degrees, /degrees must be an array/] as const,
      [(layer: Loose) => layer.order.pop(), /order must be a permutation/] as const,
    ]) {
      const bad = structuredClone(spec) as Loose;
      spoil(bad.layers[index]);
      const error = t.throws(() => new addon.FlowPlan(bad as FlowSpec), { instanceOf: TypeError, message });
      t.regex(error?.message ?? '', new RegExp(`layer ${index} \\(${kind}\\)`));
    }
  }
});

const mapped = { kind: 'elementwise', inverted: false, columns: [0, 2], slope: 1, scale: [], shift: [] };
const elementwise: Record<string, [Loose, RegExp]> = {
  'an unknown map': [{ map: 'cube' }, /map must be sigmoid/],
  'a map that is no string': [{ map: 3 }, /map must be a string/],
  'inverted neither way': [{ map: 'tanh', inverted: 1 }, /inverted must be true or false/],
  'no columns': [{ map: 'tanh', columns: [] }, /columns must hold/],
  'a column twice': [{ map: 'tanh', columns: [1, 1] }, /columns must hold/],
  'a column out of range': [{ map: 'tanh', columns: [3] }, /columns must hold/],
  'a slope of 0': [{ map: 'leakyRelu', slope: 0 }, /slope must be/],
  'a negative slope': [{ map: 'leakyRelu', slope: -1 }, /slope must be/],
  'no slope': [{ map: 'leakyRelu', slope: undefined }, /slope must be a number/],
  'a scale too few': [{ map: 'affine', scale: [1], shift: [0, 0] }, /scale and shift must hold 2/],
  'a scale of 0': [{ map: 'affine', scale: [1, 0], shift: [0, 0] }, /scale must be from/],
  'a NaN scale': [{ map: 'affine', scale: [1, Number.NaN], shift: [0, 0] }, /scale must be from/],
  'an infinite shift': [
    { map: 'affine', scale: [1, 1], shift: [0, Number.POSITIVE_INFINITY] },
    /scale must be from/,
  ],
  'a shift that is no number': [
    { map: 'affine', scale: [1, 1], shift: ['a', 0] },
    /shift\[0\] must be a number/,
  ],
  parameters: [{ map: 'tanh', parameters: [{ name: 'a', shape: [1], offset: 0 }] }, /parameters must hold 0/],
};

nativeTest('a bad spec of an elementwise map is refused with layer and field', (t, addon) => {
  const plan = (layer: Loose) =>
    new addon.FlowPlan({
      dim: 3,
      contextDim: 0,
      parameterCount: 1,
      layers: [{ ...mapped, parameters: [], ...layer }],
    });
  t.notThrows(() => plan({ map: 'tanh' }));
  for (const [name, [layer, message]] of Object.entries(elementwise)) {
    const error = t.throws(() => plan(layer), { instanceOf: TypeError, message }, name);
    t.regex(error?.message ?? '', /layer 0 \(elementwise\)/);
  }
});

nativeTest('a bad spec is refused with layer and field', (t, addon) => {
  t.notThrows(() => new addon.FlowPlan(spoilt(() => {})));
  for (const [name, [spoil, message]] of Object.entries(badSpecs)) {
    t.throws(() => new addon.FlowPlan(spoilt(spoil)), { instanceOf: TypeError, message }, name);
  }
  for (const spec of [undefined, null, 3, 'flow']) {
    t.throws(() => new addon.FlowPlan(spec as unknown as FlowSpec), {
      instanceOf: TypeError,
      message: /spec/,
    });
  }
});
