import { nativeTest, type TestedAddon } from '../native/support.js';

const [N, STEPS, CHANNELS, UNITS] = [2, 3, 4, 5];

/** The arrays of a call, with their lengths, in order; which of them it writes, and which may be null. */
interface Call {
  readonly name: 'tensorLstm' | 'tensorLstmGradient' | 'tensorGru' | 'tensorGruGradient';
  readonly arrays: Readonly<Record<string, number>>;
  readonly written: readonly string[];
  readonly optional: readonly string[];
}

const state = N * UNITS;
const sequence = N * STEPS * UNITS;
const cells = sequence + state;
const rows = (STEPS + 1) * N * (CHANNELS + 1 + UNITS);

function weights(gates: number) {
  return { kernel: CHANNELS * gates * UNITS, recurrent: UNITS * gates * UNITS, bias: gates * UNITS };
}

const CALLS: readonly Call[] = [
  {
    name: 'tensorLstm',
    arrays: {
      x: N * STEPS * CHANNELS,
      ...weights(4),
      ...{ initialH: state, initialC: state, h: state, c: state, outputs: sequence },
      ...{ gates: 4 * sequence, rows, cells },
    },
    written: ['h', 'c', 'outputs', 'gates', 'rows', 'cells'],
    optional: ['outputs', 'gates', 'rows', 'cells'],
  },
  {
    name: 'tensorLstmGradient',
    arrays: {
      ...{ gates: 4 * sequence, rows, cells, recurrent: weights(4).recurrent },
      ...{ dh: state, dc: state, dOutputs: sequence, dGates: 4 * sequence },
      ...{ dKernel: weights(4).kernel, dRecurrent: weights(4).recurrent, dBias: weights(4).bias },
      ...{ dInitialH: state, dInitialC: state },
    },
    written: ['dGates', 'dKernel', 'dRecurrent', 'dBias', 'dInitialH', 'dInitialC'],
    optional: ['dOutputs'],
  },
  {
    name: 'tensorGru',
    arrays: {
      x: N * STEPS * CHANNELS,
      ...weights(3),
      ...{ recurrentBias: weights(3).bias, initialH: state, h: state, outputs: sequence },
      ...{ gates: 3 * sequence, rows, inner: sequence },
    },
    written: ['h', 'outputs', 'gates', 'rows', 'inner'],
    optional: ['recurrentBias', 'outputs', 'gates', 'rows', 'inner'],
  },
  {
    name: 'tensorGruGradient',
    arrays: {
      ...{ gates: 3 * sequence, rows, inner: sequence, recurrent: weights(3).recurrent },
      ...{ dh: state, dOutputs: sequence, dGates: 3 * sequence, dKernel: weights(3).kernel },
      ...{ dRecurrent: weights(3).recurrent, dBias: weights(3).bias },
      ...{ dRecurrentBias: weights(3).bias, dInitialH: state },
    },
    written: ['dGates', 'dKernel', 'dRecurrent', 'dBias', 'dRecurrentBias', 'dInitialH'],
    optional: ['dOutputs', 'dRecurrentBias'],
  },
];

const OPTIONS: readonly unknown[] = [STEPS, CHANNELS, UNITS, false, false];

function run(addon: TestedAddon, { name }: Call, arrays: readonly unknown[], options = OPTIONS): void {
  (addon[name] as (...all: unknown[]) => void)(...arrays, ...options);
}

for (const call of CALLS) {
  const names = Object.keys(call.arrays);
  const rightArrays = () => Object.values(call.arrays).map((length) => new Float32Array(length));

  nativeTest(`${call.name} takes arrays that fit, and no others`, (t, addon) => {
    t.notThrows(() => run(addon, call, rightArrays()));
    names.forEach((name, k) => {
      const refused = (array: unknown, message: RegExp) => {
        const arrays: unknown[] = rightArrays();
        arrays[k] = array;
        t.throws(() => run(addon, call, arrays), { instanceOf: TypeError, message }, name);
      };
      const length = call.arrays[name] as number;
      for (const other of [length - 1, length + 1]) refused(new Float32Array(other), /must (have|hold)/);
      refused(new Float32Array(0), /must not be empty/);
      refused(new Int32Array(length), new RegExp(`${call.name}: .* must be a Float32Array`));
      const arrays: unknown[] = rightArrays();
      arrays[k] = null;
      if (call.optional.includes(name)) t.notThrows(() => run(addon, call, arrays), name);
      else t.throws(() => run(addon, call, arrays), { instanceOf: TypeError }, name);
    });
  });

  nativeTest(`${call.name} writes into nothing that it reads`, (t, addon) => {
    for (const written of call.written) {
      for (const other of names.filter((name) => name !== written)) {
        const lengths = [written, other].map((name) => call.arrays[name] as number) as [number, number];
        const memory = new Float32Array(lengths[0] + lengths[1] - 1).buffer;
        const arrays = rightArrays();
        arrays[names.indexOf(written)] = new Float32Array(memory, 0, lengths[0]);
        arrays[names.indexOf(other)] = new Float32Array(memory, 4 * (lengths[0] - 1), lengths[1]);
        t.throws(() => run(addon, call, arrays), { message: /overlaps/ }, `${written} and ${other}`);
      }
    }
  });

  nativeTest(`${call.name} takes numbers of steps, channels and units above 0, and switches`, (t, addon) => {
    OPTIONS.forEach((_, k) => {
      for (const value of k < 3 ? [0, 1.5, -1, '3', 2 ** 53] : [0, 'no', undefined]) {
        const options = [...OPTIONS];
        options[k] = value;
        t.throws(() => run(addon, call, rightArrays(), options), { instanceOf: TypeError }, `${k}: ${value}`);
      }
    });
  });
}
