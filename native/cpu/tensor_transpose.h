// Transposing a rectangle of floats, kWidth x kWidth at a time. For kernel files.
#pragma once

#include "pushforward/simd.h"

namespace pushforward::PF_PATH {

// to[j · to_row + i] = from[i · from_row + j] for i < rows, j < columns.
PF_INLINE void transpose_rectangle(const float* from, size_t from_row, size_t rows, size_t columns,
                                   float* to, size_t to_row) {
  size_t i = 0;
  for (; i + kWidth <= rows; i += kWidth) {
    size_t j = 0;
    for (; j + kWidth <= columns; j += kWidth) {
      transpose_block(from + i * from_row + j, from_row, to + j * to_row + i, to_row);
    }
    for (; j < columns; ++j) {
      for (int r = 0; r < kWidth; ++r) to[j * to_row + i + r] = from[(i + r) * from_row + j];
    }
  }
  for (; i < rows; ++i) {
    for (size_t j = 0; j < columns; ++j) to[j * to_row + i] = from[i * from_row + j];
  }
}

}  // namespace pushforward::PF_PATH
