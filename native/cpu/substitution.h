// Systems of a triangle by substitution. A block of kBlockRows x kBlockColumns vectors of the
// solutions stays in registers while the rows solved before it go by. For kernel files.
#pragma once

#include <stddef.h>

#include "pushforward/simd.h"

namespace pushforward::PF_PATH {

constexpr int kBlockRows = 4;
constexpr int kBlockColumns = kRegisters == 32 ? 4 : 2;

// A triangle walked from the row with one entry on: entry (i, k) lies at i · row + k · column
// floats from `first`, and row i of the solutions at i · x_row from x.
struct Walk {
  const float* first;
  ptrdiff_t row, column;
  float* x;
  ptrdiff_t x_row;
  bool unit_diagonal;
};

// One matrix a lane: an entry is a vector.
struct OneMatrixALane {
  PF_INLINE Float entry(const float* at) const { return load(at); }
  PF_INLINE Float read(const float* at) const { return load(at); }
  PF_INLINE void write(float* at, Float value) const { store(at, value); }
};

// One matrix, one right-hand side a lane.
struct OneSideALane {
  PF_INLINE Float entry(const float* at) const { return broadcast(*at); }
  PF_INLINE Float read(const float* at) const { return load(at); }
  PF_INLINE void write(float* at, Float value) const { store(at, value); }
};

// The same for the last of them, fewer than a vector has lanes.
struct LastSides {
  int lanes;
  PF_INLINE Float entry(const float* at) const { return broadcast(*at); }
  PF_INLINE Float read(const float* at) const { return load_partial(at, lanes); }
  PF_INLINE void write(float* at, Float value) const { store_partial(at, value, lanes); }
};

template <int rows, int columns, typename Lanes>
PF_INLINE void substitute_block(const Walk& walk, ptrdiff_t i, float* x, const Lanes& lanes) {
  Float sum[rows][columns];
#pragma GCC unroll 4
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 4
    for (int c = 0; c < columns; ++c) {
      sum[r][c] = lanes.read(x + (i + r) * walk.x_row + c * kWidth);
    }
  }
  const float* const entries = walk.first + i * walk.row;
  for (ptrdiff_t k = 0; k < i; ++k) {
    Float known[columns];
#pragma GCC unroll 4
    for (int c = 0; c < columns; ++c) known[c] = lanes.read(x + k * walk.x_row + c * kWidth);
#pragma GCC unroll 4
    for (int r = 0; r < rows; ++r) {
      const Float factor = lanes.entry(entries + r * walk.row + k * walk.column);
#pragma GCC unroll 4
      for (int c = 0; c < columns; ++c) sum[r][c] = fnma(factor, known[c], sum[r][c]);
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < rows; ++r) {
    const float* const row = entries + r * walk.row + i * walk.column;
#pragma GCC unroll 4
    for (int q = 0; q < r; ++q) {
      const Float factor = lanes.entry(row + q * walk.column);
#pragma GCC unroll 4
      for (int c = 0; c < columns; ++c) sum[r][c] = fnma(factor, sum[q][c], sum[r][c]);
    }
    if (!walk.unit_diagonal) {
      const Float diagonal = lanes.entry(row + r * walk.column);
#pragma GCC unroll 4
      for (int c = 0; c < columns; ++c) sum[r][c] = sum[r][c] / diagonal;
    }
#pragma GCC unroll 4
    for (int c = 0; c < columns; ++c) {
      lanes.write(x + (i + r) * walk.x_row + c * kWidth, sum[r][c]);
    }
  }
}

// All n rows of `columns` vectors side by side.
template <int columns, typename Lanes>
PF_INLINE void substitute(const Walk& walk, size_t n, float* x, const Lanes& lanes) {
  const ptrdiff_t end = static_cast<ptrdiff_t>(n);
  ptrdiff_t i = 0;
  for (; i + kBlockRows <= end; i += kBlockRows) {
    substitute_block<kBlockRows, columns>(walk, i, x, lanes);
  }
  for (; i < end; ++i) substitute_block<1, columns>(walk, i, x, lanes);
}

}  // namespace pushforward::PF_PATH
