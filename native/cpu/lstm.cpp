#include "packed_matrix.h"
#include "recurrent_cells.h"
#include "recurrent_rows.h"

namespace pushforward {

void lstm_forward(const LstmForward& task) {
  const RecurrentCellKernels& kernels = PF_KERNELS(recurrent_cell_kernels);
  const std::size_t units = task.units, sums = 4 * units;
  const PackedMatrix kernel(task.kernel, task.channels, sums, sums, 1);
  const PackedMatrix recurrent(task.recurrent, units, sums, sums, 1);
  for_each_row_tile(task, 4, [&](const BatchRows& part) {
    const std::size_t rows = part.rows;
    TileMemory memory(rows * (sums + 2 * units));
    float* const own_gates = memory.take(rows * sums);
    float* const own_h = memory.take(rows * units);
    float* const own_c = memory.take(rows * units);
    float* h = part.at(task.slot_before(task.step(0)), task.states_h, units, own_h);
    float* c = part.at(task.slot_before(task.step(0)), task.states_c, units, own_c);
    part.copy_state(part.of(task.initial_h, units), h);
    part.copy_state(part.of(task.initial_c, units), c);
    const RecurrentTile tile{rows, units, task.hard_sigmoid};
    for (std::size_t index = 0; index < task.steps; ++index) {
      const std::size_t step = task.step(index), after = task.slot_after(step);
      float* const gates = part.at(step, task.gates, sums, own_gates);
      copy_rows(task.bias, 0, gates, sums, rows, sums);
      kernel.multiply(part.apart(step, task.x, task.channels), task.steps * task.channels, rows,
                      gates, sums, true);
      recurrent.multiply(h, units, rows, gates, sums, true);
      h = part.at(after, task.states_h, units, own_h);
      const float* const c_before = c;
      c = part.at(after, task.states_c, units, own_c);
      kernels.lstm_forward(tile, gates, c_before, c, h);
      part.write_outputs(step, h, task.outputs);
    }
    part.copy_state(h, part.of(task.h, units));
    part.copy_state(c, part.of(task.c, units));
  });
}

void lstm_backward(const LstmBackward& task) {
  const RecurrentCellKernels& kernels = PF_KERNELS(recurrent_cell_kernels);
  const std::size_t units = task.units, sums = 4 * units;
  const PackedMatrix transposed(task.recurrent, sums, units, 1, sums);
  for_each_row_tile(task, 4, [&](const BatchRows& part) {
    const std::size_t rows = part.rows;
    TileMemory memory(2 * rows * units);
    float* const dh = memory.take(rows * units);
    float* const dc = memory.take(rows * units);
    part.copy_state(part.of(task.dh, units), dh);
    part.copy_state(part.of(task.dc, units), dc);
    const RecurrentTile tile{rows, units, task.hard_sigmoid};
    for (std::size_t index = task.steps; index-- > 0;) {
      const std::size_t step = task.step(index);
      float* const d_gates = part.at(step, task.d_gates, sums);
      part.add_outputs(step, task.d_outputs, dh);
      kernels.lstm_backward(tile, part.at(step, task.gates, sums),
                            part.at(task.slot_after(step), task.states_c, units),
                            part.at(task.slot_before(step), task.states_c, units), dh, dc, d_gates);
      transposed.multiply(d_gates, sums, rows, dh, units, false);
    }
    part.copy_state(dh, part.of(task.d_initial_h, units));
    part.copy_state(dc, part.of(task.d_initial_c, units));
  });
  sum_of_products(task, task.states_h + task.slot_before(0) * task.batch * units, task.d_gates,
                  sums, sums, task.d_recurrent, sums);
}

}  // namespace pushforward
