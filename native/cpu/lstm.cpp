#include "packed_matrix.h"
#include "recurrent_cells.h"
#include "recurrent_rows.h"

namespace pushforward {

void lstm_forward(const LstmForward& task) {
  const RecurrentCellKernels& kernels = PF_KERNELS(recurrent_cell_kernels);
  const std::size_t units = task.units, columns = 4 * units;
  const PackedMatrix kernel(task.kernel, task.channels, columns, columns, 1);
  const PackedMatrix recurrent(task.recurrent, units, columns, columns, 1);
  for_each_row_tile(task, 4, [&](std::size_t first, std::size_t rows) {
    TileMemory memory(rows * (columns + 2 * units));
    float* const gates = memory.take(rows * columns);
    float* const h = memory.take(rows * units);
    float* const c = memory.take(rows * units);
    std::copy_n(task.initial_h + first * units, rows * units, h);
    std::copy_n(task.initial_c + first * units, rows * units, c);
    const RecurrentTile tile{rows, units, task.hard_sigmoid};
    for (std::size_t index = 0; index < task.steps; ++index) {
      const StepRows step{task.steps, first, task.step(index), rows};
      step.write(h, units, units, task.previous);
      copy_rows(task.bias, 0, gates, columns, rows, columns);
      kernel.multiply(step.of(task.x, task.channels), task.steps * task.channels, rows, gates,
                      columns, true);
      recurrent.multiply(h, units, rows, gates, columns, true);
      kernels.lstm_forward(tile, gates, c, h);
      step.write(gates, columns, columns, task.gates);
      step.write(c, units, units, task.cells);
      step.write(h, units, units, task.outputs);
    }
    std::copy_n(h, rows * units, task.h + first * units);
    std::copy_n(c, rows * units, task.c + first * units);
  });
}

void lstm_backward(const LstmBackward& task) {
  const RecurrentCellKernels& kernels = PF_KERNELS(recurrent_cell_kernels);
  const std::size_t units = task.units, columns = 4 * units;
  const PackedMatrix transposed(task.recurrent, columns, units, 1, columns);
  for_each_row_tile(task, 4, [&](std::size_t first, std::size_t rows) {
    TileMemory memory(rows * (2 * columns + 4 * units));
    float* const gates = memory.take(rows * columns);
    float* const d_gates = memory.take(rows * columns);
    float* c = memory.take(rows * units);
    float* c_before = memory.take(rows * units);
    float* const dh = memory.take(rows * units);
    float* const dc = memory.take(rows * units);
    std::copy_n(task.dh + first * units, rows * units, dh);
    std::copy_n(task.dc + first * units, rows * units, dc);
    const RecurrentTile tile{rows, units, task.hard_sigmoid};
    for (std::size_t index = task.steps; index-- > 0;) {
      const StepRows step{task.steps, first, task.step(index), rows};
      if (index + 1 == task.steps) step.read(task.cells, units, c);
      if (index == 0) {
        std::copy_n(task.initial_c + first * units, rows * units, c_before);
      } else {
        StepRows{task.steps, first, task.step(index - 1), rows}.read(task.cells, units, c_before);
      }
      step.read(task.gates, columns, gates);
      step.add(task.d_outputs, units, dh);
      kernels.lstm_backward(tile, gates, c, c_before, dh, dc, d_gates);
      step.write(d_gates, columns, columns, task.d_gates);
      transposed.multiply(d_gates, columns, rows, dh, units, false);
      std::swap(c, c_before);
    }
    std::copy_n(dh, rows * units, task.d_initial_h + first * units);
    std::copy_n(dc, rows * units, task.d_initial_c + first * units);
  });
  sum_of_products(task, task.previous, task.d_gates, columns, columns, task.d_recurrent, columns);
}

}  // namespace pushforward
