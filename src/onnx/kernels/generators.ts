import { isBatchMultiple, type Size } from '../dimensions.js';
import type { Conversion, Converters } from './conversion.js';

/** 0, 1, 2, ... up to a number that depends on the rows; every other range is a constant of the graph. */
function range(conversion: Conversion): string {
  const { graph, result } = conversion;
  const bound = (name: string): string => {
    const value = conversion.attributes[name];
    if (!isBatchMultiple(value)) return graph.scalar('int64', conversion.number(name));
    return graph.op('Squeeze', [graph.sizes([value as Size])]);
  };
  const counted = graph.op('Range', ['start', 'stop', 'step'].map(bound));
  return graph.plainCast(counted, result.dtype);
}

export const generators: Converters = { Range: range };
