import type { Attributes } from './attributes.js';

/** A node of a graph under construction, its values by their handles; '' is an input that is left out. */
export interface GraphNode {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

/** The graph's constants. */
export interface GraphConstants {
  /** Null for a value that is no constant. */
  shapeOf(handle: string): readonly number[] | null;
  reshaped(handle: string, shape: readonly number[]): string;
  /** The values of a constant of type int64; null for any other value. */
  integersOf(handle: string): readonly number[] | null;
  integers(values: readonly number[]): string;
  /** Null for constants of types that are not transposed. */
  transposed(handle: string, perm: readonly number[]): string | null;
}

/** Operators that treat every element alike, up to broadcasting. */
const ELEMENTWISE = new Set(
  (
    'Abs And Cast Ceil Clip Elu Equal Erf Exp Floor IsNaN LeakyRelu Log Neg Not Or Relu Round Selu Sigmoid Sign Sqrt Tanh ' +
    'Add Div Greater GreaterOrEqual Less LessOrEqual Max Min Mul Pow Reciprocal Sub Where'
  ).split(' '),
);

/** A value that is another one transposed. */
interface Transposed {
  readonly source: string;
  readonly perm: readonly number[];
}

/**
 * The nodes with transpositions folded: those of constants carried out, one after another made one, those that
 * undo each other left out, and others moved behind elementwise operators and slices, towards the next that may
 * undo them.
 * tfjs keeps the channels of images last and ONNX first, so that without this a stack of convolutions goes
 * back and forth between all of them.
 * @param kept handles that have to stay, the graph's outputs.
 */
export function foldTransposes(
  nodes: readonly GraphNode[],
  constants: GraphConstants,
  kept: ReadonlySet<string>,
  newHandle: () => string,
): GraphNode[] {
  const folded: GraphNode[] = [];
  const same = new Map<string, string>();
  const transposed = new Map<string, Transposed>();
  const transpose = (source: string, perm: readonly number[], output: string): void => {
    transposed.set(output, { source, perm });
    folded.push({ op: 'Transpose', domain: '', inputs: [source], outputs: [output], attributes: { perm } });
  };
  const replace = (output: string, value: string): void => {
    same.set(output, value);
    if (!kept.has(output)) return;
    folded.push({ op: 'Identity', domain: '', inputs: [value], outputs: [output], attributes: {} });
  };
  for (const original of nodes) {
    const node = { ...original, inputs: original.inputs.map((input) => same.get(input) ?? input) };
    const [output = ''] = node.outputs;
    if (node.op === 'Transpose') {
      const [input = ''] = node.inputs;
      const perm = node.attributes.perm as readonly number[];
      const constant = constants.transposed(input, perm);
      const before = transposed.get(input);
      const whole = before === undefined ? perm : perm.map((axis) => before.perm[axis] as number);
      const source = before?.source ?? input;
      if (constant !== null) replace(output, constant);
      else if (whole.every((axis, k) => axis === k)) replace(output, source);
      else transpose(source, whole, output);
      continue;
    }
    const moved = movable(node, transposed, constants);
    if (moved === null) {
      folded.push(node);
      continue;
    }
    const value = newHandle();
    folded.push({ ...node, inputs: moved.inputs, outputs: [value] });
    transpose(value, moved.perm, output);
  }
  return folded;
}

/** A node that may come before the transposition of its inputs, with the inputs that it then has. */
interface Moved {
  readonly inputs: string[];
  readonly perm: readonly number[];
}

function movable(
  node: GraphNode,
  transposed: ReadonlyMap<string, Transposed>,
  constants: GraphConstants,
): Moved | null {
  if (node.op === 'Slice') return sliceBefore(node, transposed, constants);
  return ELEMENTWISE.has(node.op) ? beforeTransposition(node, transposed, constants) : null;
}

/** A slice along axes that are known is one along others before the transposition. */
function sliceBefore(
  { inputs: [values = '', starts = '', ends = '', axes = '', ...steps] }: GraphNode,
  transposed: ReadonlyMap<string, Transposed>,
  constants: GraphConstants,
): Moved | null {
  const found = transposed.get(values);
  const known = constants.integersOf(axes);
  if (found === undefined || known === null) return null;
  const before = constants.integers(known.map((axis) => found.perm.at(axis) as number));
  return { inputs: [found.source, starts, ends, before, ...steps], perm: found.perm };
}

/** The inputs of an elementwise node as they are before the transposition that all of them share; null where they do not. */
function beforeTransposition(
  { inputs }: GraphNode,
  transposed: ReadonlyMap<string, Transposed>,
  constants: GraphConstants,
): Moved | null {
  const perm = inputs.map((input) => transposed.get(input)?.perm).find((found) => found !== undefined);
  if (perm === undefined) return null;
  const before = inputs.map((input) => {
    const found = transposed.get(input);
    if (found !== undefined) return found.perm.join() === perm.join() ? found.source : null;
    return input === '' ? input : spreadConstant(input, perm, constants);
  });
  return before.includes(null) ? null : { inputs: before as string[], perm };
}

/** A constant that is a number, or a vector along one axis, along the axis that it had before the transposition. */
function spreadConstant(handle: string, perm: readonly number[], constants: GraphConstants): string | null {
  const shape = constants.shapeOf(handle);
  if (shape === null || shape.length > perm.length) return null;
  const long = shape.flatMap((size, axis) => (size === 1 ? [] : [axis]));
  if (long.length > 1) return null;
  if (long.length === 0) return shape.length === 0 ? handle : constants.reshaped(handle, []);
  const axis = (long[0] as number) + perm.length - shape.length;
  const spread = new Array<number>(perm.length).fill(1);
  spread[perm[axis] as number] = shape[long[0] as number] as number;
  return constants.reshaped(handle, spread);
}

/** Row-major values in the order that they have when the axes of their tensor are permuted. */
export function transposeValues(
  values: Float32Array,
  shape: readonly number[],
  perm: readonly number[],
): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const sizes = perm.map((axis) => shape[axis] as number);
  const steps = perm.map((axis) => strides[axis] as number);
  const place = new Array<number>(perm.length).fill(0);
  const out = new Float32Array(values.length);
  let from = 0;
  for (let to = 0; to < out.length; to++) {
    out[to] = values[from] as number;
    for (let axis = perm.length - 1; axis >= 0; axis--) {
      from += steps[axis] as number;
      place[axis] = (place[axis] as number) + 1;
      if ((place[axis] as number) < (sizes[axis] as number)) break;
      from -= (sizes[axis] as number) * (steps[axis] as number);
      place[axis] = 0;
    }
  }
  return out;
}
