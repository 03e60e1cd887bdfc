import { damaged, plainBytes, unusable } from './readBytes.js';

/** An array of NumPy's. Integers of more than one byte come as float64. */
export interface NpyArray {
  readonly shape: readonly number[];
  /** Row-major; truth values are 0 and 1 of `bool`. */
  readonly values: Uint8Array | Float32Array | Float64Array;
  readonly isBoolean: boolean;
}

interface NpyHeader {
  readonly descr: string;
  readonly shape: readonly number[];
  /** Where the elements begin. */
  readonly start: number;
}

const MAGIC = Buffer.from('\x93NUMPY', 'latin1');

/** How each element type is read, given a view and a place; little end first unless `big`. */
const READERS: Readonly<Record<string, (view: DataView, at: number, little: boolean) => number>> = {
  i1: (view, at) => view.getInt8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  u2: (view, at, little) => view.getUint16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
};

/** Tells whether bytes begin as an NPY file does. */
export function isNpy(bytes: Uint8Array): boolean {
  return MAGIC.equals(bytes.subarray(0, MAGIC.length));
}

/**
 * An array from an NPY file (NumPy Enhancement Proposal 1; versions 1 to 3), of bytes, truth values, integers
 * or floats, in C order.
 * @param where the file's name, for messages.
 * @throws PushforwardError `input` for another kind of file, other elements or Fortran's order, `damaged` for a file
 * that is cut or too long.
 */
export function parseNpy(bytes: Buffer, where: string): NpyArray {
  const { descr, shape, start } = parseHeader(bytes, where);
  const count = shape.reduce((product, size) => product * size, 1);
  const type = descr.slice(1);
  const body = bytes.subarray(start);
  const isBytes = type === 'u1' || type === 'b1';
  const read = READERS[type];
  if (!isBytes && read === undefined) {
    throw unusable(where, `an array with elements of type ${descr}`, 'save it as uint8 or float32');
  }
  const expected = count * Number(type.slice(1));
  if (body.length !== expected) {
    const fault = body.length < expected ? 'is cut' : 'is too long';
    throw damaged(where, `${fault}: ${body.length} bytes of elements where its shape makes ${expected}`);
  }
  if (read === undefined) return { shape, values: plainBytes(body), isBoolean: type === 'b1' };

  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const values = type === 'f4' ? new Float32Array(count) : new Float64Array(count);
  const size = expected / Math.max(count, 1);
  const isLittle = descr[0] !== '>';
  for (let i = 0; i < count; i++) values[i] = read(view, i * size, isLittle);
  return { shape, values, isBoolean: false };
}

function parseHeader(bytes: Buffer, where: string): NpyHeader {
  if (!isNpy(bytes)) throw unusable(where, 'is not an NPY file', 'save the array with numpy.save');
  const version = bytes[6] ?? 0;
  if (version < 1 || version > 3) {
    throw unusable(where, `an NPY file of version ${version}`, 'save the array with numpy.save');
  }
  const lengthBytes = version === 1 ? 2 : 4;
  const from = 8 + lengthBytes;
  if (bytes.length < from) throw damaged(where, 'the NPY header is cut');
  const start = from + bytes.readUIntLE(8, lengthBytes);
  if (bytes.length < start) throw damaged(where, 'the NPY header is cut');
  const header = bytes.toString('utf8', from, start);

  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const sizes = /'shape':\s*\(([\d\s,]*)\)/.exec(header)?.[1];
  if (/'descr':\s*\[/.test(header)) {
    throw unusable(where, 'an array of records', 'save one field of it');
  }
  if (descr === undefined || order === undefined || sizes === undefined) {
    throw damaged(where, 'the NPY header names no type, order or shape');
  }
  const shape = (sizes.match(/\d+/g) ?? []).map(Number);
  if (order === 'True' && shape.length > 1) {
    throw unusable(where, "an array in Fortran's order", 'save numpy.ascontiguousarray of it');
  }
  return { descr, shape, start };
}
