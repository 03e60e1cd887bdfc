// A panel is factored column by column in a copy that holds columns as rows, so that a vector is
// part of a column: the search of the pivot, the quotients and the updates all run along it.
#include "lu_blocked.h"

#include "substitution.h"
#include "tensor_transpose.h"

namespace pushforward::PF_PATH {
namespace {

// Columns are walked in whole vectors, beyond their end too.
size_t column_stride(size_t rows) { return (rows + 2 * kWidth - 1) / kWidth * kWidth + kWidth; }

size_t panel_scratch(size_t rows) { return kBlockedPanel * column_stride(rows); }

// The place of the largest number in [from, end), the first of equals; NaN counts as 0, and where
// all are 0 it is `from`.
size_t largest(const float* column, size_t from, size_t end) {
  Float best = broadcast(0.0f);
  for (size_t i = from; i < end; i += kWidth) {
    const size_t left = end - i;
    const Float value =
        left < size_t(kWidth) ? load_partial(column + i, int(left)) : load(column + i);
    best = max(abs(value), best);
  }
  const float magnitude = reduce_max(best);
  if (magnitude == 0.0f) return from;
  size_t i = from;
  while (i + kWidth <= end && !any(abs(load(column + i)) == broadcast(magnitude))) i += kWidth;
  while (__builtin_fabsf(column[i]) != magnitude) ++i;
  return i;
}

void factor_panel(float* a, size_t a_row, size_t rows, size_t columns, int32_t* exchanged,
                  float* scratch) {
  const size_t stride = column_stride(rows);
  transpose_rectangle(a, a_row, rows, columns, scratch, stride);
  for (size_t c = 0; c < columns; ++c) {
    float* const column = scratch + c * stride;
    for (size_t i = rows; i < stride; ++i) column[i] = 0.0f;
  }
  for (size_t c = 0; c < columns; ++c) {
    float* const column = scratch + c * stride;
    const size_t pivot_row = largest(column, c, rows);
    exchanged[c] = static_cast<int32_t>(pivot_row);
    Float u[kBlockedPanel];
    for (size_t q = 0; q < columns; ++q) {
      float* const other = scratch + q * stride;
      const float chosen = other[pivot_row];
      other[pivot_row] = other[c];
      other[c] = chosen;
      u[q] = broadcast(chosen);
    }
    // Under a pivot of 0 there are zeros and NaN, which stay what they are.
    const Float divisor = column[c] == 0.0f ? broadcast(1.0f) : u[c];
    for (size_t i = c + 1; i < rows; i += kWidth) {
      const Float multiplier = load(column + i) / divisor;
      store(column + i, multiplier);
      for (size_t q = c + 1; q < columns; ++q) {
        float* const to = scratch + q * stride + i;
        store(to, fnma(multiplier, u[q], load(to)));
      }
    }
  }
  transpose_rectangle(scratch, stride, columns, rows, a, a_row);
}

void substitute_sides(const float* t, size_t row, size_t column, size_t n, bool is_lower,
                      bool unit_diagonal, float* x, size_t x_row, size_t columns) {
  Walk walk{t, static_cast<ptrdiff_t>(row),   static_cast<ptrdiff_t>(column),
            x, static_cast<ptrdiff_t>(x_row), unit_diagonal};
  if (!is_lower) {
    walk.first += (n - 1) * (row + column);
    walk.x += (n - 1) * x_row;
    walk.row = -walk.row;
    walk.column = -walk.column;
    walk.x_row = -walk.x_row;
  }
  constexpr size_t kBlock = kBlockColumns * kWidth;
  size_t c = 0;
  for (; c + kBlock <= columns; c += kBlock) {
    substitute<kBlockColumns>(walk, n, walk.x + c, OneSideALane());
  }
  for (; c + kWidth <= columns; c += kWidth) substitute<1>(walk, n, walk.x + c, OneSideALane());
  if (c < columns) substitute<1>(walk, n, walk.x + c, LastSides{static_cast<int>(columns - c)});
}

}  // namespace

const LuBlockedKernels lu_blocked_kernels = {panel_scratch, factor_panel, substitute_sides};

}  // namespace pushforward::PF_PATH
