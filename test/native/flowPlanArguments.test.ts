import type { NativeFlowPlan } from '../../src/native/index.js';
import { flowOf } from './flows.js';
import { nativeTest } from './support.js';

interface Call {
  readonly method: keyof NativeFlowPlan;
  readonly names: readonly string[];
  readonly outputs: number;
}
const calls: readonly Call[] = [
  { method: 'logProb', names: ['parameters', 'x', 'context', 'out'], outputs: 1 },
  { method: 'forward', names: ['parameters', 'x', 'context', 'z', 'logDet'], outputs: 2 },
  { method: 'inverse', names: ['parameters', 'z', 'context', 'x', 'logDet'], outputs: 2 },
  {
    method: 'vectorJacobian',
    names: ['parameters', 'x', 'context', 'gz', 'gLogDet', 'gx', 'gContext', 'gParameters'],
    outputs: 3,
  },
  { method: 'valueAndGrad', names: ['parameters', 'x', 'context', 'weights', 'gradient'], outputs: 1 },
];
const rows = 6;
const spec = flowOf({ dim: 3, contextDim: 2, hidden: [4], rounds: 1 });

function lengthOf(name: string): number {
  if (/parameters|gradient/i.test(name)) return spec.parameterCount;
  if (/context/i.test(name)) return rows * spec.contextDim;
  return /^(g?x|g?z)$/.test(name) ? rows * spec.dim : rows;
}

/** Right arguments, all in one buffer with a guard before, between and after them. */
function rightArguments(names: readonly string[]) {
  const guard = 5;
  const total = names.reduce((sum, name) => sum + lengthOf(name) + guard, guard);
  const memory = new Float32Array(total).fill(0.25);
  let end = guard;
  const values: unknown[] = names.map((name) => {
    const start = end;
    end += lengthOf(name) + guard;
    return memory.subarray(start, start + lengthOf(name));
  });
  return { memory, values };
}

for (const { method, names, outputs } of calls) {
  nativeTest(`${method} writes its outputs and nothing else`, (t, addon) => {
    const plan = new addon.FlowPlan(spec) as unknown as Record<string, (...args: unknown[]) => unknown>;
    const { memory, values } = rightArguments(names);
    plan[method]?.(...values);
    const written = new Set<number>();
    for (const value of values.slice(-outputs) as Float32Array[]) {
      const first = value.byteOffset / 4;
      for (let i = 0; i < value.length; i++) written.add(first + i);
    }
    t.true(memory.every((value, i) => written.has(i) || value === 0.25));
    t.true(
      (values.slice(-outputs) as Float32Array[]).every((value) => value.some((number) => number !== 0.25)),
    );
  });

  nativeTest(`${method} refuses bad arguments and touches nothing`, (t, addon) => {
    const plan = new addon.FlowPlan(spec) as unknown as Record<string, (...args: unknown[]) => unknown>;
    const refuses = (spoil: (values: unknown[]) => void, message: RegExp) => {
      const { memory, values } = rightArguments(names);
      spoil(values);
      t.throws(() => plan[method]?.(...values), { instanceOf: TypeError, message });
      t.true(memory.every((value) => value === 0.25));
    };
    names.forEach((name, index) => {
      const message = new RegExp(`^${method}: ${name} `);
      const length = lengthOf(name);
      const bad: unknown[] = [
        'text',
        new Float64Array(length),
        new Int32Array(length),
        Array.from({ length }, () => 0),
        new Float32Array(length).buffer,
        new DataView(new ArrayBuffer(4 * length)),
        new Float32Array(length + 1),
        new Float32Array(length - 1),
        new Float32Array(0),
      ];
      if (name !== 'weights') bad.push(null, undefined);
      for (const value of bad) {
        // Another row count is an error of the arguments that no longer fit the rows.
        const rowsChange = index === 1 && value instanceof Float32Array && value.length === 0;
        refuses((values) => (values[index] = value), rowsChange ? /must have 0 elements/ : message);
      }
      const detached = new Float32Array(length);
      structuredClone(detached.buffer, { transfer: [detached.buffer] });
      refuses((values) => (values[index] = detached), new RegExp(`^${method}: ${name} is detached`));
    });
    const firstOutput = names.length - outputs;
    for (let output = firstOutput; output < names.length; output++) {
      for (let other = 0; other < output; other++) {
        refuses(
          (values) => {
            const [a, b] = [lengthOf(names[output] as string), lengthOf(names[other] as string)];
            const shared = new Float32Array(a + b - 1).fill(0.25);
            values[output] = shared.subarray(b - 1);
            values[other] = shared.subarray(0, b);
          },
          new RegExp(`^${method}: ${names[output]} overlaps ${names[other]}`),
        );
      }
    }
  });
}

nativeTest('inputs may share memory with each other', (t, addon) => {
  const plan = new addon.FlowPlan(spec);
  const shared = new Float32Array(spec.parameterCount + 100).fill(0.1);
  t.notThrows(() =>
    plan.logProb(
      shared.subarray(0, spec.parameterCount),
      shared.subarray(0, rows * 3),
      shared.subarray(0, rows * 2),
      new Float32Array(rows),
    ),
  );
});

nativeTest('a flow without context takes null for it, and nothing else', (t, addon) => {
  const plain = flowOf({ dim: 2, hidden: [3], rounds: 1 });
  const plan = new addon.FlowPlan(plain);
  const [parameters, x, out] = [
    new Float32Array(plain.parameterCount),
    new Float32Array(4),
    new Float32Array(2),
  ];
  t.notThrows(() => plan.logProb(parameters, x, null, out));
  t.throws(() => plan.logProb(parameters, x, new Float32Array(0), out), {
    instanceOf: TypeError,
    message: /context/,
  });
});

nativeTest('weights are finite, not below 0 and not all 0', (t, addon) => {
  const plan = new addon.FlowPlan(spec);
  const { values } = rightArguments(['parameters', 'x', 'context', 'weights', 'gradient']);
  const [parameters, x, context, weights, gradient] = values as Float32Array[] as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    weights.fill(1);
    weights[3] = bad;
    t.throws(() => plan.valueAndGrad(parameters, x, context, weights, gradient), {
      instanceOf: TypeError,
      message: /weights/,
    });
  }
  weights.fill(0);
  t.throws(() => plan.valueAndGrad(parameters, x, context, weights, gradient), {
    instanceOf: TypeError,
    message: /weights/,
  });
  t.true(gradient.every((g) => g === 0.25));
});

nativeTest('methods refuse another object', (t, addon) => {
  const plan = new addon.FlowPlan(spec);
  for (const other of [{}, Object.create(plan), new Float32Array(3), undefined]) {
    t.throws(() => Reflect.apply(plan.logProb, other, []), { instanceOf: TypeError });
  }
  t.throws(() => Reflect.apply(addon.FlowPlan, undefined, [spec]), { instanceOf: TypeError });
});
