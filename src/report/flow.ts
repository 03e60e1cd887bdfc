import type { FlowArchitecture } from '../tables/architecture.js';

/** A flow with its sizes: nsf of 5 layers, hidden 64-64, 8 bins. */
export function describeFlow({ name, layers, hidden, bins }: FlowArchitecture): string {
  const parts = [`${name} of ${layers} layers`, `hidden ${hidden.join('-') || 'none'}`];
  if (bins !== undefined) parts.push(`${bins} bins`);
  return parts.join(', ');
}
