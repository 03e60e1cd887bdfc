#include "packed_matrix.h"
#include "recurrent_cells.h"
#include "recurrent_rows.h"

namespace pushforward {

void lstm_forward(const LstmForward& task) {
  const RecurrentCellKernels& kernels = PF_KERNELS(recurrent_cell_kernels);
  const std::size_t units = task.units, sums = 4 * units, row = task.row();
  Stack weights(sums);
  weights.put(task.kernel, task.channels).put(task.bias, 1).put(task.recurrent, units);
  const PackedMatrix packed(weights.data(), row, sums, sums, 1);
  for_each_row_tile(task, 4, [&](const BatchRows& part) {
    TileMemory memory(part.rows * (sums + row + units));
    float* const own_gates = memory.take(part.rows * sums);
    float* const own_rows = memory.take(part.rows * row);
    float* const own_c = memory.take(part.rows * units);
    const std::size_t start = task.slot_before(task.step(0)), h_at = task.channels + 1;
    float* rows = part.at(start, task.rows, row, own_rows);
    float* c = part.at(start, task.cells, units, own_c);
    copy_rows(part.of(task.initial_h, units), units, rows + h_at, row, part.rows, units);
    copy_rows(part.of(task.initial_c, units), units, c, units, part.rows, units);
    const RecurrentTile tile{part.rows, units, row, task.hard_sigmoid};
    for (std::size_t index = 0; index < task.steps; ++index) {
      const std::size_t step = task.step(index), after = task.slot_after(step);
      float* const gates = part.at(step, task.gates, sums, own_gates);
      part.read_inputs(step, task.x, rows);
      packed.multiply(rows, row, part.rows, gates, sums, false);
      rows = part.at(after, task.rows, row, own_rows);
      const float* const c_before = c;
      c = part.at(after, task.cells, units, own_c);
      kernels.lstm_forward(tile, gates, c_before, c, rows + h_at);
      part.write_outputs(step, rows + h_at, task.outputs);
    }
    copy_rows(rows + h_at, row, part.of(task.h, units), units, part.rows, units);
    copy_rows(c, units, part.of(task.c, units), units, part.rows, units);
  });
}

void lstm_backward(const LstmBackward& task) {
  const RecurrentCellKernels& kernels = PF_KERNELS(recurrent_cell_kernels);
  const std::size_t units = task.units, sums = 4 * units, row = task.row();
  const PackedMatrix transposed(task.recurrent, sums, units, 1, sums);
  for_each_row_tile(task, 4, [&](const BatchRows& part) {
    TileMemory memory(2 * part.rows * units);
    float* const dh = memory.take(part.rows * units);
    float* const dc = memory.take(part.rows * units);
    std::copy_n(part.of(task.dh, units), part.rows * units, dh);
    std::copy_n(part.of(task.dc, units), part.rows * units, dc);
    const RecurrentTile tile{part.rows, units, row, task.hard_sigmoid};
    for (std::size_t index = task.steps; index-- > 0;) {
      const std::size_t step = task.step(index);
      float* const d_gates = part.at(step, task.d_gates, sums);
      part.add_outputs(step, task.d_outputs, dh);
      kernels.lstm_backward(tile, part.at(step, task.gates, sums),
                            part.at(task.slot_after(step), task.cells, units),
                            part.at(task.slot_before(step), task.cells, units), dh, dc, d_gates);
      transposed.multiply(d_gates, sums, part.rows, dh, units, false);
    }
    std::copy_n(dh, part.rows * units, part.of(task.d_initial_h, units));
    std::copy_n(dc, part.rows * units, part.of(task.d_initial_c, units));
  });
  // One product has the gradients of all weights.
  Scratch all;
  all.reserve(row * sums);
  const float* const rows = task.rows + task.slot_before(0) * task.batch * row;
  sum_of_products(task, rows, row, row, task.d_gates, sums, sums, all.data(), sums);
  const float* const d_bias = all.data() + task.channels * sums;
  std::copy_n(all.data(), task.channels * sums, task.d_kernel);
  std::copy_n(d_bias, sums, task.d_bias);
  std::copy_n(d_bias + sums, units * sums, task.d_recurrent);
}

}  // namespace pushforward
