#include "packed_matrix.h"

#include <algorithm>

namespace pushforward {
namespace {

Scratch& packed_rows() {
  static thread_local Scratch scratch;
  return scratch;
}

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
  panels_ = (columns + kernels_.panel_columns - 1) / kernels_.panel_columns;
  packed_.reserve(panels_ * kernels_.panel_columns * inner);
  for (std::size_t k = 0; k < inner; k += kInnerBlock) {
    kernels_.pack(task_, k, std::min(kInnerBlock, inner - k), 0, panels_,
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
  const std::size_t whole_panels =
      (rows + kernels_.panel_rows - 1) / kernels_.panel_rows * kernels_.panel_rows;
  Scratch& scratch = packed_rows();
  scratch.reserve(whole_panels * std::min(kInnerBlock, task.inner));
  for (std::size_t k = 0; k < task.inner; k += kInnerBlock) {
    const std::size_t steps = std::min(kInnerBlock, task.inner - k);
    kernels_.multiply(task, k, steps, 0, rows, 0, panels_,
                      packed_.data() + k * panels_ * kernels_.panel_columns, scratch.data());
  }
}

}  // namespace pushforward
