import type { Conversion, Converters } from './conversion.js';

function axesUpTo(rank: number): number[] {
  return Array.from({ length: rank }, (_, axis) => axis);
}

/**
 * Elements of an axis by index. With leading batch axes the gathered axis is brought right behind them
 * for GatherND, and the result's axes are put back in tfjs's order: batch, outer, indices, inner.
 */
function gather(conversion: Conversion): string {
  const { graph } = conversion;
  const x = conversion.input('x');
  const indices = conversion.input('indices');
  const [axis = 0] = conversion.axes('axis', x.sizes.length);
  const batchDims = Number(conversion.attributes.batchDims ?? 0);
  if (batchDims === 0) return graph.op('Gather', [x.value, indices.value], { axis });
  const all = axesUpTo(x.sizes.length);
  const batch = all.slice(0, batchDims);
  const outer = all.slice(batchDims, axis);
  const inner = all.slice(axis + 1);
  const moved =
    outer.length === 0
      ? x.value
      : graph.op('Transpose', [x.value], { perm: [...batch, axis, ...outer, ...inner] });
  const paths = graph.unsqueeze(graph.plainCast(indices.value, 'int64'), indices.sizes.length);
  const gathered = graph.op('GatherND', [moved, paths], { batch_dims: batchDims });
  if (outer.length === 0) return gathered;
  const count = indices.sizes.length - batchDims;
  const rank = batchDims + count + outer.length + inner.length;
  const positions = axesUpTo(rank);
  return graph.op('Transpose', [gathered], {
    perm: [
      ...batch,
      ...positions.slice(batchDims + count, batchDims + count + outer.length),
      ...positions.slice(batchDims, batchDims + count),
      ...positions.slice(batchDims + count + outer.length),
    ],
  });
}

/** Compared with every class, so that an index outside of them gives no 1 anywhere, as in tfjs. */
function oneHot(conversion: Conversion): string {
  const { graph, result } = conversion;
  const { value, dtype, sizes } = conversion.input('indices');
  const classes = graph.vector('int32', axesUpTo(conversion.number('depth')));
  const codes = graph.unsqueeze(graph.cast(value, dtype, 'int32'), sizes.length);
  const hit = graph.op('Equal', [codes, classes]);
  const [on, off] = [conversion.number('onValue'), conversion.number('offValue')];
  if (on === 1 && off === 0) return graph.cast(hit, 'bool', result.dtype);
  const type = result.dtype === 'float32' ? 'float32' : 'int32';
  const chosen = graph.op('Where', [hit, graph.scalar(type, on), graph.scalar(type, off)]);
  return graph.cast(chosen, type, result.dtype);
}

export const gathering: Converters = { GatherV2: gather, OneHot: oneHot };
