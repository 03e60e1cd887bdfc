#include "packed_matrix.h"
#include "recurrent_cells.h"
#include "recurrent_rows.h"

namespace pushforward {

void gru_forward(const GruForward& task) {
  const RecurrentCellKernels& kernels = PF_KERNELS(recurrent_cell_kernels);
  const std::size_t units = task.units, columns = 3 * units, both = 2 * units;
  const bool after = task.recurrent_bias != nullptr;
  const PackedMatrix kernel(task.kernel, task.channels, columns, columns, 1);
  // Reset before the product, the candidate's share of the weights waits for the other two gates.
  const PackedMatrix first_product(task.recurrent, units, after ? columns : both, columns, 1);
  const PackedMatrix candidate(task.recurrent + both, units, units, columns, 1);
  for_each_row_tile(task, 3, [&](std::size_t first, std::size_t rows) {
    TileMemory memory(rows * (2 * columns + 2 * units));
    float* const gates = memory.take(rows * columns);
    float* const sums = memory.take(rows * columns);
    float* const h = memory.take(rows * units);
    float* const reset = memory.take(rows * units);
    std::copy_n(task.initial_h + first * units, rows * units, h);
    const RecurrentTile tile{rows, units, task.hard_sigmoid};
    for (std::size_t index = 0; index < task.steps; ++index) {
      const StepRows step{task.steps, first, task.step(index), rows};
      step.write(h, units, units, task.previous);
      copy_rows(task.bias, 0, gates, columns, rows, columns);
      kernel.multiply(step.of(task.x, task.channels), task.steps * task.channels, rows, gates,
                      columns, true);
      if (after) copy_rows(task.recurrent_bias, 0, sums, columns, rows, columns);
      first_product.multiply(h, units, rows, sums, columns, after);
      if (after) {
        step.write(sums + both, columns, units, task.inner);
        kernels.gru_reset(tile, gates, sums, sums + both, columns, sums + both, columns);
      } else {
        kernels.gru_reset(tile, gates, sums, h, units, reset, units);
        step.write(reset, units, units, task.inner);
        candidate.multiply(reset, units, rows, sums + both, columns, false);
      }
      kernels.gru_candidate(tile, gates, sums, h);
      step.write(gates, columns, columns, task.gates);
      step.write(h, units, units, task.outputs);
    }
    std::copy_n(h, rows * units, task.h + first * units);
  });
}

void gru_backward(const GruBackward& task) {
  const RecurrentCellKernels& kernels = PF_KERNELS(recurrent_cell_kernels);
  const std::size_t units = task.units, columns = 3 * units, both = 2 * units;
  const bool after = task.d_recurrent_gates != nullptr;
  const PackedMatrix transposed(task.recurrent, after ? columns : both, units, 1, columns);
  const PackedMatrix candidate(task.recurrent + both, units, units, 1, columns);
  for_each_row_tile(task, 3, [&](std::size_t first, std::size_t rows) {
    TileMemory memory(rows * (2 * columns + 4 * units));
    float* const gates = memory.take(rows * columns);
    float* const d_gates = memory.take(rows * columns);
    float* const h_before = memory.take(rows * units);
    float* const inner = memory.take(rows * units);
    float* const dh = memory.take(rows * units);
    float* const d_inner = memory.take(rows * units);
    std::copy_n(task.dh + first * units, rows * units, dh);
    const RecurrentTile tile{rows, units, task.hard_sigmoid};
    for (std::size_t index = task.steps; index-- > 0;) {
      const StepRows step{task.steps, first, task.step(index), rows};
      step.read(task.gates, columns, gates);
      step.read(task.previous, units, h_before);
      step.add(task.d_outputs, units, dh);
      kernels.gru_candidate_backward(tile, gates, h_before, dh, d_gates);
      if (after) {
        step.read(task.inner, units, inner);
        kernels.gru_reset_backward(tile, gates, inner, d_gates + both, columns, d_gates, d_inner,
                                   false);
        step.write(d_gates, columns, columns, task.d_gates);
        copy_rows(d_inner, units, d_gates + both, columns, rows, units);
        step.write(d_gates, columns, columns, task.d_recurrent_gates);
      } else {
        candidate.multiply(d_gates + both, columns, rows, d_inner, units, false);
        kernels.gru_reset_backward(tile, gates, h_before, d_inner, units, d_gates, dh, true);
        step.write(d_gates, columns, columns, task.d_gates);
      }
      transposed.multiply(d_gates, columns, rows, dh, units, true);
    }
    std::copy_n(dh, rows * units, task.d_initial_h + first * units);
  });
  if (after) {
    sum_of_products(task, task.previous, task.d_recurrent_gates, columns, columns,
                    task.d_recurrent, columns);
  } else {
    sum_of_products(task, task.previous, task.d_gates, columns, both, task.d_recurrent, columns);
    sum_of_products(task, task.inner, task.d_gates + both, columns, units, task.d_recurrent + both,
                    columns);
  }
}

}  // namespace pushforward
