// The block of panel_rows x panel_columns results stays in registers over a block of steps; each
// step loads panel_columns elements of b from its packed panel and broadcasts one element of each
// row of a. The packed panel (kInnerBlock x panel_columns) stays in the first-level cache while the
// rows of a go by.
#include "tensor_functions.h"
#include "tensor_matmul.h"
#include "tensor_transpose.h"

namespace pushforward::PF_PATH {
namespace {

// Accumulators, the vectors of one step and a broadcast fit the registers.
constexpr int kPanelVectors = 2;
constexpr int kPanelRows = kRegisters == 32 ? 12 : 6;
constexpr size_t kPanelColumns = kPanelVectors * kWidth;

// Where the operands of a block are read: a packed as [steps][kPanelRows] or in place, b packed as
// [steps][kPanelColumns] or in place; and where its results lie.
struct Place {
  const float* a;
  size_t a_row, a_step;
  const float* b;
  size_t b_row;
  float* c;
  size_t c_row;
  size_t steps;
  int columns;  // of the panel that exist
  bool set;     // c is written, not added to
};

// A known_row of 0 is an a_row known only at run time. Panels that are not whole are loaded and
// stored by their columns.
template <int rows, int known_row, int vectors, bool whole>
void block(const Place& at) {
  const size_t a_row = known_row > 0 ? size_t(known_row) : at.a_row;
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
  if (!at.set) {
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
  for (size_t k = 0; k < at.steps; ++k) {
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
    a += at.a_step;
    b += b_row;
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

template <int rows, int known_row>
void block_of(const Place& at) {
  if (at.columns == static_cast<int>(kPanelColumns)) {
    block<rows, known_row, kPanelVectors, true>(at);
  } else if (at.columns > kWidth) {
    block<rows, known_row, kPanelVectors, false>(at);
  } else {
    block<rows, known_row, 1, false>(at);
  }
}

// The last rows, fewer than a panel has: eight, four, two and one of them.
template <int rows, int known_row>
void last_rows(Place at, size_t count) {
  if constexpr (rows > 0) {
    if (count >= rows) {
      block_of<rows, known_row>(at);
      at.a += rows * at.a_row;
      at.c += rows * at.c_row;
      count -= rows;
    }
    last_rows<rows / 2, known_row>(at, count);
  }
}

template <int known_row>
void panel(const Place& at, size_t count) {
  if (count >= kPanelRows) {
    block_of<kPanelRows, known_row>(at);
  } else {
    last_rows<kPanelRows == 12 ? 8 : 4, known_row>(at, count);
  }
}

template <typename Function>
void apply(const MatMul& task, float* c, size_t rows, size_t columns, const float* bias) {
  const Float alpha = broadcast(task.alpha);
  for (size_t i = 0; i < rows; ++i, c += task.c_row) {
    for (size_t j = 0; j < columns; j += kWidth) {
      const int lanes = columns - j < size_t(kWidth) ? static_cast<int>(columns - j) : kWidth;
      Float value = load_partial(c + j, lanes);
      if (bias != nullptr) value = value + load_partial(bias + j, lanes);
      store_partial(c + j, Function::apply(value, alpha, alpha), lanes);
    }
  }
}

struct Same {
  static PF_INLINE Float apply(Float x, Float, Float) { return x; }
};

void finish(const MatMul& task, float* c, size_t rows, size_t columns, const float* bias) {
  switch (task.finish) {
    case MatMulFinish::kNone:
      if (bias != nullptr) apply<Same>(task, c, rows, columns, bias);
      return;
    case MatMulFinish::kRelu:
      return apply<Relu>(task, c, rows, columns, bias);
    case MatMulFinish::kRelu6:
      return apply<Relu6>(task, c, rows, columns, bias);
    case MatMulFinish::kElu:
      return apply<Elu>(task, c, rows, columns, bias);
    case MatMulFinish::kLeakyRelu:
      return apply<LeakyRelu>(task, c, rows, columns, bias);
    case MatMulFinish::kSigmoid:
      return apply<Sigmoid>(task, c, rows, columns, bias);
  }
}

PF_INLINE size_t least(size_t a, size_t b) { return a < b ? a : b; }

void pack_panel(const MatMul& task, size_t k, size_t steps, size_t panel, float* packed) {
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
  for (size_t i = 0; i < steps; ++i) {
    float* to = packed + i * kPanelColumns;
    const float* row = from + i * task.b_row;
    if (columns == kPanelColumns) {
      for (int v = 0; v < kPanelVectors; ++v) store(to + v * kWidth, load(row + v * kWidth));
    } else {
      for (size_t c = 0; c < columns; ++c) to[c] = row[c];
    }
  }
}

void pack(const MatMul& task, size_t k, size_t steps, size_t first, size_t last, float* packed) {
  for (size_t p = first; p < last; ++p, packed += steps * kPanelColumns) {
    pack_panel(task, k, steps, p, packed);
    if (!task.subtract) continue;
    for (size_t i = 0; i < steps * kPanelColumns; i += kWidth) {
      store(packed + i, broadcast(0.0f) - load(packed + i));
    }
  }
}

// a is packed when so many panels of b read it that the copy pays.
constexpr size_t kPanelsWorthPacking = 8;

void multiply(const MatMul& task, size_t k, size_t steps, size_t row, size_t rows, size_t first,
              size_t last, const float* packed, float* scratch) {
  const bool copy = last - first >= kPanelsWorthPacking;
  const float* a = task.a + row * task.a_row + k * task.a_step;
  if (copy) {
    for (size_t i = 0; i < rows; i += kPanelRows) {
      float* to = scratch + i * steps;
      const size_t count = least(kPanelRows, rows - i);
      if (task.a_step == 1) {
        transpose_rectangle(a + i * task.a_row, task.a_row, count, steps, to, kPanelRows);
      } else {
        for (size_t s = 0; s < steps; ++s) {
          for (size_t r = 0; r < count; ++r) {
            to[s * kPanelRows + r] = a[(i + r) * task.a_row + s * task.a_step];
          }
        }
      }
    }
  }
  Place at;
  at.steps = steps;
  at.set = k == 0 && !task.subtract && !task.add;
  at.c_row = task.c_row;
  for (size_t p = first; p < last; ++p) {
    const size_t j = p * kPanelColumns;
    at.columns = static_cast<int>(least(kPanelColumns, task.columns - j));
    at.b = packed == nullptr ? task.b + k * task.b_row + j
                             : packed + (p - first) * steps * kPanelColumns;
    at.b_row = packed == nullptr ? task.b_row : kPanelColumns;
    float* const c = task.c + row * task.c_row + j;
    for (size_t i = 0; i < rows; i += kPanelRows) {
      const size_t count = least(kPanelRows, rows - i);
      at.c = c + i * task.c_row;
      at.a = copy ? scratch + i * steps : a + i * task.a_row;
      at.a_row = copy ? 1 : task.a_row;
      at.a_step = copy ? kPanelRows : task.a_step;
      if (at.a_row == 1) {
        panel<1>(at, count);
      } else {
        panel<0>(at, count);
      }
    }
    if (k + steps == task.inner) {
      finish(task, c, rows, at.columns, task.bias == nullptr ? nullptr : task.bias + j);
    }
  }
}

}  // namespace

const MatMulKernels matmul_kernels = {kPanelRows, kPanelColumns, pack, multiply};

}  // namespace pushforward::PF_PATH
