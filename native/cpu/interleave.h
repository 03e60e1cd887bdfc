// Between matrices one after the other and matrices entry by entry side by side, one a lane. For
// kernel files.
#pragma once

#include "tensor_transpose.h"

namespace pushforward::PF_PATH {

// Rows that are moved between the two at once, so that what is between stays in the cache.
constexpr size_t kRowsAtOnce = kWidth;

PF_INLINE size_t least(size_t a, size_t b) { return a < b ? a : b; }

// to[i] = from[order[i]] for rows i, or to[order[i]] = from[i].
template <bool to_order>
PF_INLINE void copy_rows(const float* from, const int32_t* order, size_t rows, size_t length,
                         float* to) {
  if (length <= size_t(kWidth)) {
    const int lanes = static_cast<int>(length);
    for (size_t i = 0; i < rows; ++i) {
      const size_t row = static_cast<size_t>(order[i]);
      store_partial(to + (to_order ? row : i) * length,
                    load_partial(from + (to_order ? i : row) * length, lanes), lanes);
    }
    return;
  }
  for (size_t i = 0; i < rows; ++i) {
    const size_t row = static_cast<size_t>(order[i]);
    const float* const source = from + (to_order ? i : row) * length;
    float* const target = to + (to_order ? row : i) * length;
    // The last vector ends where the row does, over the one before it.
    for (size_t j = 0; j + kWidth <= length; j += kWidth) store(target + j, load(source + j));
    store(target + length - kWidth, load(source + length - kWidth));
  }
}

// Matrices of `rows` rows of `length` entries, `count` of them, one for each lane.
struct Group {
  size_t count, rows, length;

  size_t size() const { return rows * length; }
  // Entries from one row to the next where the matrices are side by side. At multiples of 16 the
  // entries of a column would all fall on the same few lines of the first-level cache.
  size_t stride() const { return length % 16 == 0 ? length + 1 : length; }
  // Floats of the matrices side by side.
  size_t floats() const { return rows * stride() * kWidth; }
  // Floats for a matrix's piece of kRowsAtOnce rows; a little apart for the same reason.
  size_t piece() const { return kRowsAtOnce * length + kWidth; }
  size_t scratch() const { return kWidth * piece(); }
};

// Rows from `first` on, side by side, of matrices whose same rows begin at `from` and lie
// `from_step` apart.
PF_INLINE void interleave_rows(const Group& group, const float* from, size_t from_step,
                               size_t first, size_t rows, float* to) {
  to += first * group.stride() * kWidth;
  if (group.stride() == group.length) {
    transpose_rectangle(from, from_step, group.count, rows * group.length, to, kWidth);
    return;
  }
  for (size_t i = 0; i < rows; ++i, from += group.length, to += group.stride() * kWidth) {
    transpose_rectangle(from, from_step, group.count, group.length, to, kWidth);
  }
}

PF_INLINE void separate_rows(const Group& group, const float* from, size_t first, size_t rows,
                             float* to, size_t to_step) {
  from += first * group.stride() * kWidth;
  if (group.stride() == group.length) {
    transpose_rectangle(from, kWidth, rows * group.length, group.count, to, to_step);
    return;
  }
  for (size_t i = 0; i < rows; ++i, from += group.stride() * kWidth, to += group.length) {
    transpose_rectangle(from, kWidth, group.length, group.count, to, to_step);
  }
}

// Lanes without a matrix become 0. With `order`, [count][rows], row i of a matrix is taken from its
// row order[i].
PF_INLINE void interleave(const Group& group, const float* from, const int32_t* order, float* to,
                          float* scratch) {
  if (group.count < size_t(kWidth)) {
    for (size_t i = 0; i < group.floats(); i += kWidth) store(to + i, broadcast(0.0f));
  }
  if (order == nullptr) {
    interleave_rows(group, from, group.size(), 0, group.rows, to);
    return;
  }
  for (size_t first = 0; first < group.rows; first += kRowsAtOnce) {
    const size_t rows = least(kRowsAtOnce, group.rows - first);
    for (size_t m = 0; m < group.count; ++m) {
      copy_rows<false>(from + m * group.size(), order + m * group.rows + first, rows, group.length,
                       scratch + m * group.piece());
    }
    interleave_rows(group, scratch, group.piece(), first, rows, to);
  }
}

// With `order`, row i of a matrix becomes its row order[i].
PF_INLINE void separate(const Group& group, const float* from, const int32_t* order, float* to,
                        float* scratch) {
  if (order == nullptr) {
    separate_rows(group, from, 0, group.rows, to, group.size());
    return;
  }
  for (size_t first = 0; first < group.rows; first += kRowsAtOnce) {
    const size_t rows = least(kRowsAtOnce, group.rows - first);
    separate_rows(group, from, first, rows, scratch, group.piece());
    for (size_t m = 0; m < group.count; ++m) {
      copy_rows<true>(scratch + m * group.piece(), order + m * group.rows + first, rows,
                      group.length, to + m * group.size());
    }
  }
}

}  // namespace pushforward::PF_PATH
