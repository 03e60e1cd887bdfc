#include "packed_matrix.h"
#include "recurrent_cells.h"
#include "recurrent_rows.h"

namespace pushforward {

void gru_forward(const GruForward& task) {
  const RecurrentCellKernels& kernels = PF_KERNELS(recurrent_cell_kernels);
  const std::size_t units = task.units, sums = 3 * units, both = 2 * units;
  const bool after = task.recurrent_bias != nullptr;
  const PackedMatrix kernel(task.kernel, task.channels, sums, sums, 1);
  // Reset before the product, the candidate's share of the weights waits for the other two gates.
  const PackedMatrix recurrent(task.recurrent, units, after ? sums : both, sums, 1);
  const PackedMatrix candidate(task.recurrent + both, units, units, sums, 1);
  for_each_row_tile(task, 3, [&](const BatchRows& part) {
    const std::size_t rows = part.rows;
    TileMemory memory(2 * rows * (sums + units));
    float* const own_gates = memory.take(rows * sums);
    float* const from_state = memory.take(rows * sums);
    float* const own_h = memory.take(rows * units);
    float* const own_inner = memory.take(rows * units);
    float* h = part.at(task.slot_before(task.step(0)), task.states_h, units, own_h);
    part.copy_state(part.of(task.initial_h, units), h);
    const RecurrentTile tile{rows, units, task.hard_sigmoid};
    for (std::size_t index = 0; index < task.steps; ++index) {
      const std::size_t step = task.step(index);
      float* const gates = part.at(step, task.gates, sums, own_gates);
      float* const inner = part.at(step, task.inner, units, own_inner);
      copy_rows(task.bias, 0, gates, sums, rows, sums);
      kernel.multiply(part.apart(step, task.x, task.channels), task.steps * task.channels, rows,
                      gates, sums, true);
      if (after) copy_rows(task.recurrent_bias, 0, from_state, sums, rows, sums);
      recurrent.multiply(h, units, rows, from_state, sums, after);
      if (after) {
        copy_rows(from_state + both, sums, inner, units, rows, units);
        kernels.gru_reset(tile, gates, from_state, inner, from_state + both, sums);
      } else {
        kernels.gru_reset(tile, gates, from_state, h, inner, units);
        candidate.multiply(inner, units, rows, from_state + both, sums, false);
      }
      const float* const h_before = h;
      h = part.at(task.slot_after(step), task.states_h, units, own_h);
      kernels.gru_candidate(tile, gates, from_state, h_before, h);
      part.write_outputs(step, h, task.outputs);
    }
    part.copy_state(h, part.of(task.h, units));
  });
}

void gru_backward(const GruBackward& task) {
  const RecurrentCellKernels& kernels = PF_KERNELS(recurrent_cell_kernels);
  const std::size_t units = task.units, sums = 3 * units, both = 2 * units;
  const bool after = task.d_recurrent_gates != nullptr;
  const PackedMatrix transposed(task.recurrent, after ? sums : both, units, 1, sums);
  const PackedMatrix candidate(task.recurrent + both, units, units, 1, sums);
  for_each_row_tile(task, 3, [&](const BatchRows& part) {
    const std::size_t rows = part.rows;
    TileMemory memory(2 * rows * units);
    float* const dh = memory.take(rows * units);
    float* const d_inner = memory.take(rows * units);
    part.copy_state(part.of(task.dh, units), dh);
    const RecurrentTile tile{rows, units, task.hard_sigmoid};
    for (std::size_t index = task.steps; index-- > 0;) {
      const std::size_t step = task.step(index);
      const float* const gates = part.at(step, task.gates, sums);
      const float* const h_before = part.at(task.slot_before(step), task.states_h, units);
      float* const d_gates = part.at(step, task.d_gates, sums);
      const float* to_state = d_gates;
      part.add_outputs(step, task.d_outputs, dh);
      kernels.gru_candidate_backward(tile, gates, h_before, dh, d_gates);
      if (after) {
        kernels.gru_reset_backward(tile, gates, part.at(step, task.inner, units), d_gates + both,
                                   sums, d_gates, d_inner, false);
        float* const d_recurrent_gates = part.at(step, task.d_recurrent_gates, sums);
        copy_rows(d_gates, sums, d_recurrent_gates, sums, rows, both);
        copy_rows(d_inner, units, d_recurrent_gates + both, sums, rows, units);
        to_state = d_recurrent_gates;
      } else {
        candidate.multiply(d_gates + both, sums, rows, d_inner, units, false);
        kernels.gru_reset_backward(tile, gates, h_before, d_inner, units, d_gates, dh, true);
      }
      transposed.multiply(to_state, sums, rows, dh, units, true);
    }
    part.copy_state(dh, part.of(task.d_initial_h, units));
  });
  const float* const previous = task.states_h + task.slot_before(0) * task.batch * units;
  if (after) {
    sum_of_products(task, previous, task.d_recurrent_gates, sums, sums, task.d_recurrent, sums);
  } else {
    sum_of_products(task, previous, task.d_gates, sums, both, task.d_recurrent, sums);
    sum_of_products(task, task.inner, task.d_gates + both, sums, units, task.d_recurrent + both,
                    sums);
  }
}

}  // namespace pushforward
