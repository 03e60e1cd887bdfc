import type { Conversion, Converter, Converters, Operand } from './conversion.js';

function toResultShape(name: string): Converter {
  return (conversion) => conversion.graph.reshape(conversion.input(name).value, conversion.result.sizes);
}

function all(conversion: Conversion): Operand[] {
  return [...conversion.inputs.values()];
}

function concat(conversion: Conversion): string {
  const [first] = all(conversion);
  const [axis] = conversion.axes('axis', first?.sizes.length ?? 1);
  return conversion.graph.op(
    'Concat',
    all(conversion).map(({ value }) => value),
    { axis: axis ?? 0 },
  );
}

function pack(conversion: Conversion): string {
  const { graph, result } = conversion;
  const [axis = 0] = conversion.axes('axis', result.sizes.length);
  const parts = all(conversion).map(({ value }) => graph.unsqueeze(value, axis));
  return graph.op('Concat', parts, { axis });
}

function unpack(conversion: Conversion): string[] {
  const { graph } = conversion;
  const { value, sizes } = conversion.input('value');
  const [axis = 0] = conversion.axes('axis', sizes.length);
  return conversion.results.map((_, index) =>
    graph.op('Gather', [value, graph.scalar('int64', index)], { axis }),
  );
}

function tile(conversion: Conversion): string {
  const { graph } = conversion;
  const { value, sizes } = conversion.input('x');
  const repeats = conversion.attributes.reps;
  if (!Array.isArray(repeats)) return conversion.unsupported('its attribute reps is no list');
  // Repeating along axes of size 1 is broadcasting, which needs no copy of the repeats in the file.
  const spread = sizes.every((size, axis) => size === 1 || repeats[axis] === 1);
  if (spread) return graph.op('Expand', [value, graph.sizes(conversion.result.sizes)]);
  return graph.op('Tile', [value, graph.sizes(repeats)]);
}

export const shapes: Converters = {
  Reshape: toResultShape('x'),
  ExpandDims: toResultShape('input'),
  Identity: (conversion) => conversion.input('x').value,
  Transpose: (conversion) =>
    conversion.graph.op('Transpose', [conversion.input('x').value], { perm: conversion.numbers('perm') }),
  Concat: concat,
  Pack: pack,
  Unpack: unpack,
  Tile: tile,
};
