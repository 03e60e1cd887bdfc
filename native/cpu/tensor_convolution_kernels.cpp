// A block of rows x vectors results stays in registers over all runs. Each step loads the vectors
// of b and broadcasts one number of each row of a, which is read where it lies: the rows of a have
// one index in common, so that moving on is one addition for all of them.
#include "tensor_convolution_kernels.h"

#include "tensor_finish.h"
#include "tensor_transpose.h"

namespace pushforward::PF_PATH {
namespace {

constexpr int kMostVectors = kRegisters == 32 ? 4 : 2;
// Accumulators, the vectors of one step and a broadcast fit the registers; the pointers to the rows
// fit those of the integers.
constexpr int rows_of(int vectors) { return vectors == kMostVectors ? 6 : 8; }

template <int rows, int vectors>
void block(const WindowProduct& task, size_t row, size_t count) {
  const float* a[rows];
  float* c[rows];
#pragma GCC unroll 8
  for (int i = 0; i < rows; ++i) {
    // Rows that are missing are computed as the last one, and not stored.
    const size_t at = row + (size_t(i) < count ? size_t(i) : count - 1);
    a[i] = task.a + task.a_offsets[at];
    c[i] = task.c + task.c_offsets[at] + task.panel.column;
  }
  const int lanes = static_cast<int>(task.panel.columns) - (vectors - 1) * kWidth;
  const auto lanes_of = [&](int v) { return v + 1 < vectors ? kWidth : lanes; };
  Float sum[rows][vectors];
  if (task.first) {
    const float* const bias = task.finish.bias;
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) {
      const Float start = bias == nullptr
                              ? broadcast(0.0f)
                              : load_partial(bias + task.panel.column + v * kWidth, lanes_of(v));
#pragma GCC unroll 8
      for (int i = 0; i < rows; ++i) sum[i][v] = start;
    }
  } else {
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) sum[i][v] = load_partial(c[i] + v * kWidth, lanes_of(v));
    }
  }
  const float* b = task.b;
  const size_t a_step = task.a_step;
  for (size_t r = 0; r < task.run_count; ++r) {
    size_t index = task.runs[r].offset;
    for (size_t n = task.runs[r].count; n > 0; --n) {
      Float x[vectors];
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) x[v] = load(b + v * kWidth);
#pragma GCC unroll 8
      for (int i = 0; i < rows; ++i) {
        const Float w = broadcast(a[i][index]);
#pragma GCC unroll 4
        for (int v = 0; v < vectors; ++v) sum[i][v] = fma(w, x[v], sum[i][v]);
      }
      index += a_step;
      b += vectors * kWidth;
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < rows; ++i) {
    if (size_t(i) < count) {
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) store_partial(c[i] + v * kWidth, sum[i][v], lanes_of(v));
    }
  }
}

template <int vectors>
void multiply_panel(const WindowProduct& task) {
  constexpr int rows = rows_of(vectors);
  const ConvolutionFinish& f = task.finish;
  const bool finishes = task.last && f.activation != MatMulFinish::kNone;
  const float* const slopes = f.slopes == nullptr ? nullptr : f.slopes + task.panel.column;
  for (size_t row = 0; row < task.rows; row += rows) {
    const size_t count = task.rows - row < size_t(rows) ? task.rows - row : size_t(rows);
    block<rows, vectors>(task, row, count);
    for (size_t i = 0; finishes && i < count; ++i) {
      finish_rows(f.activation, task.c + task.c_offsets[row + i] + task.panel.column, 0, 1,
                  task.panel.columns, nullptr, f.alpha, slopes);
    }
  }
}

void multiply(const WindowProduct& task) {
  switch (task.panel.vectors) {
    case 1:
      return multiply_panel<1>(task);
    case 2:
      return multiply_panel<2>(task);
#if defined(PF_PATH_avx512)
    case 3:
      return multiply_panel<3>(task);
    case 4:
      return multiply_panel<4>(task);
#endif
  }
}

void pack(const float* from, size_t row, size_t column, size_t steps, const WindowPanel& panel,
          float* to) {
  const size_t room = panel.vectors * kWidth;
  from += panel.column * column;
  if (panel.columns < room) {
    for (size_t i = 0; i < steps * room; i += kWidth) store(to + i, broadcast(0.0f));
  }
  if (column != 1) {
    transpose_rectangle(from, column, panel.columns, steps, to, room);
    return;
  }
  for (size_t s = 0; s < steps; ++s, from += row, to += room) {
    size_t j = 0;
    for (; j + kWidth <= panel.columns; j += kWidth) store(to + j, load(from + j));
    for (; j < panel.columns; ++j) to[j] = from[j];
  }
}

void finish(const ConvolutionFinish& f, float* c, size_t rows, size_t columns) {
  finish_rows(f.activation, c, columns, rows, columns, f.bias, f.alpha, f.slopes);
}

}  // namespace

const ConvolutionKernels convolution_kernels = {size_t(kWidth), size_t(kMostVectors), multiply,
                                                pack, finish};

}  // namespace pushforward::PF_PATH
