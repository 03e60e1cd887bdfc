#include "tensor_matmul.h"

#include <algorithm>

#include "pushforward/memory.h"
#include "tensor_layout.h"

namespace pushforward {
namespace {

// Below so many multiply-adds, about 60 µs of one core, a second thread is not worth waking.
constexpr std::size_t kParallelWork = std::size_t{1} << 22;
// Floats of b packed at once: 4 MiB.
constexpr std::size_t kMostPacked = std::size_t{1} << 20;
// A task's rows: their packed part of a, 96 rows of kInnerBlock steps, stays in the second-level
// cache.
constexpr std::size_t kTaskRows = 96;

Scratch& packed_b() {
  static thread_local Scratch scratch;
  return scratch;
}
Scratch& packed_a() {
  static thread_local Scratch scratch;
  return scratch;
}

std::size_t divide_up(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

// The panels [first, last) of c over all steps.
void multiply_panels(const MatMulKernels& kernels, const MatMul& task, std::size_t first,
                     std::size_t last, int slots) {
  const std::size_t panels = last - first;
  // Rows and panels are cut so that every thread gets several tasks where there are rows enough.
  const std::size_t row_panels = divide_up(task.rows, kernels.panel_rows);
  const std::size_t wanted = slots > 1 ? 4 * static_cast<std::size_t>(slots) : 1;
  const std::size_t task_panels = std::clamp<std::size_t>(
      row_panels / wanted, 1, std::max<std::size_t>(1, kTaskRows / kernels.panel_rows));
  const std::size_t row_tasks = divide_up(row_panels, task_panels);
  const std::size_t panel_tasks =
      slots > 1 && row_tasks < wanted ? std::min(panels, divide_up(wanted, row_tasks)) : 1;
  const std::size_t per_task = divide_up(panels, panel_tasks);

  // Few rows read b so seldom that packing it would cost more than they do.
  const bool in_place = task.b_step == 1 && row_panels == 1 && !task.subtract;
  Scratch& b = packed_b();
  if (!in_place) b.reserve(panels * kernels.panel_columns * std::min(kInnerBlock, task.inner));
  float* const packed = b.data();
  for (std::size_t k = 0; k < task.inner; k += kInnerBlock) {
    const std::size_t steps = std::min(kInnerBlock, task.inner - k);
    const std::size_t panel_size = steps * kernels.panel_columns;
    const std::size_t pack_panels = std::max<std::size_t>(1, (std::size_t{1} << 15) / panel_size);
    parallel_for(in_place ? 0 : divide_up(panels, pack_panels), slots, [&](std::size_t index, int) {
      const std::size_t begin = index * pack_panels;
      const std::size_t end = std::min(panels, begin + pack_panels);
      kernels.pack(task, k, steps, first + begin, first + end, packed + begin * panel_size);
    });
    parallel_for(row_tasks * divide_up(panels, per_task), slots, [&](std::size_t index, int) {
      const std::size_t begin = index / row_tasks * per_task;
      const std::size_t end = std::min(panels, begin + per_task);
      const std::size_t row = index % row_tasks * task_panels * kernels.panel_rows;
      const std::size_t rows = std::min(task_panels * kernels.panel_rows, task.rows - row);
      Scratch& a = packed_a();
      a.reserve(task_panels * kernels.panel_rows * steps);
      kernels.multiply(task, k, steps, row, rows, first + begin, first + end,
                       in_place ? nullptr : packed + begin * panel_size, a.data());
    });
  }
}

void multiply_one(const MatMulKernels& kernels, const MatMul& task, int slots) {
  const std::size_t panels = divide_up(task.columns, kernels.panel_columns);
  const std::size_t depth = std::min(kInnerBlock, task.inner) * kernels.panel_columns;
  const std::size_t at_once = std::max<std::size_t>(1, kMostPacked / depth);
  for (std::size_t first = 0; first < panels; first += at_once) {
    multiply_panels(kernels, task, first, std::min(panels, first + at_once), slots);
  }
}

}  // namespace

void tensor_matmul(const MatMul& task, const TensorLayout& batches) {
  const MatMulKernels& kernels = PF_KERNELS(matmul_kernels);
  const std::size_t work = task.rows * task.columns * task.inner;
  const std::size_t count = batches.rows() * batches.columns();
  // Small products are shared among threads whole, large ones in parts.
  const bool large = work >= kParallelWork;
  const bool many = !large && count * work >= kParallelWork;
  parallel_for(count, many ? thread_count() : 1, [&](std::size_t index, int) {
    MatMul one = task;
    one.c += index * task.rows * task.c_row;
    std::size_t rest = index;
    for (int i = batches.rank - 1; i >= 0; --i) {
      const std::size_t at = rest % batches.dims[i];
      rest /= batches.dims[i];
      one.a += at * batches.first_steps[i];
      one.b += at * batches.second_steps[i];
    }
    multiply_one(kernels, one, large ? thread_count() : 1);
  });
}

}  // namespace pushforward
