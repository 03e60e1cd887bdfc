import type { Conversion, Converters } from './conversion.js';

function paddings(conversion: Conversion): [number, number][] {
  const value = conversion.attributes.paddings;
  const pairs = Array.isArray(value) ? value : [];
  const fixed = pairs.every(
    (pair) => Array.isArray(pair) && pair.every((count) => typeof count === 'number'),
  );
  if (!fixed) conversion.unsupported('its paddings depend on the rows');
  return pairs as [number, number][];
}

function pad(conversion: Conversion): string {
  const { graph } = conversion;
  const { value, dtype } = conversion.input('x');
  const pairs = paddings(conversion);
  const type = dtype === 'float32' ? 'float32' : 'int32';
  const counts = graph.vector('int64', [
    ...pairs.map(([before]) => before),
    ...pairs.map(([, after]) => after),
  ]);
  const fill = graph.scalar(type, conversion.number('constantValue'));
  const padded = graph.op('Pad', [graph.cast(value, dtype, type), counts, fill], { mode: 'constant' });
  return graph.cast(padded, type, dtype);
}

/** Mirrored borders, picked by index; ONNX's own Pad knows only one of the two ways to mirror. */
function mirrorPad(conversion: Conversion): string {
  const { graph } = conversion;
  const x = conversion.input('x');
  // 'reflect' leaves the border element out of the mirror image, 'symmetric' repeats it.
  const gap = conversion.attributes.mode === 'reflect' ? 0 : 1;
  return paddings(conversion).reduce((value, [before, after], axis) => {
    if (before === 0 && after === 0) return value;
    const size = conversion.fixedSize(x, axis);
    const indices = Array.from({ length: before + size + after }, (_, position) => {
      const index = position - before;
      if (index < 0) return -index - gap;
      return index < size ? index : 2 * size - 2 - index + gap;
    });
    return graph.op('Gather', [value, graph.vector('int64', indices)], { axis });
  }, x.value);
}

export const padding: Converters = { PadV2: pad, MirrorPad: mirrorPad };
