// Triangular systems of a group (lu_group.h). For kernel files.
#pragma once

#include "interleave.h"
#include "linear_algebra.h"
#include "substitution.h"

namespace pushforward::PF_PATH {

PF_INLINE Walk walk_of(const Triangle& triangle, const float* matrix, size_t n, float* x,
                       size_t columns) {
  const ptrdiff_t across = static_cast<ptrdiff_t>(n * kWidth), along = kWidth;
  Walk walk{matrix, triangle.transpose ? along : across, triangle.transpose ? across : along, x,
            static_cast<ptrdiff_t>(columns * kWidth), triangle.unit_diagonal};
  if (triangle.lower == triangle.transpose) {  // from the last row up
    walk.first += (n * n - 1) * kWidth;
    walk.x += (n - 1) * columns * kWidth;
    walk.row = -walk.row;
    walk.column = -walk.column;
    walk.x_row = -walk.x_row;
  }
  return walk;
}

PF_INLINE size_t group_solve_scratch(size_t n, size_t columns) {
  return n * (n + columns) * kWidth + Group{0, n, n > columns ? n : columns}.scratch();
}

inline void group_solve(const SolveTask& task, float* scratch) {
  const size_t n = task.n, columns = task.columns;
  float* const matrices = scratch;
  float* const x = matrices + n * n * kWidth;
  float* const rest = x + n * columns * kWidth;
  const Group sides{task.batch, n, columns};
  interleave({task.batch, n, n}, task.matrices, nullptr, matrices, rest);
  interleave(sides, task.b, task.order_in, x, rest);
  for (int pass = 0; pass < task.pass_count; ++pass) {
    const Walk walk = walk_of(task.passes[pass], matrices, n, x, columns);
    size_t c = 0;
    for (; c + kBlockColumns <= columns; c += kBlockColumns) {
      substitute<kBlockColumns>(walk, n, walk.x + c * kWidth, OneMatrixALane());
    }
    for (; c < columns; ++c) substitute<1>(walk, n, walk.x + c * kWidth, OneMatrixALane());
  }
  separate(sides, x, task.order_out, task.x, rest);
}

}  // namespace pushforward::PF_PATH
