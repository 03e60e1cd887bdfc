#include "packed_matrix.h"

#include <algorithm>

namespace pushforward {
namespace {

// Steps of one pass over the rows: a panel of the matrix and one of the rows fill a first-level
// cache.
constexpr std::size_t kSteps = 256;
static_assert(kSteps % kStepGroup == 0);

// From so many panels of columns on, the rows are packed, too.
constexpr std::size_t kPanelsWorthPacking = 8;

Scratch& packed_rows() {
  static thread_local Scratch scratch;
  return scratch;
}

std::size_t divide_up(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

}  // namespace

PackedMatrix::PackedMatrix(const float* b, std::size_t inner, std::size_t columns,
                           std::size_t b_row, std::size_t b_step)
    : kernels_(PF_KERNELS(matmul_kernels)), task_{} {
  task_.b = b;
  task_.inner = inner;
  task_.columns = columns;
  task_.b_row = b_row;
  task_.b_step = b_step;
  task_.a_step = 1;
  panels_ = divide_up(columns, kernels_.panel_columns);
  packed_.reserve(panels_ * kernels_.panel_columns * inner);
  for (std::size_t k = 0; k < inner; k += kSteps) {
    kernels_.pack_columns(task_, k, std::min(kSteps, inner - k), 0, panels_,
                          packed_.data() + k * panels_ * kernels_.panel_columns);
  }
}

void PackedMatrix::multiply(const float* a, std::size_t a_row, std::size_t rows, float* c,
                            std::size_t c_row, bool add) const {
  MatMul task = task_;
  task.a = a;
  task.a_row = a_row;
  task.rows = rows;
  task.c = c;
  task.c_row = c_row;
  task.add = add;
  MatMulPart part{};
  part.rows = rows;
  part.last = panels_;
  const std::size_t row_panels = divide_up(rows, kernels_.panel_rows);
  Scratch& scratch = packed_rows();
  if (panels_ >= kPanelsWorthPacking) {
    scratch.reserve(row_panels * kernels_.panel_rows * kSteps);
    part.a = scratch.data();
  }
  for (; part.k < task.inner; part.k += kSteps) {
    part.steps = std::min(kSteps, task.inner - part.k);
    if (part.a != nullptr) {
      kernels_.pack_rows(task, part.k, part.steps, 0, row_panels, scratch.data());
    }
    part.b = packed_.data() + part.k * panels_ * kernels_.panel_columns;
    kernels_.multiply(task, part);
  }
}

}  // namespace pushforward
