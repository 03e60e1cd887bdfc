#include "packed_matrix.h"
#include "recurrent_cells.h"
#include "recurrent_rows.h"

namespace pushforward {

void gru_forward(const GruForward& task) {
  const RecurrentCellKernels& kernels = PF_KERNELS(recurrent_cell_kernels);
  const std::size_t units = task.units, sums = 3 * units, both = 2 * units, row = task.row();
  const std::size_t bias_at = task.channels, h_at = bias_at + 1;
  const bool after = task.recurrent_bias != nullptr;
  Stack of_inputs(sums), of_state(sums);
  of_inputs.put(task.kernel, task.channels).put(task.bias, 1);
  if (after) of_state.put(task.recurrent_bias, 1);
  of_state.put(task.recurrent, units);
  const PackedMatrix inputs(of_inputs.data(), h_at, sums, sums, 1);
  // Reset before the product, the candidate's share of the weights waits for the other two gates.
  const PackedMatrix state(of_state.data(), after ? units + 1 : units, after ? sums : both, sums,
                           1);
  const PackedMatrix candidate(task.recurrent + both, units, units, sums, 1);
  for_each_row_tile(task, 3, [&](const BatchRows& part) {
    TileMemory memory(part.rows * (2 * sums + row + units));
    float* const own_gates = memory.take(part.rows * sums);
    float* const from_state = memory.take(part.rows * sums);
    float* const own_rows = memory.take(part.rows * row);
    float* const own_inner = memory.take(part.rows * units);
    float* rows = part.at(task.slot_before(task.step(0)), task.rows, row, own_rows);
    copy_rows(part.of(task.initial_h, units), units, rows + h_at, row, part.rows, units);
    const RecurrentTile tile{part.rows, units, row, task.hard_sigmoid};
    for (std::size_t index = 0; index < task.steps; ++index) {
      const std::size_t step = task.step(index);
      float* const gates = part.at(step, task.gates, sums, own_gates);
      float* const inner = part.at(step, task.inner, units, own_inner);
      part.read_inputs(step, task.x, rows);
      inputs.multiply(rows, row, part.rows, gates, sums, false);
      state.multiply(rows + (after ? bias_at : h_at), row, part.rows, from_state, sums, false);
      if (after) {
        copy_rows(from_state + both, sums, inner, units, part.rows, units);
        kernels.gru_reset(tile, gates, from_state, inner, units, from_state + both, sums);
      } else {
        kernels.gru_reset(tile, gates, from_state, rows + h_at, row, inner, units);
        candidate.multiply(inner, units, part.rows, from_state + both, sums, false);
      }
      const float* const h_before = rows + h_at;
      rows = part.at(task.slot_after(step), task.rows, row, own_rows);
      kernels.gru_candidate(tile, gates, from_state, h_before, rows + h_at);
      part.write_outputs(step, rows + h_at, task.outputs);
    }
    copy_rows(rows + h_at, row, part.of(task.h, units), units, part.rows, units);
  });
}

void gru_backward(const GruBackward& task) {
  const RecurrentCellKernels& kernels = PF_KERNELS(recurrent_cell_kernels);
  const std::size_t units = task.units, sums = 3 * units, both = 2 * units, row = task.row();
  const std::size_t bias_at = task.channels, h_at = bias_at + 1;
  const bool after = task.d_recurrent_bias != nullptr;
  const PackedMatrix transposed(task.recurrent, after ? sums : both, units, 1, sums);
  const PackedMatrix candidate(task.recurrent + both, units, units, 1, sums);
  // Of what the state says to the gates, where that is not the same.
  Scratch own_d_state;
  if (after) own_d_state.reserve(task.steps * task.batch * sums);
  for_each_row_tile(task, 3, [&](const BatchRows& part) {
    TileMemory memory(2 * part.rows * units);
    float* const dh = memory.take(part.rows * units);
    float* const d_inner = memory.take(part.rows * units);
    std::copy_n(part.of(task.dh, units), part.rows * units, dh);
    const RecurrentTile tile{part.rows, units, row, task.hard_sigmoid};
    for (std::size_t index = task.steps; index-- > 0;) {
      const std::size_t step = task.step(index);
      const float* const gates = part.at(step, task.gates, sums);
      const float* const h_before = part.at(task.slot_before(step), task.rows, row) + h_at;
      float* const d_gates = part.at(step, task.d_gates, sums);
      const float* d_state = d_gates;
      part.add_outputs(step, task.d_outputs, dh);
      kernels.gru_candidate_backward(tile, gates, h_before, dh, d_gates);
      if (after) {
        kernels.gru_reset_backward(tile, gates, part.at(step, task.inner, units), units,
                                   d_gates + both, sums, d_gates, d_inner, false);
        float* const own = part.at(step, own_d_state.data(), sums);
        copy_rows(d_gates, sums, own, sums, part.rows, both);
        copy_rows(d_inner, units, own + both, sums, part.rows, units);
        d_state = own;
      } else {
        candidate.multiply(d_gates + both, sums, part.rows, d_inner, units, false);
        kernels.gru_reset_backward(tile, gates, h_before, row, d_inner, units, d_gates, dh, true);
      }
      transposed.multiply(d_state, sums, part.rows, dh, units, true);
    }
    std::copy_n(dh, part.rows * units, part.of(task.d_initial_h, units));
  });
  const float* const rows = task.rows + task.slot_before(0) * task.batch * row;
  Scratch all;
  all.reserve(std::max(h_at, units + 1) * sums);
  sum_of_products(task, rows, row, h_at, task.d_gates, sums, sums, all.data(), sums);
  std::copy_n(all.data(), task.channels * sums, task.d_kernel);
  std::copy_n(all.data() + bias_at * sums, sums, task.d_bias);
  if (after) {
    sum_of_products(task, rows + bias_at, row, units + 1, own_d_state.data(), sums, sums,
                    all.data(), sums);
    std::copy_n(all.data(), sums, task.d_recurrent_bias);
    std::copy_n(all.data() + sums, units * sums, task.d_recurrent);
  } else {
    sum_of_products(task, rows + h_at, row, units, task.d_gates, sums, both, task.d_recurrent,
                    sums);
    sum_of_products(task, task.inner, units, units, task.d_gates + both, sums, units,
                    task.d_recurrent + both, sums);
  }
}

}  // namespace pushforward
