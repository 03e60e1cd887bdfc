import type { TableCodec } from '../../data/codec.js';
import type { GraphBuilder } from '../../onnx/graph.js';
import type { OnnxMetadata } from '../../onnx/metadata.js';
import { dataTypeOf } from '../../onnx/tensor.js';
import { trace } from '../../onnx/trace.js';
import type { Tensor, Tensor2D } from '../../tf.js';
import type { TableBatch, TableCoder, TableCritic, TableDensity } from '../model.js';
import { ColumnEncoder } from './columnEncoder.js';

/**
 * Writes p(row) into the graph: one input a column in its own units, [batch] each, and the output `log_prob`, float32
 * [batch], in nats; minus infinity for a row that holds something the fit never saw.
 */
export function writeDensityGraph(builder: GraphBuilder, codec: TableCodec, density: TableDensity): void {
  const { outputs, unseen } = traceColumns(builder, codec, 'density', (batch) => [density.logProb(batch)]);
  const never = builder.initializer('float32', [], Float32Array.of(Number.NEGATIVE_INFINITY));
  const logProb = builder.node('Where', [unseen, never, outputs[0] as string]);
  builder.output(logProb, 'log_prob', 'float32', ['batch']);
}

/**
 * Writes the codes of rows into the graph: the same inputs, and the outputs `mean` and `log_variance`, float32
 * [batch, latent], natural logarithms; NaN for a row that holds something the fit never saw.
 */
export function writeEncoderGraph(builder: GraphBuilder, codec: TableCodec, coder: TableCoder): void {
  const { outputs, unseen } = traceColumns(builder, codec, 'encoder', (batch) => {
    const { mean, logVariance } = coder.encode(batch);
    return [mean, logVariance];
  });
  const never = builder.initializer('float32', [], Float32Array.of(Number.NaN));
  const axis = builder.initializer('int64', [1], BigInt64Array.of(1n));
  const ofRows = builder.node('Unsqueeze', [unseen, axis]);
  ['mean', 'log_variance'].forEach((name, i) => {
    const values = builder.node('Where', [ofRows, never, outputs[i] as string]);
    builder.output(values, name, 'float32', ['batch', coder.codeDim]);
  });
}

/**
 * Writes the critic into the graph: one input a column in its own units, [batch, pac] each, a pack of rows in each line,
 * and the output `score`, float32 [batch, 1], the critic's own value; NaN for a pack with a row that holds something the
 * fit never saw.
 */
export function writeCriticGraph(builder: GraphBuilder, codec: TableCodec, critic: TableCritic): void {
  const { pac, width } = critic;
  const traced = traceColumns(builder, codec, 'critic', (batch) => [critic.features(batch)], pac);
  const sideBySide = (rows: string, columns: number): string =>
    builder.node('Reshape', [
      rows,
      builder.initializer('int64', [2], BigInt64Array.of(-1n, BigInt(columns))),
    ]);
  const [scores] = trace(builder, (packs) => critic.judge(packs as Tensor2D), [
    {
      value: sideBySide(traced.outputs[0] as string, pac * width),
      dtype: 'float32',
      shape: ['batch', pac * width],
    },
  ]);
  const marks = builder.node('Cast', [traced.unseen], { to: dataTypeOf('int32') });
  const unseen = builder.node('Cast', [builder.node('ReduceMax', [sideBySide(marks, pac)], { axes: [1] })], {
    to: dataTypeOf('bool'),
  });
  const never = builder.initializer('float32', [], Float32Array.of(Number.NaN));
  builder.output(builder.node('Where', [unseen, never, scores as string]), 'score', 'float32', ['batch', 1]);
}

/** The trace of a function of encoded rows behind the columns' own inputs. */
function traceColumns(
  builder: GraphBuilder,
  codec: TableCodec,
  role: OnnxMetadata['role'],
  of: (batch: TableBatch) => Tensor[],
  pac: number | null = null,
): { outputs: string[]; unseen: string } {
  const { codes, numbers, unseen } = new ColumnEncoder(builder, codec, role, pac).encode();
  const outputs = trace(
    builder,
    (codesTensor, numbersTensor) =>
      of({ codes: codesTensor as Tensor2D, numbers: numbersTensor as Tensor2D }),
    [
      { value: codes, dtype: 'int32', shape: ['batch', codec.categoricals.length] },
      { value: numbers, dtype: 'float32', shape: ['batch', codec.numerics.length] },
    ],
  );
  return { outputs, unseen };
}
