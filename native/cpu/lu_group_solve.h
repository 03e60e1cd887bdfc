// Triangular systems of a group (lu_group.h). For kernel files.
#pragma once

#include "interleave.h"
#include "linear_algebra.h"
#include "substitution.h"

namespace pushforward::PF_PATH {

PF_INLINE Walk walk_of(const Triangle& triangle, const Group& matrices, const float* entries,
                       const Group& sides, float* x) {
  const ptrdiff_t across = static_cast<ptrdiff_t>(matrices.stride() * kWidth), along = kWidth;
  Walk walk{entries,
            triangle.transpose ? along : across,
            triangle.transpose ? across : along,
            x,
            static_cast<ptrdiff_t>(sides.stride() * kWidth),
            triangle.unit_diagonal};
  if (triangle.lower == triangle.transpose) {  // from the last row up
    const ptrdiff_t last = static_cast<ptrdiff_t>(matrices.rows) - 1;
    walk.first += last * (across + along);
    walk.x += last * walk.x_row;
    walk.row = -walk.row;
    walk.column = -walk.column;
    walk.x_row = -walk.x_row;
  }
  return walk;
}

PF_INLINE size_t group_solve_scratch(size_t n, size_t columns) {
  const Group matrices{0, n, n}, sides{0, n, columns};
  return matrices.floats() + sides.floats() + matrices.scratch() + sides.scratch();
}

inline void group_solve(const SolveTask& task, float* scratch) {
  const Group matrices{task.batch, task.n, task.n}, sides{task.batch, task.n, task.columns};
  float* const entries = scratch;
  float* const x = entries + matrices.floats();
  float* const rest = x + sides.floats();
  interleave(matrices, task.matrices, nullptr, entries, rest);
  interleave(sides, task.b, task.order_in, x, rest);
  for (int pass = 0; pass < task.pass_count; ++pass) {
    const Walk walk = walk_of(task.passes[pass], matrices, entries, sides, x);
    size_t c = 0;
    for (; c + kBlockColumns <= task.columns; c += kBlockColumns) {
      substitute<kBlockColumns>(walk, task.n, walk.x + c * kWidth, OneMatrixALane());
    }
    for (; c < task.columns; ++c) {
      substitute<1>(walk, task.n, walk.x + c * kWidth, OneMatrixALane());
    }
  }
  separate(sides, x, task.order_out, task.x, rest);
}

}  // namespace pushforward::PF_PATH
