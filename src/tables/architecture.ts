import type { FlowArchitecture, FlowChoice, FlowTableArchitecture } from './flow/architecture.js';
import type { GanArchitecture, GanChoice, GanTableArchitecture } from './gan/architecture.js';
import type { VaeArchitecture, VaeChoice, VaeTableArchitecture } from './vae/architecture.js';

/** All that a table's model is built from, apart from its fitted transforms and weights. */
export type TableArchitecture = FlowTableArchitecture | VaeTableArchitecture | GanTableArchitecture;

/** A model by name, with its sizes. */
export type ModelArchitecture = FlowArchitecture | VaeArchitecture | GanArchitecture;

/** What a caller says of a model; null leaves a size to the model and to the number of rows. */
export type ModelChoice = FlowChoice | VaeChoice | GanChoice;
