// Between matrices one after the other and matrices entry by entry side by side, one a lane. For
// kernel files.
#pragma once

#include "tensor_transpose.h"

namespace pushforward::PF_PATH {

// Rows that are moved between the two at once, so that what is between stays in the cache.
constexpr size_t kRowsAtOnce = kWidth;

PF_INLINE size_t least(size_t a, size_t b) { return a < b ? a : b; }

PF_INLINE void copy_row(const float* from, size_t length, float* to) {
  size_t j = 0;
  for (; j + kWidth <= length; j += kWidth) store(to + j, load(from + j));
  const int rest = static_cast<int>(length - j);
  if (rest > 0) store_partial(to + j, load_partial(from + j, rest), rest);
}

// Matrices of `rows` rows of `length` entries, `count` of them, one for each lane.
struct Group {
  size_t count, rows, length;
  // The floats of a matrix's piece of kRowsAtOnce rows; a little apart, or the pieces of all lanes
  // would fall on the same few lines of the first-level cache.
  size_t piece() const { return kRowsAtOnce * length + kWidth; }
  size_t scratch() const { return kWidth * piece(); }
};

// Lanes without a matrix become 0. With `order`, [count][rows], row i of a matrix is taken from its
// row order[i].
PF_INLINE void interleave(const Group& group, const float* from, const int32_t* order, float* to,
                          float* scratch) {
  const size_t size = group.rows * group.length;
  if (group.count < size_t(kWidth)) {
    for (size_t i = 0; i < size; ++i) store(to + i * kWidth, broadcast(0.0f));
  }
  if (order == nullptr) {
    transpose_rectangle(from, size, group.count, size, to, kWidth);
    return;
  }
  for (size_t first = 0; first < group.rows; first += kRowsAtOnce) {
    const size_t rows = least(kRowsAtOnce, group.rows - first);
    for (size_t m = 0; m < group.count; ++m) {
      for (size_t i = 0; i < rows; ++i) {
        const size_t row = static_cast<size_t>(order[m * group.rows + first + i]);
        copy_row(from + m * size + row * group.length, group.length,
                 scratch + m * group.piece() + i * group.length);
      }
    }
    transpose_rectangle(scratch, group.piece(), group.count, rows * group.length,
                        to + first * group.length * kWidth, kWidth);
  }
}

// With `order`, row i of a matrix becomes its row order[i].
PF_INLINE void separate(const Group& group, const float* from, const int32_t* order, float* to,
                        float* scratch) {
  const size_t size = group.rows * group.length;
  if (order == nullptr) {
    transpose_rectangle(from, kWidth, size, group.count, to, size);
    return;
  }
  for (size_t first = 0; first < group.rows; first += kRowsAtOnce) {
    const size_t rows = least(kRowsAtOnce, group.rows - first);
    transpose_rectangle(from + first * group.length * kWidth, kWidth, rows * group.length,
                        group.count, scratch, group.piece());
    for (size_t m = 0; m < group.count; ++m) {
      for (size_t i = 0; i < rows; ++i) {
        const size_t row = static_cast<size_t>(order[m * group.rows + first + i]);
        copy_row(scratch + m * group.piece() + i * group.length, group.length,
                 to + m * size + row * group.length);
      }
    }
  }
}

}  // namespace pushforward::PF_PATH
