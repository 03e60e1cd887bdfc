#include "tensor_matmul.h"

#include <algorithm>

#include "pushforward/memory.h"
#include "tensor_layout.h"
#include "tensor_matmul_library.h"

namespace pushforward {
namespace {

// Below so many multiply-adds, about 60 µs of one core, a second thread is not worth waking.
constexpr std::size_t kParallelWork = std::size_t{1} << 22;
// Below so many a library is not called, where the build has one.
constexpr std::size_t kLibraryWork = std::size_t{1} << 15;
// A task of this many takes some µs, what taking one costs is little beside it.
constexpr std::size_t kTaskWork = std::size_t{1} << 18;
// Steps packed at once: a panel of b and one of a fill a first-level cache of 48 KiB.
constexpr std::size_t kMostSteps = 256;
// Rows packed at once for each thread: with their steps, and with the results of a panel, they stay
// in the second-level cache while the panels of b go by.
constexpr std::size_t kMostRows = 144;
// Columns packed at once, with their steps 4 MiB.
constexpr std::size_t kMostColumns = 4096;
// An operand is packed when so many panels of the other read it that the copy pays: a from this
// many panels of b on, b from the second panel of a on.
constexpr std::size_t kPanelsWorthPacking = 8;
// Panels of b that are packed together, so that long runs of it are read.
constexpr std::size_t kAdjacentPanels = 8;
// Floats of one task of packing.
constexpr std::size_t kPackTask = std::size_t{1} << 15;

Scratch& packed_a() {
  static thread_local Scratch scratch;
  return scratch;
}
Scratch& packed_b() {
  static thread_local Scratch scratch;
  return scratch;
}

std::size_t divide_up(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

// The length of equal parts of `whole`, no longer than `most`.
std::size_t even_part(std::size_t whole, std::size_t most) {
  return divide_up(whole, divide_up(whole, std::max<std::size_t>(1, most)));
}

// Panels [first, last) of rows or columns, and where their steps are packed, if they are.
struct Panels {
  std::size_t first, last;
  std::size_t panel_size;
  float* packed;

  std::size_t count() const { return last - first; }
  const float* at(std::size_t panel) const {
    return packed == nullptr ? nullptr : packed + panel * panel_size;
  }
};

// Packs the operands that are given.
void pack(const MatMulKernels& kernels, const MatMul& task, std::size_t k, std::size_t steps,
          const Panels* a, const Panels* b, int slots) {
  const auto at_once = [](const Panels& panels, std::size_t least) {
    return std::max(least, kPackTask / panels.panel_size);
  };
  const auto tasks = [&](const Panels* panels, std::size_t least) {
    return panels == nullptr ? 0 : divide_up(panels->count(), at_once(*panels, least));
  };
  const auto run = [&](auto kernel, const Panels& panels, std::size_t least, std::size_t index) {
    const std::size_t begin = index * at_once(panels, least);
    const std::size_t end = std::min(panels.count(), begin + at_once(panels, least));
    kernel(task, k, steps, panels.first + begin, panels.first + end,
           panels.packed + begin * panels.panel_size);
  };
  const std::size_t tasks_a = tasks(a, 1);
  parallel_for(tasks_a + tasks(b, kAdjacentPanels), slots, [&](std::size_t index, int) {
    if (index < tasks_a) {
      run(kernels.pack_rows, *a, 1, index);
    } else {
      run(kernels.pack_columns, *b, kAdjacentPanels, index - tasks_a);
    }
  });
}

// Cuts a rectangle of c, row panels by column panels, among threads.
void multiply(const MatMulKernels& kernels, const MatMul& task, std::size_t k, std::size_t steps,
              const Panels& a, const Panels& b, int slots) {
  const std::size_t panel_work = kernels.panel_rows * kernels.panel_columns * steps;
  const std::size_t wanted =
      slots == 1 ? 1
                 : std::clamp<std::size_t>(a.count() * b.count() * panel_work / kTaskWork, 1,
                                           8 * static_cast<std::size_t>(slots));
  std::size_t row_groups = divide_up(a.count() * kernels.panel_rows, kMostRows);
  const std::size_t column_groups = std::min(b.count(), divide_up(wanted, row_groups));
  row_groups = std::clamp(divide_up(wanted, column_groups), row_groups, a.count());
  parallel_for(row_groups * column_groups, slots, [&](std::size_t index, int) {
    const std::size_t row_group = index % row_groups, column_group = index / row_groups;
    const std::size_t from = a.count() * row_group / row_groups;
    const std::size_t to = a.count() * (row_group + 1) / row_groups;
    const std::size_t begin = b.count() * column_group / column_groups;
    const std::size_t end = b.count() * (column_group + 1) / column_groups;
    MatMulPart part;
    part.row = (a.first + from) * kernels.panel_rows;
    part.rows = std::min(task.rows, (a.first + to) * kernels.panel_rows) - part.row;
    part.first = b.first + begin;
    part.last = b.first + end;
    part.k = k;
    part.steps = steps;
    part.a = a.at(from);
    part.b = b.at(begin);
    kernels.multiply(task, part);
  });
}

void multiply_one(const MatMulKernels& kernels, const MatMul& task, int slots) {
  const std::size_t row_panels = divide_up(task.rows, kernels.panel_rows);
  const std::size_t column_panels = divide_up(task.columns, kernels.panel_columns);
  const bool packs_a = column_panels >= kPanelsWorthPacking;
  const bool packs_b = task.b_step != 1 || row_panels > 1 || task.subtract;
  const std::size_t most_steps =
      divide_up(even_part(task.inner, kMostSteps), kStepGroup) * kStepGroup;
  const std::size_t a_size = kernels.panel_rows * most_steps;
  const std::size_t b_size = kernels.panel_columns * most_steps;
  const std::size_t tall =
      even_part(row_panels, kMostRows * static_cast<std::size_t>(slots) / kernels.panel_rows);
  const std::size_t wide = even_part(column_panels, kMostColumns / kernels.panel_columns);
  if (packs_a) packed_a().reserve(tall * a_size);
  if (packs_b) packed_b().reserve(wide * b_size);
  Panels a{0, 0, 0, packs_a ? packed_a().data() : nullptr};
  Panels b{0, 0, 0, packs_b ? packed_b().data() : nullptr};
  for (std::size_t k = 0; k < task.inner; k += most_steps) {
    const std::size_t steps = std::min(most_steps, task.inner - k);
    a.panel_size = kernels.panel_rows * divide_up(steps, kStepGroup) * kStepGroup;
    b.panel_size = kernels.panel_columns * steps;
    for (b.first = 0; b.first < column_panels; b.first = b.last) {
      b.last = std::min(column_panels, b.first + wide);
      for (a.first = 0; a.first < row_panels; a.first = a.last) {
        a.last = std::min(row_panels, a.first + tall);
        pack(kernels, task, k, steps, packs_a ? &a : nullptr,
             packs_b && a.first == 0 ? &b : nullptr, slots);
        multiply(kernels, task, k, steps, a, b, slots);
      }
    }
  }
}

// Bias and activation of a product that a library has computed.
void finish_all(const MatMulKernels& kernels, const MatMul& task, int slots) {
  if (task.bias == nullptr && task.finish == MatMulFinish::kNone) return;
  const std::size_t at_once = divide_up(kElementsPerTask, task.columns);
  parallel_for(divide_up(task.rows, at_once), slots, [&](std::size_t index, int) {
    const std::size_t row = index * at_once;
    kernels.finish(task, row, std::min(at_once, task.rows - row));
  });
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
    const int slots = large ? thread_count() : 1;
    // Small products do not pay for the call, and many at once have the threads already.
    if (!many && work >= kLibraryWork && library_multiply(one)) {
      finish_all(kernels, one, slots);
    } else {
      multiply_one(kernels, one, slots);
    }
  });
}

}  // namespace pushforward
