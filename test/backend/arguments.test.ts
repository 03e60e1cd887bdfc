import { nativeTest, type TestedAddon } from '../native/support.js';
import { type BadCall, floats, holdRefusals, layout, wrong } from './refusals.js';

function detached(): Float32Array {
  const memory = new ArrayBuffer(16);
  const array = new Float32Array(memory);
  structuredClone(memory, { transfer: [memory] });
  return array;
}

function overlapping(): [Float32Array, Float32Array] {
  const { buffer } = floats(8);
  return [new Float32Array(buffer, 0, 4), new Float32Array(buffer, 12, 4)];
}

const x = floats(4);
const flat = layout(1, 4, 1, 1);

/** Two systems of size 2. */
const systems = floats(8);
const square = floats(8);

/** A right call but for what is given. */
function luFactor(addon: TestedAddon, given: Partial<Record<string, unknown>>): void {
  const { n, lu, order, sign, logAbsDet } = {
    n: 2,
    lu: floats(8),
    order: new Int32Array(4),
    sign: floats(2),
    logAbsDet: floats(2),
    ...given,
  };
  addon.tensorLuFactor(systems, wrong(lu), wrong(order), wrong(sign), wrong(logAbsDet), wrong(n));
}

function luSolve(addon: TestedAddon, given: Partial<Record<string, unknown>>): void {
  const { lu, order, b, x, columns, transpose } = {
    lu: systems,
    order: layout(0, 1, 1, 0),
    b: floats(4),
    x: floats(4),
    columns: 1,
    transpose: false,
    ...given,
  };
  addon.tensorLuSolve(wrong(lu), wrong(order), wrong(b), wrong(x), 2, wrong(columns), wrong(transpose));
}

function adam(addon: TestedAddon, given: Partial<Record<string, unknown>>): void {
  const { parameters, gradient, m, v, rate } = {
    parameters: floats(4),
    gradient: x,
    m: floats(4),
    v: floats(4),
    rate: 0.1,
    ...given,
  };
  addon.tensorAdam(wrong(parameters), wrong(gradient), wrong(m), wrong(v), 0.9, 0.999, wrong(rate), 1, 1e-8);
}

const CALLS: readonly BadCall[] = [
  [/tensorAdam: parameters must be a Float32Array/, (a) => adam(a, { parameters: new Int32Array(4) })],
  [/tensorAdam: gradient must have 4 elements, but has 3/, (a) => adam(a, { gradient: floats(3) })],
  [/tensorAdam: v must have 4 elements, but has 5/, (a) => adam(a, { v: floats(5) })],
  [/tensorAdam: m overlaps gradient/, (a) => adam(a, { m: x })],
  [/tensorAdam: parameters must not be empty/, (a) => adam(a, { parameters: floats(0) })],
  [/tensorAdam: m is detached/, (a) => adam(a, { m: detached() })],
  [/tensorMisalignment: memory must be a Uint8Array/, (a) => a.tensorMisalignment(wrong(x))],
  [/tensorMisalignment: memory must be/, (a) => a.tensorMisalignment(wrong(undefined))],
  [/tensorAdam: rate must be a number/, (a) => adam(a, { rate: '1' })],
  [
    /exp: x must be a Float32Array, Int32Array or Uint8Array/,
    (a) => a.tensorUnary.exp(wrong([1, 2]), floats(2)),
  ],
  [/exp: x must be a Float32Array/, (a) => a.tensorUnary.exp(wrong(new Int32Array(4)), floats(4))],
  [/exp: x must be a Float32Array/, (a) => a.tensorUnary.exp(wrong(undefined), floats(4))],
  [/exp: out must be a Float32Array/, (a) => a.tensorUnary.exp(x, wrong(null))],
  [/exp: out must have 4 elements, but has 5/, (a) => a.tensorUnary.exp(x, floats(5))],
  [/exp: out overlaps x/, (a) => a.tensorUnary.exp(...overlapping())],
  [/exp: out overlaps x/, (a) => a.tensorUnary.exp(x, x)],
  [/exp: x is detached/, (a) => a.tensorUnary.exp(detached(), floats(4))],
  [/exp: x must not be empty/, (a) => a.tensorUnary.exp(floats(0), floats(0))],
  [/clip: p must be a number/, (a) => a.tensorUnary.clip(x, floats(4), wrong('1'))],
  [/clip: x must be/, (a) => a.tensorUnary.clip(wrong(new Float64Array(4)), floats(4), 0, 1)],
  [/add: out must have 4 elements/, (a) => a.tensorBinary.add(x, x, floats(3), flat)],
  [/add: layout must be an Int32Array/, (a) => a.tensorBinary.add(x, x, floats(4), wrong(floats(4)))],
  [/add: layout must be \[rank/, (a) => a.tensorBinary.add(x, x, floats(4), layout(1, 4))],
  [/add: layout must be \[rank/, (a) => a.tensorBinary.add(x, x, floats(4), layout(0, 4, 1, 1))],
  [
    /add: layout must be \[rank/,
    (a) => a.tensorBinary.add(x, x, floats(4), layout(17, ...Array(60).fill(1))),
  ],
  [/add: layout must have dims/, (a) => a.tensorBinary.add(x, x, floats(4), layout(1, 0, 1, 1))],
  [/add: layout must have dims/, (a) => a.tensorBinary.add(x, x, floats(4), layout(1, 4, -1, 1))],
  [/add: layout must have innermost steps/, (a) => a.tensorBinary.add(x, x, floats(2), layout(1, 2, 2, 1))],
  [/add: layout leads out of an operand/, (a) => a.tensorBinary.add(x, x, floats(5), layout(1, 5, 1, 1))],
  [
    /add: layout leads out of an operand/,
    (a) => a.tensorBinary.add(x, x, floats(4), layout(2, 2, 2, 3, 1, 2, 1)),
  ],
  [
    /add: layout leads out/,
    (a) => a.tensorBinary.add(x, x, x, layout(3, 2 ** 30, 2 ** 30, 2 ** 30, 0, 0, 0, 0, 0, 0)),
  ],
  [/add: out overlaps b/, (a) => a.tensorBinary.add(floats(4), x, x, flat)],
  [
    /equal: b must be an array of the type of a/,
    (a) => a.tensorCompare.equal<Float32Array | Int32Array>(x, new Int32Array(4), new Uint8Array(4), flat),
  ],
  [
    /modulo: a must be an Int32Array/,
    (a) => a.tensorIntegerBinary.modulo(wrong(x), new Int32Array(4), new Int32Array(4), flat),
  ],
  [
    /floorDivide: layout leads out/,
    (a) =>
      a.tensorIntegerBinary.floorDivide(
        new Int32Array(4),
        new Int32Array(4),
        new Int32Array(5),
        layout(1, 5, 1, 1),
      ),
  ],
  [
    /clip: p must be an int32/,
    (a) => a.tensorIntegerUnary.clip(new Int32Array(4), new Int32Array(4), 0.5, 1),
  ],
  [
    /clip: q must be an int32/,
    (a) => a.tensorIntegerUnary.clip(new Int32Array(4), new Int32Array(4), 0, 2 ** 31),
  ],
  [/neg: out must have 4/, (a) => a.tensorIntegerUnary.neg(new Int32Array(4), new Int32Array(3))],
  [/equal: out must be a Uint8Array/, (a) => a.tensorCompare.equal(x, x, wrong(floats(4)), flat)],
  [
    /logicalAnd: a must be a Uint8Array/,
    (a) => a.tensorConnect.logicalAnd(wrong(x), new Uint8Array(4), new Uint8Array(4), flat),
  ],
  [/tensorNot: out must have 2/, (a) => a.tensorNot(new Uint8Array(2), new Uint8Array(4))],
  [/tensorSelect: b must have 4/, (a) => a.tensorSelect(new Uint8Array(4), x, floats(3), floats(4))],
  [
    /tensorSelect: out must be an array of the type of a/,
    (a) => a.tensorSelect<Float32Array | Int32Array>(new Uint8Array(4), x, floats(4), new Int32Array(4)),
  ],
  [
    /tensorConvert: out must be an array of a type/,
    (a) => a.tensorConvert(new Int32Array(4), new Int32Array(4)),
  ],
  [/sum: count must be an integer, 1 or more/, (a) => a.tensorReduce.sum(x, floats(1), 1, 0, 1)],
  [/sum: outer must be an integer/, (a) => a.tensorReduce.sum(x, floats(1), 1.5, 4, 1)],
  [/sum: inner must be a number/, (a) => a.tensorReduce.sum(x, floats(1), 1, 4, wrong('1'))],
  [/sum: x must have 8 elements/, (a) => a.tensorReduce.sum(x, floats(2), 2, 4, 1)],
  [/sum: x is larger than any tensor/, (a) => a.tensorReduce.sum(x, floats(2), 2 ** 40, 2 ** 40, 2 ** 40)],
  [/sum: x must be a Float32Array or Int32Array/, (a) => a.tensorReduce.sum(new Uint8Array(4), x, 1, 4, 1)],
  [
    /mean: x must be a Float32Array/,
    (a) => a.tensorReduce.mean(new Int32Array(4), new Int32Array(1), 1, 4, 1),
  ],
  [/all: x must be a Uint8Array/, (a) => a.tensorReduce.all(x, new Uint8Array(1), 1, 4, 1)],
  [/prod: out must be an array of the type of x/, (a) => a.tensorReduce.prod(x, new Int32Array(1), 1, 4, 1)],
  [/argMax: out must be an Int32Array/, (a) => a.tensorReduce.argMax(x, floats(1), 1, 4, 1)],
  [/sum: out must have 2 elements/, (a) => a.tensorReduce.sum(x, floats(1), 2, 2, 1)],
  [/tensorSoftmax: x must have 3 elements/, (a) => a.tensorSoftmax(x, floats(4), 3)],
  [
    /tensorMatMul: rows must be an integer/,
    (a) => a.tensorMatMul.linear(x, x, null, floats(4), 0, 2, 2, false, false, layout(1, 1, 0, 0), 0),
  ],
  [
    /tensorMatMul: transposeA must be true or false/,
    (a) => a.tensorMatMul.linear(x, x, null, floats(4), 2, 2, 2, wrong(1), false, layout(1, 1, 0, 0), 0),
  ],
  [
    /tensorMatMul: layout leads out/,
    (a) => a.tensorMatMul.linear(x, x, null, floats(4), 2, 2, 3, false, false, layout(1, 1, 0, 0), 0),
  ],
  [
    /tensorMatMul: layout leads out/,
    (a) => a.tensorMatMul.linear(x, x, null, floats(8), 2, 2, 2, false, false, layout(1, 2, 4, 0), 0),
  ],
  [
    /tensorMatMul: out must have 4 elements/,
    (a) => a.tensorMatMul.linear(x, x, null, floats(5), 2, 2, 2, false, false, layout(1, 1, 0, 0), 0),
  ],
  [
    /tensorMatMul: bias must have 2/,
    (a) => a.tensorMatMul.relu(x, x, floats(3), floats(4), 2, 2, 2, false, false, layout(1, 1, 0, 0), 0),
  ],
  [
    /tensorMatMul: out overlaps a/,
    (a) => a.tensorMatMul.relu(x, floats(4), null, x, 2, 2, 2, false, false, layout(1, 1, 0, 0), 0),
  ],
  [
    /tensorMatMul: a is larger than any tensor/,
    (a) =>
      a.tensorMatMul.relu(x, x, null, floats(4), 2 ** 40, 2, 2 ** 40, false, false, layout(1, 1, 0, 0), 0),
  ],
  [/tensorLuFactor: n must be an integer, 1 or more/, (a) => luFactor(a, { n: 0 })],
  [/tensorLuFactor: a must hold matrices \[n, n\]/, (a) => luFactor(a, { n: 3 })],
  [/tensorLuFactor: a is larger than any tensor/, (a) => luFactor(a, { n: 2 ** 40 })],
  [/tensorLuFactor: lu must have 8 elements, but has 4/, (a) => luFactor(a, { lu: floats(4) })],
  [/tensorLuFactor: order must be an Int32Array/, (a) => luFactor(a, { order: wrong(floats(4)) })],
  [/tensorLuFactor: order must have 4 elements/, (a) => luFactor(a, { order: new Int32Array(2) })],
  [/tensorLuFactor: sign must have 2 elements/, (a) => luFactor(a, { sign: floats(1) })],
  [/tensorLuFactor: logAbsDet must have 2 elements/, (a) => luFactor(a, { logAbsDet: floats(3) })],
  [/tensorLuFactor: logAbsDet is detached/, (a) => luFactor(a, { logAbsDet: detached() })],
  [/tensorLuFactor: lu overlaps a/, (a) => luFactor(a, { lu: systems })],
  [/tensorLuFactor: lu overlaps sign/, (a) => luFactor(a, { lu: square, sign: square.subarray(6) })],
  [/tensorLuSolve: columns must be an integer, 1 or more/, (a) => luSolve(a, { columns: 0 })],
  [/tensorLuSolve: transpose must be true or false/, (a) => luSolve(a, { transpose: wrong(1) })],
  [/tensorLuSolve: b must have 4 elements, but has 6/, (a) => luSolve(a, { b: floats(6) })],
  [/tensorLuSolve: x must have 4 elements/, (a) => luSolve(a, { x: floats(3) })],
  [/tensorLuSolve: x overlaps b/, (a) => luSolve(a, { b: x, x })],
  [/tensorLuSolve: x overlaps lu/, (a) => luSolve(a, { lu: square, x: square.subarray(0, 4) })],
  [/order must hold each row of a matrix once/, (a) => luSolve(a, { order: layout(0, 1, 0, 2) })],
  [/order must hold each row of a matrix once/, (a) => luSolve(a, { order: layout(0, 1, -1, 0) })],
  [/order must hold each row of a matrix once/, (a) => luSolve(a, { order: layout(1, 1, 0, 1) })],
  [/tensorLuSolve: order must have 4 elements/, (a) => luSolve(a, { order: layout(0, 1) })],
  [
    /tensorTriangularSolve: lower must be true or false/,
    (a) => a.tensorTriangularSolve(systems, floats(4), floats(4), 2, 1, wrong(null), true, true),
  ],
  [
    /tensorTriangularSolve: t must be a Float32Array/,
    (a) => a.tensorTriangularSolve(wrong(new Int32Array(8)), floats(4), floats(4), 2, 1, true, true, true),
  ],
  [
    /tensorTriangularSolve: x overlaps t/,
    (a) => a.tensorTriangularSolve(square, floats(4), square.subarray(4), 2, 1, true, true, true),
  ],
  [
    /tensorTriangularSolve: b is larger than any tensor/,
    (a) => a.tensorTriangularSolve(systems, x, floats(4), 2, 2 ** 53 - 1, true, true, true),
  ],
  [/tensorCopy: fromStart must be an integer, 0 or more/, (a) => a.tensorCopy(x, -1, floats(4), 0, flat)],
  [/tensorCopy: layout leads out/, (a) => a.tensorCopy(x, 1, floats(5), 0, flat)],
  [/tensorCopy: layout leads out/, (a) => a.tensorCopy(floats(8), 0, x, 1, flat)],
  [
    /tensorCopy: to must be an array of the type of from/,
    (a) => a.tensorCopy<Float32Array | Int32Array>(x, 0, new Int32Array(4), 0, flat),
  ],
  [/tensorCopy: to overlaps from/, (a) => a.tensorCopy(x, 0, x, 0, flat)],
];

nativeTest('a bad call throws a TypeError that names the call and the argument', (t, addon) => {
  holdRefusals(t, addon, CALLS);
});

nativeTest('a refused call has written nothing', (t, addon) => {
  const out = floats(4).fill(5);
  t.throws(() => addon.tensorBinary.add(x, floats(3), out, flat));
  t.throws(() => addon.tensorReduce.max(x, out, 2, 4, 2));
  t.throws(() =>
    addon.tensorMatMul.elu(x, floats(3), null, out, 2, 2, 2, false, false, layout(1, 1, 0, 0), 0),
  );
  t.deepEqual([...out], [5, 5, 5, 5]);
});
