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

// Where a is read: packed as [steps][kPanelRows], or in place.
struct Rows {
  const float* a;
  size_t row, step;
};

// `columns` of the panel exist. An a_row of 0 is one known only at run time.
template <int rows, int known_row, bool whole>
void block(Rows at, size_t steps, const float* b, float* c, size_t c_row, int columns, bool set) {
  const size_t a_row = known_row > 0 ? size_t(known_row) : at.row;
  Float sum[rows][kPanelVectors];
  const auto lanes = [&](int v) PF_INLINE_LAMBDA {
    const int left = columns - v * kWidth;
    return left < 0 ? 0 : (left > kWidth ? kWidth : left);
  };
  if (set) {
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 4
      for (int v = 0; v < kPanelVectors; ++v) sum[i][v] = broadcast(0.0f);
    }
  } else {
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 4
      for (int v = 0; v < kPanelVectors; ++v) {
        const float* from = c + i * c_row + v * kWidth;
        sum[i][v] = whole ? load(from) : load_partial(from, lanes(v));
      }
    }
  }
  const float* a = at.a;
  for (size_t k = 0; k < steps; ++k) {
    Float x[kPanelVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kPanelVectors; ++v) x[v] = load(b + v * kWidth);
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i) {
      const Float w = broadcast(a[i * a_row]);
#pragma GCC unroll 4
      for (int v = 0; v < kPanelVectors; ++v) sum[i][v] = fma(w, x[v], sum[i][v]);
    }
    a += at.step;
    b += kPanelColumns;
  }
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 4
    for (int v = 0; v < kPanelVectors; ++v) {
      float* to = c + i * c_row + v * kWidth;
      if (whole) {
        store(to, sum[i][v]);
      } else {
        store_partial(to, sum[i][v], lanes(v));
      }
    }
  }
}

template <int rows, int known_row>
void block_of(Rows at, size_t steps, const float* b, float* c, size_t c_row, int columns,
              bool set) {
  if (columns == static_cast<int>(kPanelColumns)) {
    block<rows, known_row, true>(at, steps, b, c, c_row, columns, set);
  } else {
    block<rows, known_row, false>(at, steps, b, c, c_row, columns, set);
  }
}

// The last rows, fewer than a panel has: eight, four, two and one of them.
template <int rows, int known_row>
void last_rows(Rows at, size_t count, size_t steps, const float* b, float* c, size_t c_row,
               int columns, bool set) {
  if constexpr (rows > 0) {
    if (count >= rows) {
      block_of<rows, known_row>(at, steps, b, c, c_row, columns, set);
      at.a += rows * at.row;
      c += rows * c_row;
      count -= rows;
    }
    last_rows<rows / 2, known_row>(at, count, steps, b, c, c_row, columns, set);
  }
}

template <int known_row>
void panel(Rows at, size_t count, size_t steps, const float* b, float* c, size_t c_row, int columns,
           bool set) {
  if (count >= kPanelRows) {
    block_of<kPanelRows, known_row>(at, steps, b, c, c_row, columns, set);
  } else {
    last_rows<kPanelRows == 12 ? 8 : 4, known_row>(at, count, steps, b, c, c_row, columns, set);
  }
}

template <typename Function>
void apply(const MatMul& task, float* c, size_t rows, size_t columns, const float* bias) {
  const Float alpha = broadcast(task.alpha);
  for (size_t i = 0; i < rows; ++i, c += task.columns) {
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

void pack(const MatMul& task, size_t k, size_t steps, size_t first, size_t last, float* packed) {
  for (size_t p = first; p < last; ++p, packed += steps * kPanelColumns) {
    const size_t j = p * kPanelColumns;
    const size_t columns = least(kPanelColumns, task.columns - j);
    const float* from = task.b + k * task.b_row + j * task.b_step;
    if (columns < kPanelColumns) {
      for (size_t i = 0; i < steps * kPanelColumns; i += kWidth) {
        store(packed + i, broadcast(0.0f));
      }
    }
    if (task.b_step != 1) {
      transpose_rectangle(from, task.b_step, columns, steps, packed, kPanelColumns);
      continue;
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
  for (size_t p = first; p < last; ++p) {
    const size_t j = p * kPanelColumns;
    const int columns = static_cast<int>(least(kPanelColumns, task.columns - j));
    const float* b = packed + (p - first) * steps * kPanelColumns;
    float* const c = task.c + row * task.columns + j;
    for (size_t i = 0; i < rows; i += kPanelRows) {
      float* const to = c + i * task.columns;
      const size_t count = least(kPanelRows, rows - i);
      if (copy) {
        panel<1>({scratch + i * steps, 1, kPanelRows}, count, steps, b, to, task.columns, columns,
                 k == 0);
      } else if (task.a_row == 1) {
        panel<1>({a + i, 1, task.a_step}, count, steps, b, to, task.columns, columns, k == 0);
      } else {
        panel<0>({a + i * task.a_row, task.a_row, task.a_step}, count, steps, b, to, task.columns,
                 columns, k == 0);
      }
    }
    if (k + steps == task.inner) {
      finish(task, c, rows, columns, task.bias == nullptr ? nullptr : task.bias + j);
    }
  }
}

}  // namespace

const MatMulKernels matmul_kernels = {kPanelRows, kPanelColumns, pack, multiply};

}  // namespace pushforward::PF_PATH
