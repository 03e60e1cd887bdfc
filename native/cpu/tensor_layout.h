// How two operands of one iteration lie in memory: dimension by dimension, from the outermost, its
// length and how far each operand moves along it. Neighbours that can be walked as one are merged
// before a layout gets here, so most layouts have one or two dimensions.
#pragma once

#include <algorithm>
#include <cstddef>

#include "pushforward/threads.h"
#include "tensor_rows.h"

namespace pushforward {

constexpr int kMaxRank = 16;

struct TensorLayout {
  int rank;  // at least 1
  std::size_t dims[kMaxRank];
  std::size_t first_steps[kMaxRank];
  std::size_t second_steps[kMaxRank];

  std::size_t columns() const { return dims[rank - 1]; }
  // How many times the innermost dimension is walked.
  std::size_t rows() const {
    std::size_t count = 1;
    for (int i = 0; i + 1 < rank; ++i) count *= dims[i];
    return count;
  }
};

// A rectangle of a layout: consecutive steps along the two innermost dimensions.
struct LayoutBlock {
  std::size_t row;  // the number of its first row, counted over all rows of the layout
  std::size_t column;
  std::size_t rows, columns;
  std::size_t first, second;  // where the operands stand
};

// Waking a thread takes about 15 µs. Work on fewer elements than this, 50 to 140 µs of cheap
// operations on one core, is not worth it.
constexpr std::size_t kParallelElements = 1 << 18;
constexpr std::size_t kElementsPerTask = 1 << 14;

// Calls body(block) for rectangles that cover the layout once, none wider than `most_columns`.
// Which they are depends on nothing but the layout; threads share them when there is work enough.
template <typename Body>
void for_each_block(const TensorLayout& layout, std::size_t most_columns, const Body& body) {
  const std::size_t columns = layout.columns(), rows = layout.rows();
  const std::size_t width = std::min(columns, most_columns);
  const std::size_t pieces = (columns + width - 1) / width;
  const std::size_t rows_per_task = std::max<std::size_t>(1, kElementsPerTask / width);
  const std::size_t groups = (rows + rows_per_task - 1) / rows_per_task;
  const int inner = layout.rank - 1;
  const std::size_t run = inner > 0 ? layout.dims[inner - 1] : 1;

  const auto task = [&](std::size_t index, int) {
    const std::size_t column = index % pieces * width;
    std::size_t row = index / pieces * rows_per_task;
    const std::size_t end = std::min(rows, row + rows_per_task);
    while (row < end) {
      LayoutBlock block;
      block.row = row;
      block.column = column;
      block.rows = std::min(end - row, run - row % run);
      block.columns = std::min(width, columns - column);
      block.first = column * layout.first_steps[inner];
      block.second = column * layout.second_steps[inner];
      std::size_t rest = row;
      for (int i = inner - 1; i >= 0; --i) {
        const std::size_t at = rest % layout.dims[i];
        rest /= layout.dims[i];
        block.first += at * layout.first_steps[i];
        block.second += at * layout.second_steps[i];
      }
      body(block);
      row += block.rows;
    }
  };
  const int slots = rows * columns < kParallelElements ? 1 : thread_count();
  parallel_for(groups * pieces, slots, task);
}

// out = kernel(a, b) over a layout of the operands, which within a row move by 1 or stand still;
// out is contiguous.
template <typename T, typename Result>
void run_rows(TypedFunction<T, Result> kernel, const TensorLayout& layout, const T* a, const T* b,
              Result* out) {
  const int inner = layout.rank - 1;
  for_each_block(layout, kElementsPerTask, [&](const LayoutBlock& block) {
    TypedRows<T, Result> rows;
    rows.a = a + block.first;
    rows.b = b + block.second;
    rows.out = out + block.row * layout.columns() + block.column;
    rows.rows = block.rows;
    rows.inner = block.columns;
    rows.a_row_step = inner > 0 ? layout.first_steps[inner - 1] : 0;
    rows.b_row_step = inner > 0 ? layout.second_steps[inner - 1] : 0;
    rows.a_step = layout.first_steps[inner];
    rows.b_step = layout.second_steps[inner];
    kernel(rows);
  });
}

// Calls body(begin, count) for ranges that cover n elements once, on threads from `least` elements
// on.
template <typename Body>
void for_each_range(std::size_t n, std::size_t least, const Body& body) {
  const std::size_t tasks = (n + kElementsPerTask - 1) / kElementsPerTask;
  parallel_for(tasks, n < least ? 1 : thread_count(), [&](std::size_t task, int) {
    const std::size_t begin = task * kElementsPerTask;
    body(begin, std::min(kElementsPerTask, n - begin));
  });
}

}  // namespace pushforward
