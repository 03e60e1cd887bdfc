// The block of panel_rows x panel_columns results stays in registers over a block of steps; each
// step loads panel_columns elements of b from its packed panel and broadcasts one element of each
// row of a. A block of steps of the panel of b stays in the first-level cache while the panels of a
// go by.
#include "tensor_finish.h"
#include "tensor_matmul.h"
#include "tensor_transpose.h"

namespace pushforward::PF_PATH {
namespace {

// Accumulators, the vectors of one step and a broadcast fit the registers.
constexpr int kPanelVectors = 2;
constexpr int kPanelRows = kRegisters == 32 ? 12 : 6;
constexpr size_t kPanelColumns = kPanelVectors * kWidth;
// Divides a panel's rows.
constexpr int kPackWidth =
    kPanelRows <= kWidth ? kPanelRows : (kPanelRows % kWidth == 0 ? kWidth : 2);

// Where the operands of a block are read, packed or in place, and where its results lie.
struct Place {
  const float* a;
  size_t a_row, a_step;  // of an a that is not in groups
  const float* b;
  size_t b_row;
  float* c;
  size_t c_row;
  size_t steps;
  int columns;  // of the panel that exist
  bool set;     // c is written, not added to
};

// How the rows of a lie: any a_row apart, side by side, or packed in groups of steps.
enum class Rows { kApart, kAdjacent, kGroups };

template <int rows, int vectors, bool whole>
PF_INLINE void step_of(const float* a, size_t a_row, const float* b, const int* lanes,
                       Float (*sum)[vectors]) {
  Float x[vectors];
#pragma GCC unroll 4
  for (int v = 0; v < vectors; ++v) {
    x[v] = whole ? load(b + v * kWidth) : load_partial(b + v * kWidth, lanes[v]);
  }
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i) {
    const Float w = broadcast(a[i * a_row]);
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) sum[i][v] = fma(w, x[v], sum[i][v]);
  }
}

// Panels that are not whole are loaded and stored by their columns.
template <int rows, Rows layout, int vectors, bool whole>
void block(const Place& at) {
  const size_t b_row = at.b_row, c_row = at.c_row;
  float* const c = at.c;
  int lanes[vectors];
#pragma GCC unroll 4
  for (int v = 0; v < vectors; ++v) {
    const int left = at.columns - v * kWidth;
    lanes[v] = left < 0 ? 0 : (left > kWidth ? kWidth : left);
  }
  Float sum[rows][vectors];
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) sum[i][v] = broadcast(0.0f);
  }
  if (at.set) {
    // What is not read before it is written had better be on its way.
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) __builtin_prefetch(c + i * c_row + v * kWidth, 1, 3);
    }
  } else {
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) {
        const float* from = c + i * c_row + v * kWidth;
        sum[i][v] = whole ? load(from) : load_partial(from, lanes[v]);
      }
    }
  }
  const float* a = at.a;
  const float* b = at.b;
  if (layout == Rows::kGroups) {
    for (size_t k = 0; k < at.steps; k += kStepGroup, a += kPanelRows * kStepGroup) {
      const size_t steps = at.steps - k < kStepGroup ? at.steps - k : kStepGroup;
      for (size_t step = 0; step < steps; ++step, b += b_row) {
        step_of<rows, vectors, whole>(a + step, kStepGroup, b, lanes, sum);
      }
    }
  } else {
    const size_t a_row = layout == Rows::kAdjacent ? 1 : at.a_row;
    const size_t a_step = layout == Rows::kAdjacent ? at.a_step : 1;
    for (size_t k = 0; k < at.steps; ++k, a += a_step, b += b_row) {
      step_of<rows, vectors, whole>(a, a_row, b, lanes, sum);
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) {
      float* to = c + i * c_row + v * kWidth;
      if (whole) {
        store(to, sum[i][v]);
      } else {
        store_partial(to, sum[i][v], lanes[v]);
      }
    }
  }
}

template <int rows, Rows layout>
void block_of(const Place& at) {
  if (at.columns == static_cast<int>(kPanelColumns)) {
    block<rows, layout, kPanelVectors, true>(at);
  } else if (at.columns > kWidth) {
    block<rows, layout, kPanelVectors, false>(at);
  } else {
    block<rows, layout, 1, false>(at);
  }
}

// The last rows, fewer than a panel has: eight, four, two and one of them.
template <int rows, Rows layout>
void last_rows(Place at, size_t count) {
  if constexpr (rows > 0) {
    if (count >= rows) {
      block_of<rows, layout>(at);
      at.a += rows * at.a_row;
      at.c += rows * at.c_row;
      count -= rows;
    }
    last_rows<rows / 2, layout>(at, count);
  }
}

template <Rows layout>
void panel(const Place& at, size_t count) {
  if (count >= kPanelRows) {
    block_of<kPanelRows, layout>(at);
  } else {
    last_rows<kPanelRows == 12 ? 8 : 4, layout>(at, count);
  }
}

PF_INLINE size_t least(size_t a, size_t b) { return a < b ? a : b; }

PF_INLINE size_t whole_groups(size_t steps) {
  return (steps + kStepGroup - 1) / kStepGroup * kStepGroup;
}

// Of rows of a that are rows in memory: one at a time, read one address after the other.
void pack_groups(const float* from, size_t from_row, size_t rows, size_t steps, float* packed) {
  for (size_t i = 0; i < rows; ++i, from += from_row, packed += kStepGroup) {
    float* to = packed;
    size_t step = 0;
    for (; step + kStepGroup <= steps; step += kStepGroup, to += kPanelRows * kStepGroup) {
      for (size_t s = 0; s < kStepGroup; s += kWidth) store(to + s, load(from + step + s));
    }
    for (size_t s = 0; step + s < steps; ++s) to[s] = from[step + s];
  }
}

void pack_row_panel(const MatMul& task, size_t k, size_t steps, size_t panel, float* packed) {
  const size_t row = panel * kPanelRows;
  const size_t rows = least(kPanelRows, task.rows - row);
  const float* from = task.a + row * task.a_row + k * task.a_step;
  if (task.a_step == 1) return pack_groups(from, task.a_row, rows, steps, packed);
  for (size_t step = 0; step < steps; ++step, from += task.a_step, packed += kPanelRows) {
    if (rows == kPanelRows) {
      for (int i = 0; i < kPanelRows; i += kPackWidth) {
        store_partial(packed + i, load_partial(from + i, kPackWidth), kPackWidth);
      }
    } else {
      for (size_t i = 0; i < rows; ++i) packed[i] = from[i];
    }
  }
}

void pack_rows(const MatMul& task, size_t k, size_t steps, size_t first, size_t last,
               float* packed) {
  for (size_t p = first; p < last; ++p, packed += whole_groups(steps) * kPanelRows) {
    pack_row_panel(task, k, steps, p, packed);
  }
}

// The last panel, of fewer columns than it has room for, or panels whose columns are rows in
// memory.
void pack_column_panel(const MatMul& task, size_t k, size_t steps, size_t panel, float* packed) {
  const size_t j = panel * kPanelColumns;
  const size_t columns = least(kPanelColumns, task.columns - j);
  const float* from = task.b + k * task.b_row + j * task.b_step;
  if (columns < kPanelColumns) {
    for (size_t i = 0; i < steps * kPanelColumns; i += kWidth) store(packed + i, broadcast(0.0f));
  }
  if (task.b_step != 1) {
    transpose_rectangle(from, task.b_step, columns, steps, packed, kPanelColumns);
    return;
  }
  for (size_t i = 0; i < steps; ++i, from += task.b_row, packed += kPanelColumns) {
    for (size_t c = 0; c < columns; ++c) packed[c] = from[c];
  }
}

void pack_columns(const MatMul& task, size_t k, size_t steps, size_t first, size_t last,
                  float* packed) {
  const size_t size = steps * kPanelColumns;
  const size_t whole = task.b_step == 1 ? least(last, task.columns / kPanelColumns) : first;
  // A step of all panels at a time, so that they are read one address after the other.
  for (size_t i = 0; i < (first < whole ? steps : 0); ++i) {
    const float* row = task.b + (k + i) * task.b_row + first * kPanelColumns;
    float* to = packed + i * kPanelColumns;
    for (size_t p = first; p < whole; ++p, row += kPanelColumns, to += size) {
      for (int v = 0; v < kPanelVectors; ++v) store(to + v * kWidth, load(row + v * kWidth));
    }
  }
  for (size_t p = first < whole ? whole : first; p < last; ++p) {
    pack_column_panel(task, k, steps, p, packed + (p - first) * size);
  }
  if (!task.subtract) return;
  for (size_t i = 0; i < (last - first) * size; i += kWidth) {
    store(packed + i, broadcast(0.0f) - load(packed + i));
  }
}

void multiply(const MatMul& task, const MatMulPart& part) {
  const bool is_row_major = task.a_step == 1;
  const auto of_panel = part.a == nullptr
                            ? (is_row_major ? panel<Rows::kApart> : panel<Rows::kAdjacent>)
                            : (is_row_major ? panel<Rows::kGroups> : panel<Rows::kAdjacent>);
  Place at;
  at.steps = part.steps;
  at.set = part.k == 0 && !task.subtract && !task.add;
  at.a_row = part.a == nullptr ? task.a_row : (is_row_major ? kStepGroup : 1);
  at.a_step = part.a == nullptr ? task.a_step : kPanelRows;
  at.b_row = part.b == nullptr ? task.b_row : kPanelColumns;
  at.c_row = task.c_row;
  const float* const a =
      part.a == nullptr ? task.a + part.row * task.a_row + part.k * task.a_step : part.a;
  const size_t a_panel =
      part.a == nullptr ? kPanelRows * task.a_row : kPanelRows * whole_groups(part.steps);
  for (size_t p = part.first; p < part.last; ++p) {
    const size_t j = p * kPanelColumns;
    at.columns = static_cast<int>(least(kPanelColumns, task.columns - j));
    at.b = part.b == nullptr ? task.b + part.k * task.b_row + j
                             : part.b + (p - part.first) * part.steps * kPanelColumns;
    at.a = a;
    float* const c = task.c + part.row * task.c_row + j;
    for (size_t i = 0; i < part.rows; i += kPanelRows, at.a += a_panel) {
      at.c = c + i * task.c_row;
      of_panel(at, least(kPanelRows, part.rows - i));
    }
    if (part.k + part.steps == task.inner) {
      const float* const bias = task.bias == nullptr ? nullptr : task.bias + j;
      finish_rows(task.finish, c, task.c_row, part.rows, size_t(at.columns), bias, task.alpha,
                  nullptr);
    }
  }
}

void finish(const MatMul& task, size_t row, size_t rows) {
  finish_rows(task.finish, task.c + row * task.c_row, task.c_row, rows, task.columns, task.bias,
              task.alpha, nullptr);
}

}  // namespace

const MatMulKernels matmul_kernels = {kPanelRows,   kPanelColumns, pack_rows,
                                      pack_columns, multiply,      finish};

}  // namespace pushforward::PF_PATH
